import dataclasses

import msgspec
import numpy as np
import pytest

from models.bundles.bundle import Bundle
from models.calibration.adaptive import Recalibrator
from models.calibration.stream import stream
from models.data.features.price_volume import PRICE_VOLUME
from models.data.labels import FixedReturn, LabelRule, ScaledReturn, TripleBarrier
from models.data.table import BarTable
from models.data.volatility import CLOSES
from models.inference.engine import Engine
from models.inference.served import served_of
from models.training.dataset import collect
from server.feeds.base import BarBatch
from server.market.pending import PendingDecisions
from shared.columns import DECIDED
from shared.contract import Bool, Class, Float64, Int64
from shared.markets import MARKETS
from shared.protocol.rows import unpack_sets
from tests.kit.house import DAY_MS, FULL, RULES, SYMBOLS, House, bars

DAYS = 90
FOLLOWING = 12  # days to come, more than a label or a window spans
LABELS = (FixedReturn(), ScaledReturn(horizon=3), TripleBarrier(horizon=5))
ONE = np.array([0])
LONG = np.array([99])  # bars since an interruption


def path(*closes: float) -> Float64:
    """Return one ticker's newest bars, each flat at its close, and ten still ones before them."""
    whole = (*[closes[0]] * (CLOSES - 1), *closes)
    return np.array([[[close, close, close, close, 1.0] for close in whole]])


def decide(outcomes: PendingDecisions, down: float) -> None:
    """Decide on the newest bar of the one ticker, with a logit that tells which decision it is."""
    logits = np.array([[down, 0, 0]], np.float32)
    outcomes.decide(ONE, logits)


def test_a_decision_is_judged_by_the_bar_that_completes_its_horizon_and_once() -> None:
    outcomes = PendingDecisions(1, FixedReturn(horizon=2))
    assert outcomes.path_length == path(1.0, 1.0, 1.0).shape[1]
    known = []
    for nth, closes in enumerate([(1.0, 1.0, 100.0), (1.0, 100.0, 50.0), (100.0, 50.0, 102.0)]):
        logits, label = outcomes.arrive(ONE, LONG, path(*closes))
        known.append((logits[:, 0].tolist(), label.tolist()))
        if nth == 0:
            decide(outcomes, 7.0)
    assert known == [([], []), ([], []), ([7.0], [Class.UP])]
    assert len(outcomes.arrive(ONE, LONG, path(50.0, 102.0, 102.0))[1]) == 0


def test_each_decision_has_its_own_outcome() -> None:
    outcomes = PendingDecisions(1, FixedReturn(horizon=2))
    closes = (100.0, 101.0, 102.0, 90.0, 102.1)
    known = []
    for nth in range(5):
        newest = (1.0, 1.0, *closes)[nth : nth + 3]
        logits, label = outcomes.arrive(ONE, LONG, path(*newest))
        known += list(zip(logits[:, 0].tolist(), label.tolist(), strict=True))
        decide(outcomes, float(nth))
    assert known == [(0.0, Class.UP), (1.0, Class.DOWN), (2.0, Class.FLAT)]


@pytest.mark.parametrize("interrupted", [1, 2])
def test_what_is_interrupted_on_its_way_is_never_judged(interrupted: int) -> None:
    outcomes = PendingDecisions(1, FixedReturn(horizon=2))
    known = []
    for nth in range(5):
        since = np.array([nth - interrupted + 1 if nth >= interrupted else nth + 1])
        logits, _ = outcomes.arrive(ONE, since, path(1.0, 1.0, 1.0))
        known += logits[:, 0].tolist()
        decide(outcomes, float(nth))
    assert known == [float(nth) for nth in range(interrupted, 3)]


def test_the_volatility_is_that_of_the_decided_bar() -> None:
    for size, expected in ((0.05, Class.FLAT), (0.03, Class.UP)):
        outcomes = PendingDecisions(1, ScaledReturn(horizon=1, width=1.0))
        outcomes.arrive(ONE, LONG, path(1.0, 100.0))
        outcomes.decide(ONE, np.zeros((1, 3), np.float32))
        bars = path(100.0, 104.0)
        bars[0, :CLOSES, 3] = 100 * np.exp(size * (np.arange(CLOSES) % 2))  # +-size: its deviation
        assert outcomes.arrive(ONE, LONG, bars)[1].tolist() == [expected]


def dirty_market(seed: int) -> BarTable:
    """Make bars of three tickers by time: some missing, some refused, with jumps and gaps."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, (DAYS, 3)), axis=0))
    close[rng.integers(FULL, DAYS) :, 0] *= 0.5
    spread = rng.uniform(0, 0.02, (2, DAYS, 3))
    high, low = close * (1 + spread[0]), close * (1 - spread[1])
    ohlcv = np.stack([low, high, low, close, rng.integers(0, 999, close.shape)], axis=2)
    ohlcv[rng.random((DAYS, 3)) < 0.02, :3] = 0.0
    there: Bool = rng.random((DAYS, 3)) > 0.03
    first = rng.integers(FULL, DAYS - 20)
    there[first : first + 18, 1] = False
    day, row = np.nonzero(there)
    return BarTable(
        symbols=SYMBOLS,
        row=row.astype(np.int32),
        bar_ms=(day + 1) * DAY_MS,
        ohlcv=ohlcv[there],
        interval="1d",
        market=MARKETS["krx"],
        repaired={},
    )


def until(table: BarTable, day: int) -> BarTable:
    there = table.bar_ms <= day * DAY_MS
    return dataclasses.replace(
        table, row=table.row[there], bar_ms=table.bar_ms[there], ohlcv=table.ohlcv[there]
    )


def play(house: House, table: BarTable) -> dict[tuple[int, int], tuple[Float64, Bool]]:
    """Play a market day by day; return what was said of each ticker at each time."""
    said = {}
    for ms in np.unique(table.bar_ms).tolist():
        at = table.bar_ms == ms
        rows = table.row[at].astype(np.int64)
        times: Int64 = table.bar_ms[at]
        live = ms > 60 * DAY_MS
        house.run(BarBatch(rows=rows, bar_ms=times, ohlcv=table.ohlcv[at], history=not live))
        state = house.state
        for row in np.flatnonzero((state.flags & DECIDED != 0) & (state.bar_ms == ms)).tolist():
            sets = unpack_sets(state.sets[row : row + 1])[0]
            said[row, ms] = state.probabilities[row].astype(np.float64), sets
    return said


def learning(bundle: Bundle, label: LabelRule) -> Bundle:
    return dataclasses.replace(bundle, card=msgspec.structs.replace(bundle.card, label=label))


@pytest.mark.parametrize("label", LABELS, ids=lambda label: type(label).__name__)
@pytest.mark.parametrize("seed", range(3))
def test_the_server_says_what_the_same_history_says_as_a_stream(
    made_bundle: Bundle, label: LabelRule, seed: int
) -> None:
    bundle, table = learning(made_bundle, label), dirty_market(seed)
    samples, _ = collect(table, RULES, label, PRICE_VOLUME)
    logits = Engine(served_of(bundle)).explain(samples.windows).logits.astype(np.float64)
    recalibrator = Recalibrator(bundle.card.calibration.adaptive)
    expected = stream(recalibrator, logits, samples.decided_ms, samples.target_ms, samples.label)
    said = play(House(bundle), table)
    keys = list(zip(samples.ticker.tolist(), samples.decided_ms.tolist(), strict=True))
    probabilities = np.array([said[key][0] for key in keys])
    np.testing.assert_allclose(probabilities, expected.probabilities, rtol=0, atol=1e-6)
    np.testing.assert_array_equal([said[key][1] for key in keys], expected.sets)
    static = Engine(served_of(bundle)).explain(samples.windows).probabilities
    assert abs(static - probabilities).max() > 1e-3, "nothing was learned"


@pytest.mark.parametrize("label", LABELS, ids=lambda label: type(label).__name__)
@pytest.mark.parametrize(("seed", "cut"), [(3, FULL + 5), (4, 60), (5, DAYS - 10)])
def test_bars_to_come_change_nothing_that_was_said(
    made_bundle: Bundle, label: LabelRule, seed: int, cut: int
) -> None:
    bundle = learning(made_bundle, label)
    table = until(dirty_market(seed), cut + FOLLOWING)
    later = table.bar_ms > cut * DAY_MS
    ohlcv = np.where(later[:, None], table.ohlcv[::-1], table.ohlcv)
    whole = play(House(bundle), table)
    other = play(House(bundle), dataclasses.replace(table, ohlcv=ohlcv))
    for key in (k for k in whole.keys() | other.keys() if k[1] <= cut * DAY_MS):
        np.testing.assert_array_equal(whole[key][0], other[key][0])
        np.testing.assert_array_equal(whole[key][1], other[key][1])


def test_without_recalibration_nothing_is_learned_and_there_are_no_sets(
    made_bundle: Bundle,
) -> None:
    house = House(made_bundle, recalibrate=False)
    said = play(house, dirty_market(1))
    assert house.state.coverage == 0
    assert not any(sets.any() for _, sets in said.values())
    window = house.state.windows.features(np.arange(3))
    full = house.state.windows.full
    static = Engine(served_of(made_bundle)).explain(window).probabilities
    np.testing.assert_array_equal(house.state.probabilities[full], static[full])


def test_a_forming_bar_makes_no_outcome_known(made_bundle: Bundle) -> None:
    house, other = House(made_bundle), House(made_bundle)
    for one in (house, other):
        one.fill((100.0, 200.0, 300.0))
    house.run(bars(FULL + 1, (110.0, 190.0, 330.0), closed=False))
    for one in (house, other):
        one.run(bars(FULL + 1, (101.0, 201.0, 301.0)))
    np.testing.assert_array_equal(house.state.probabilities, other.state.probabilities)
