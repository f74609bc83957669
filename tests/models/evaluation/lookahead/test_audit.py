import datetime
from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from models.bundles.bundle import Bundle
from models.data.bars import Rules
from models.data.features.price_volume import PRICE_VOLUME
from models.data.scaler import Scaler
from models.data.table import BarTable
from models.evaluation.lookahead.audit import STAGES, Audit, Extent, Trial, audit
from models.evaluation.lookahead.checks import LookaheadCheck, Parts
from models.evaluation.lookahead.leaks import Leak, planted
from models.training.dataset import collect, gap_for, split
from shared.contract import Float64
from shared.errors import DataError

DAY_MS = 86_400_000
LEAKS = planted(PRICE_VOLUME, DAY_MS)
EXTENT = Extent(tickers=2, moments=3, poisonings=1, streamed=34)
Tables = Callable[..., BarTable]


@pytest.fixture
def trial(bundle: Bundle, table: Tables) -> Trial:
    return Trial(bundle, table(tickers=3, bars=110), EXTENT, np.random.default_rng(0))


def looking(history: Callable[[Float64], Float64]) -> Parts:
    """The real parts, but for how features are made of a whole history."""
    return Parts(feature_set=replace(PRICE_VOLUME, whole=history))


def named(checks: Sequence[LookaheadCheck]) -> set[str]:
    return {f"{check.part} {check.name}".strip() for check in checks if check.leaks}


def test_the_real_parts_are_clean(trial: Trial) -> None:
    checks = trial.run(Parts(feature_set=PRICE_VOLUME), EXTENT)
    assert named(checks) == set()
    assert all(check.compared > 0 for check in checks)
    assert {check.name for check in checks if check.part == "features"} == set(PRICE_VOLUME.names)
    assert {check.name for check in checks if check.part == "serving"} == set(PRICE_VOLUME.names)


@pytest.mark.parametrize("leak", LEAKS, ids=[leak.name for leak in LEAKS])
def test_a_planted_leak_is_found_and_named(leak: Leak, trial: Trial) -> None:
    found = named(trial.run(leak.parts, EXTENT))
    where = {name for name in found if name.startswith(leak.part)}
    assert where
    if leak.feature:
        assert where == {f"{leak.part} {leak.feature}"}


def test_a_leak_of_one_part_is_not_blamed_on_another(trial: Trial) -> None:
    expected = {
        "a centered average": {"features vs_ma5", "serving vs_ma5", "predictions"},
        "a future scaler": {f"scaler {name}" for name in PRICE_VOLUME.names},
        "a label before its time": {"labels"},
        "an outcome before its time": {"recalibration"},
    }
    for leak in LEAKS:
        if leak.name in expected:
            assert named(trial.run(leak.parts, EXTENT)) == expected[leak.name]


@pytest.mark.parametrize("name", PRICE_VOLUME.names)
def test_whichever_feature_looks_ahead_is_named(name: str, trial: Trial) -> None:
    column = PRICE_VOLUME.names.index(name)

    def history(ohlcv: Float64) -> Float64:
        rows = PRICE_VOLUME.history(ohlcv)
        rows[:-1, column] = rows[1:, column]  # that of the following bar
        return rows

    found = named(trial.run(looking(history), EXTENT))
    assert {part for part in found if part.startswith("features")} == {f"features {name}"}


def test_a_number_that_is_none_on_one_side_leaks(trial: Trial) -> None:
    def history(ohlcv: Float64) -> Float64:
        rows = PRICE_VOLUME.history(ohlcv)
        rows[-1:, 0] = np.nan  # the newest bar's is not known yet
        return rows

    assert "features open_gap" in named(trial.run(looking(history), EXTENT))


def test_a_leak_that_shrinks_with_rounding_is_none(trial: Trial) -> None:
    def history(ohlcv: Float64) -> Float64:
        return PRICE_VOLUME.history(ohlcv) * (1 + 1e-9 * len(ohlcv))

    assert named(trial.run(looking(history), EXTENT)) == set()


def audited(bundle: Bundle, table: BarTable) -> tuple[Audit, int]:
    stages: list[None] = []
    found = audit(bundle, table, EXTENT, lambda: stages.append(None))
    return found, len(stages)


def test_an_audit_tells_what_it_drew_and_that_it_sees(bundle: Bundle, table: Tables) -> None:
    made = table(tickers=5, bars=110)
    found, stages = audited(bundle, made)
    assert stages == STAGES == 1 + len(LEAKS)
    assert (found.leaks, found.blind_to) == ((), ())
    assert len(found.symbols) == EXTENT.tickers
    assert set(found.symbols) < set(made.symbols)
    assert found.fingerprint == made.fingerprint()
    assert not found.own_data
    assert list(found.moments) == sorted(set(found.moments))


def test_the_seed_decides_what_is_cut(bundle: Bundle, table: Tables) -> None:
    made = table(tickers=2, bars=80)
    one, again, other = (
        Trial(bundle, made, EXTENT, np.random.default_rng(seed)).moments for seed in (0, 0, 1)
    )
    assert one == again != other


def fitted(bundle: Bundle, table: BarTable, *, on_all: bool) -> Bundle:
    """The bundle as if it had been trained on the table, or its scaler on all of it."""
    card = bundle.card
    samples, _ = collect(table, Rules(interval_s=86_400, jump_limit=0.31), card.label, PRICE_VOLUME)
    times = np.unique(samples.target_ms)
    until = int(times[50]), int(times[65])
    spans = split(samples, *until, gap_for(card.label))
    windows = samples.windows if on_all else spans.train.windows
    bounds = {
        name: msgspec.structs.replace(
            card.spans.train,
            first=datetime.datetime.fromtimestamp(part.target_ms.min() / 1000, datetime.UTC),
        )
        for name, part in (("validation", spans.validation), ("test", spans.test))
    }
    return replace(
        bundle,
        card=msgspec.structs.replace(
            card,
            scaler=Scaler.fit(windows),
            data=msgspec.structs.replace(card.data, fingerprint=table.fingerprint()),
            spans=msgspec.structs.replace(card.spans, **bounds),
        ),
    )


@pytest.mark.slow
def test_the_cards_scaler_is_fitted_again_on_the_cards_own_data(
    bundle: Bundle, table: Tables
) -> None:
    made = table(tickers=3, bars=110)
    honest, _ = audited(fitted(bundle, made, on_all=False), made)
    assert honest.own_data
    assert honest.leaks == ()
    assert sum(check.part == "card's scaler" for check in honest.checks) == len(PRICE_VOLUME.names)
    leaky, _ = audited(fitted(bundle, made, on_all=True), made)
    assert set(leaky.leaks) == {f"card's scaler {name}" for name in PRICE_VOLUME.names}


def test_bars_of_another_length_and_too_few_bars_are_refused(bundle: Bundle, table: Tables) -> None:
    with pytest.raises(DataError, match="decides on 1d bars, these are 5m"):
        audited(bundle, replace(table(), interval="5m"))
    with pytest.raises(DataError, match="no ticker has 26 bars"):
        audited(bundle, table(bars=25))
    with pytest.raises(DataError, match="too few bars"):
        audited(bundle, table(bars=27))
