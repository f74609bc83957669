from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.bundles.bundle import load_bundle
from models.bundles.recipe import Recipe
from models.calibration.adaptive import AdaptiveState
from models.calibration.static import Calibration, CalibrationKind
from models.data.bars import Rules
from models.data.features.price_volume import PRICE_VOLUME
from models.data.labels import FixedReturn, LabelRule, ScaledReturn, TripleBarrier
from models.data.table import BarTable
from models.data.times import instant
from models.evaluation.metrics.classification import metrics_of
from models.inference.engine import Engine
from models.inference.served import served_of
from models.networks.kinds import NETWORKS
from models.training.dataset import collect, gap_for, split
from models.training.pipeline import make_bundle, unheld
from models.training.plan import Plan
from shared.errors import DataError

Tables = Callable[..., BarTable]
PLAN = Plan(
    name="tiny",
    about="made",
    sources=("a.csv",),
    recipe=Recipe(epochs=2),
    train_until="2020-12-31",
    validate_until="2021-01-31",
)

# As many outcomes to validate on as a calibration needs.
LONG = msgspec.structs.replace(PLAN, calibration="vector", validate_until="2021-03-31")
MANY = {"tickers": 16, "bars": 260}


def test_the_cards_figures_are_those_of_the_engine(table: Tables, tmp_path: Path) -> None:
    bars = table(tickers=3, bars=200)
    card = make_bundle(bars, PLAN, tmp_path, lambda _: None)
    bundle = load_bundle(str(tmp_path))
    assert bundle.card == card
    samples, _ = collect(
        bars, Rules(interval_s=86_400, jump_limit=0.31), FixedReturn(), PRICE_VOLUME
    )
    train, validate = (instant(day, bars.market, last=True) for day in ("2020-12-31", "2021-01-31"))
    test = split(samples, train, validate, gap_for(FixedReturn())).test
    said = Engine(served_of(bundle)).explain(test.windows)
    figures = metrics_of(test.label, said.probabilities.astype(np.float64))
    assert card.test is not None
    assert figures.accuracy == card.test.model.accuracy
    assert figures.mcc == card.test.model.mcc
    assert figures.up_brier == pytest.approx(card.test.model.up_brier, abs=1e-6)


def test_the_card_says_what_was_done(table: Tables, tmp_path: Path) -> None:
    bars = table(tickers=3, bars=200)
    card = make_bundle(bars, PLAN, tmp_path, lambda _: None)
    assert card.data.fingerprint == bars.fingerprint()
    assert (card.data.tickers, card.data.bars) == (3, 600)
    assert (card.market, card.interval) == ("krx", "1d")
    assert (
        card.spans.train.last.isoformat() < "2020-12-31" < card.spans.validation.first.isoformat()
    )
    assert [run.epochs for run in card.training.runs] == [2]
    assert card.network.parameters == 2547
    assert card.test is not None
    assert card.test.majority.mcc == 0.0
    said = card.confidence
    assert said is not None
    assert said.windows == card.spans.validation.samples + card.spans.test.samples


def test_without_dates_the_spans_are_shares_of_time(table: Tables, tmp_path: Path) -> None:
    plan = msgspec.structs.replace(PLAN, train_until="", validate_until="")
    spans = make_bundle(table(tickers=1, bars=225), plan, tmp_path, lambda _: None).spans
    assert spans.train.samples == 141 - 7
    assert spans.validation.samples == 30 - 7
    assert spans.test.samples == 29


def test_dates_outside_of_the_bars_are_refused(table: Tables, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the validation span"):
        make_bundle(table(bars=100), PLAN, tmp_path, lambda _: None)


def test_nobody_looks_at_the_test_span_while_one_chooses(table: Tables, tmp_path: Path) -> None:
    plan = msgspec.structs.replace(PLAN, score_test=False, trials=4)
    bars = table(tickers=3, bars=200)
    card = make_bundle(bars, plan, tmp_path, lambda _: None)
    assert card.test is None
    assert card.confidence is not None
    assert card.confidence.windows == card.spans.validation.samples
    assert card.trials == 4
    assert load_bundle(str(tmp_path)).card == card
    # The rest is as it is when the test is scored.
    scored = make_bundle(bars, PLAN, tmp_path / "scored", lambda _: None)
    assert card.weights_sha256 == scored.weights_sha256
    assert card.calibration == scored.calibration


def test_nothing_of_the_bundle_has_seen_the_test_span(table: Tables, tmp_path: Path) -> None:
    clean, poisoned = table(**MANY), table(**MANY)
    future = poisoned.bar_ms > instant("2021-03-31", poisoned.market, last=True)
    poisoned.ohlcv[future] *= np.random.default_rng(0).uniform(0.8, 1.25, (future.sum(), 1))
    one, two = (
        make_bundle(bars, LONG, tmp_path / name, lambda _: None)
        for name, bars in (("clean", clean), ("poisoned", poisoned))
    )
    assert one.data.fingerprint != two.data.fingerprint
    assert one.test != two.test
    assert one.weights_sha256 == two.weights_sha256
    assert one.scaler == two.scaler
    assert one.calibration == two.calibration
    assert one.calibration.static != Calibration()
    assert one.training == two.training


def test_calibration_is_fitted_on_validation_and_applied_to_the_test(
    table: Tables, tmp_path: Path
) -> None:
    card = make_bundle(table(**MANY), LONG, tmp_path / "vector", lambda _: None)
    raw = make_bundle(
        table(**MANY),
        msgspec.structs.replace(LONG, calibration="none"),
        tmp_path / "none",
        lambda _: None,
    )
    assert card.weights_sha256 == raw.weights_sha256
    assert raw.calibration.static == Calibration()
    assert card.calibration.static != Calibration()
    assert (card.calibration.kind, raw.calibration.kind) == ("vector", "none")
    assert card.calibration.adaptive.moments > 0
    assert card.test is not None
    assert raw.test is not None
    assert card.test.model.up_brier != raw.test.model.up_brier
    assert card.test.adaptive != card.test.model


@pytest.mark.parametrize("kind", ["none", "temperature", "vector"])
def test_a_card_warns_of_a_validation_span_that_says_nothing(
    kind: CalibrationKind, table: Tables, tmp_path: Path
) -> None:
    plan = msgspec.structs.replace(
        PLAN, calibration=kind, train_until="2021-01-20", validate_until="2021-01-30"
    )
    card = make_bundle(table(tickers=1, bars=150), plan, tmp_path, lambda _: None)
    assert card.spans.validation.samples == 3
    assert (card.calibration.kind, card.calibration.static) == ("none", Calibration())
    assert len(card.calibration.warnings) == 2
    assert load_bundle(str(tmp_path)).card == card


@pytest.mark.parametrize(("moments", "told"), [(0, True), (124, True), (125, False)])
def test_sets_are_vouched_for_after_as_many_moments_as_their_bound_asks(
    moments: int, told: bool
) -> None:
    assert bool(unheld(AdaptiveState(moments=moments))) == told


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("label", [ScaledReturn(horizon=3), TripleBarrier(horizon=4)])
def test_every_network_and_rule_becomes_a_bundle_that_serves(
    network: str, label: LabelRule, table: Tables, tmp_path: Path
) -> None:
    recipe = Recipe(epochs=1, ensemble=2)
    plan = msgspec.structs.replace(PLAN, network=network, label=label, recipe=recipe)
    card = make_bundle(table(tickers=2, bars=200), plan, tmp_path, lambda _: None)
    bundle = load_bundle(str(tmp_path))
    assert bundle.card == card
    assert (card.network.kind, card.network.members) == (network, 2)
    assert card.label == label
    assert card.spans.gap_bars == label.horizon + 6
    said = Engine(served_of(bundle)).explain(np.zeros((2, 6, 8), np.float32))
    assert np.isfinite(said.saliency).all()
