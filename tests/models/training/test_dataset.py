from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from models.data.bars import DropReason, Rules
from models.data.features.price_volume import PRICE_VOLUME
from models.data.labels import FixedReturn, TripleBarrier
from models.data.table import BarTable
from models.training.dataset import BarSeries, Samples, clean, collect, gap_for, split
from shared.contract import Float64, Int64
from shared.errors import DataError, PluginError
from tests.kit.feature_sets import a_set

DAY_MS = 86_400_000
RULES = Rules(interval_s=86_400, jump_limit=0.31)
FIRST = 24  # the first bar at which a window is full: 20 to look back, 5 more rows
GAP_BARS = gap_for(FixedReturn())
History = tuple[Int64, Float64]
Walk = Callable[..., History]


def series(history: History, jump: int | None = None, gap: int | None = None) -> BarSeries:
    positions = np.arange(len(history[0]))
    return BarSeries(
        bar_ms=history[0], ohlcv=history[1], jump=positions == jump, gap=positions == gap
    )


def test_a_window_holds_the_features_of_its_six_bars(walk: Walk) -> None:
    made = series(walk(40))
    windows, newest = made.windows(PRICE_VOLUME)
    assert windows.shape == (16, 6, 8)
    assert windows.dtype == np.float32
    assert newest.tolist() == list(range(FIRST, 40))
    rows = PRICE_VOLUME.history(made.ohlcv)  # row i belongs to bar i + 19
    np.testing.assert_array_equal(windows[3], rows[3:9].astype(np.float32))


@pytest.mark.parametrize("bars", [0, 1, FIRST])
def test_too_few_bars_give_no_window(walk: Walk, bars: int) -> None:
    windows, newest = series(walk(bars)).windows(PRICE_VOLUME)
    assert windows.shape == (0, 6, 8)
    assert newest.shape == (0,)


def test_a_jump_begins_the_series_afresh(walk: Walk) -> None:
    _, newest = series(walk(80), jump=40).windows(PRICE_VOLUME)
    assert newest.tolist() == [*range(FIRST, 40), *range(40 + FIRST, 80)]


def test_a_gap_restarts_the_window_alone(walk: Walk) -> None:
    _, newest = series(walk(80), gap=40).windows(PRICE_VOLUME)
    assert newest.tolist() == [*range(FIRST, 40), *range(45, 80)]


def test_clean_cuts_a_split_and_drops_what_cannot_be(walk: Walk) -> None:
    bar_ms, ohlcv = walk(60)
    ohlcv[10] = 0
    ohlcv[30:, :4] /= 5
    made, reasons = clean(bar_ms, ohlcv, RULES)
    assert reasons == {DropReason.ZERO_PRICE: 1, DropReason.JUMP: 1}
    assert np.flatnonzero(made.jump).tolist() == [29]
    assert len(made.bar_ms) == 59


def test_a_label_is_the_move_of_the_bar_after_the_window(table: Callable[..., BarTable]) -> None:
    made = table(tickers=1, bars=27)
    made.ohlcv[:, :4] = 100.0
    made.ohlcv[26, :4] = 101.0  # only the last bar moves
    samples, _ = collect(made, RULES, FixedReturn(), PRICE_VOLUME)
    assert samples.label.tolist() == [1, 2]  # windows that end at bars 24 and 25
    assert samples.target_ms.tolist() == made.bar_ms[25:].tolist()
    assert samples.ordinal.tolist() == [25, 26]


def test_a_label_may_lie_several_bars_ahead(table: Callable[..., BarTable]) -> None:
    made = table(tickers=1, bars=40)
    samples, _ = collect(made, RULES, FixedReturn(horizon=4), PRICE_VOLUME)
    assert samples.ordinal.tolist() == list(range(FIRST + 4, 40))
    np.testing.assert_array_equal(samples.target_ms - samples.decided_ms, 4 * DAY_MS)
    close = made.ohlcv[:, 3]
    np.testing.assert_array_equal(samples.returns, close[FIRST + 4 :] / close[FIRST:-4] - 1)
    np.testing.assert_array_equal(
        samples.delayed, [*(close[FIRST + 5 :] / close[FIRST + 1 : -4] - 1), np.nan]
    )


def test_a_sample_knows_the_volatility_and_the_returns_of_its_bars(
    table: Callable[..., BarTable],
) -> None:
    made = table(tickers=2, bars=60)
    ours, _ = collect(made, RULES, FixedReturn(), PRICE_VOLUME)
    np.testing.assert_array_equal(ours.volatility, ours.windows[:, -1, 7])
    np.testing.assert_array_equal(ours.log_returns, ours.windows[:, :, 3])
    other, _ = collect(made, RULES, FixedReturn(), a_set())
    common = np.isin(other.decided_ms, ours.decided_ms)
    for name in ("volatility", "log_returns", "label", "returns", "ordinal"):
        np.testing.assert_array_equal(getattr(other, name)[common], getattr(ours, name))


def test_a_set_without_numbers_is_named(table: Callable[..., BarTable]) -> None:
    def newest(block: Float64) -> Float64:
        return np.where(block[..., -1:, 3] > 0, np.nan, 0.0) * np.ones(8)

    with pytest.raises(PluginError, match="feature set ages gives no number"):
        collect(table(tickers=1, bars=60), RULES, FixedReturn(), a_set(newest=newest))


def test_a_rule_gets_the_bars_ahead_and_the_volatility_of_its_window(
    table: Callable[..., BarTable],
) -> None:
    made = table(tickers=1, bars=40)
    rule = TripleBarrier(horizon=3, width=0.5)
    samples, _ = collect(made, RULES, rule, PRICE_VOLUME)
    for i, newest in enumerate(range(FIRST, 37)):
        path, volatility = made.ohlcv[None, newest : newest + 4], samples.windows[i, -1, 7]
        expected = rule.classify(path, np.array([volatility], np.float64))
        assert samples.label[i] == expected[0]
    assert set(samples.label.tolist()) == {0, 1, 2}


@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("what", ["jump", "gap"])
def test_what_is_delayed_stops_at_a_cut_or_a_gap(
    what: str, horizon: int, table: Callable[..., BarTable]
) -> None:
    made = table(tickers=1, bars=60)
    if what == "jump":
        made.ohlcv[50:, :4] *= 2
    else:
        made.bar_ms[50:] += 20 * DAY_MS
    samples, _ = collect(made, RULES, FixedReturn(horizon=horizon), PRICE_VOLUME)
    unknown = samples.ordinal[np.isnan(samples.delayed)].tolist()
    assert unknown[0] == 49
    assert all(samples.ordinal[samples.ordinal < 49] != 50)
    assert not {50, *range(50, 50 + horizon)} & set(samples.ordinal.tolist())


def test_samples_are_taken_by_mask_or_by_position(table: Callable[..., BarTable]) -> None:
    samples, _ = collect(table(tickers=1, bars=40), RULES, FixedReturn(), PRICE_VOLUME)
    by_mask = samples.take(samples.ordinal > 30)
    by_position = samples.take(np.flatnonzero(samples.ordinal > 30))
    for field in fields(Samples):
        np.testing.assert_array_equal(
            getattr(by_mask, field.name), getattr(by_position, field.name)
        )
    assert by_mask.ordinal.min() == 31


@pytest.mark.parametrize("what", ["jump", "gap"])
def test_no_label_reaches_across_a_cut_or_a_gap(what: str, table: Callable[..., BarTable]) -> None:
    made = table(tickers=1, bars=40)
    if what == "jump":
        made.ohlcv[30:, :4] *= 2
    else:
        made.bar_ms[30:] += 20 * DAY_MS
    samples, reasons = collect(made, RULES, FixedReturn(), PRICE_VOLUME)
    assert reasons == {DropReason(what): 1}
    assert 30 not in samples.ordinal
    assert {29} <= set(samples.ordinal.tolist())
    further, _ = collect(made, RULES, FixedReturn(horizon=3), PRICE_VOLUME)
    assert not {30, 31, 32} & set(further.ordinal.tolist())
    assert {29} <= set(further.ordinal.tolist())


def test_collect_keeps_tickers_apart(table: Callable[..., BarTable]) -> None:
    together, reasons = collect(table(tickers=3, bars=50), RULES, FixedReturn(), PRICE_VOLUME)
    assert reasons == {}
    assert np.bincount(together.ticker).tolist() == [25, 25, 25]
    made = table(tickers=3, bars=50)
    chosen = made.row == 1
    alone = replace(
        made,
        symbols=("000001",),
        row=np.zeros(50, np.int32),
        bar_ms=made.bar_ms[chosen],
        ohlcv=made.ohlcv[chosen],
    )
    expected, _ = collect(alone, RULES, FixedReturn(), PRICE_VOLUME)
    got = together.take(together.ticker == 1)
    np.testing.assert_array_equal(got.windows, expected.windows)
    np.testing.assert_array_equal(got.label, expected.label)


def test_what_a_reader_repaired_is_counted_too(table: Callable[..., BarTable]) -> None:
    made = replace(table(bars=40), repaired={DropReason.REORDERED: 4})
    assert collect(made, RULES, FixedReturn(), PRICE_VOLUME)[1] == {DropReason.REORDERED: 4}


def test_too_short_a_history_is_refused(table: Callable[..., BarTable]) -> None:
    with pytest.raises(DataError, match="26 bars in a row"):
        collect(table(bars=25), RULES, FixedReturn(), PRICE_VOLUME)


@pytest.fixture
def samples(table: Callable[..., BarTable]) -> Samples:
    made = table(tickers=3, bars=150)
    kept = (made.row != 1) | (np.arange(len(made.row)) % 3 > 0)  # one ticker has holes
    holed = replace(made, row=made.row[kept], bar_ms=made.bar_ms[kept], ohlcv=made.ohlcv[kept])
    return collect(holed, RULES, FixedReturn(), PRICE_VOLUME)[0]


def test_spans_are_in_time_order_with_a_gap_in_every_ticker(samples: Samples) -> None:
    times = np.unique(samples.target_ms)
    spans = split(samples, int(times[60]), int(times[90]), GAP_BARS)
    assert spans.train.target_ms.max() <= times[60] < spans.validation.target_ms.min()
    assert spans.validation.target_ms.max() <= times[90] < spans.test.target_ms.min()
    for earlier, later in ((spans.train, spans.validation), (spans.validation, spans.test)):
        for ticker in range(3):
            last = earlier.ordinal[earlier.ticker == ticker].max()
            first = later.ordinal[later.ticker == ticker].min()
            assert first - last == GAP_BARS + 1
            # So the oldest bar of the first window comes after the last label.
            assert first - 6 > last


def test_the_test_span_is_whole(samples: Samples) -> None:
    times = np.unique(samples.target_ms)
    spans = split(samples, int(times[60]), int(times[90]), GAP_BARS)
    assert len(spans.test.label) == (samples.target_ms > times[90]).sum()


def test_a_ticker_that_ended_gives_no_label_that_came_after_the_next_span_began(
    table: Callable[..., BarTable],
) -> None:
    made = table(tickers=2, bars=150)
    ends = int(np.unique(made.bar_ms)[100])
    kept = (made.row == 1) | (made.bar_ms <= ends)  # the first ticker ends at the boundary
    short = replace(made, row=made.row[kept], bar_ms=made.bar_ms[kept], ohlcv=made.ohlcv[kept])
    rule = FixedReturn(horizon=5)
    samples, _ = collect(short, RULES, rule, PRICE_VOLUME)
    spans = split(samples, ends, ends + 20 * DAY_MS, gap_for(rule))
    assert spans.validation.decided_ms.min() == ends - 4 * DAY_MS
    assert spans.train.target_ms.max() == ends - 4 * DAY_MS
    assert spans.train.ticker[spans.train.target_ms.argmax()] == 0


def test_a_span_without_samples_is_refused(samples: Samples) -> None:
    times = np.unique(samples.target_ms)
    for bounds, name in (((0, 90), "train"), ((60, 60), "validation"), ((60, -1), "test")):
        train, validate = int(times[bounds[0]]) - (bounds[0] == 0), int(times[bounds[1]])
        with pytest.raises(DataError, match=f"the {name} span"):
            split(samples, train, validate, GAP_BARS)
