from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.data.accepted import Accepted
from models.data.bars import DropReason, Rules
from models.data.features.feature_set import FeatureSet
from models.data.features.price_volume import PRICE_VOLUME
from models.data.windows import Windows
from models.training.dataset import BarSeries, clean
from shared.contract import STEPS, WINDOW_SHAPE, Float32, Float64, Int64
from shared.errors import PluginError
from tests.kit.feature_sets import a_set, ages

DAY_MS = 86_400_000
FULL = PRICE_VOLUME.lookback + STEPS - 1  # bars that a full window needs
RULES = Rules(interval_s=86_400, jump_limit=0.31)
# What only a reader of files can say.
BY_READERS = {
    DropReason.REORDERED,
    DropReason.NO_TIME,
    DropReason.UNFINISHED,
    DropReason.OUTSIDE_SESSION,
    DropReason.NO_SESSION,
}
INTRADAY = Rules(interval_s=300, jump_limit=0.31)
KEPT = 200
Stream = dict[tuple[int, int], Float32]


def dirty(
    seed: int, tickers: int, steps: int, step_ms: int, back: tuple[int, ...] = (1,)
) -> tuple[Int64, Float64]:
    """Times (n, t) and bars (n, t, 5) of random walks, in which everything that can happens.

    Some bars come late by a number of steps that `back` holds: they correct one, or nothing.
    """
    rng = np.random.default_rng(seed)
    shape = (tickers, steps)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, shape), axis=1))
    close *= np.cumprod(np.where(rng.random(shape) < 0.01, 0.5, 1.0), axis=1)  # splits
    spread = close[..., None] * np.exp(rng.normal(0, 0.01, (*shape, 3)))  # some ranges too narrow
    volume = np.where(rng.random(shape) < 0.1, 0.0, rng.integers(1, 10_000, shape))
    ohlcv = np.concatenate([spread, close[..., None], volume[..., None]], axis=-1)
    nights = np.where(rng.random(shape) < 0.03, 40 * step_ms, step_ms)
    bar_ms = 1_700_000_000_000 + np.cumsum(nights, axis=1)
    late = rng.random(shape) < 0.05
    bar_ms[late] -= step_ms * rng.choice(back, late.sum())
    spoiled = rng.random((*shape, 5)) < 0.005
    ohlcv[spoiled] = rng.choice([np.nan, np.inf, 0.0, -1.0], spoiled.sum())
    ohlcv[rng.random(shape) < 0.02, :3] = 0  # halts
    ohlcv[:, : rng.integers(0, 30)] = 0  # not listed yet
    twice = np.flatnonzero(rng.random(steps) < 0.02)
    twice = twice[twice > 0]
    bar_ms[:, twice], ohlcv[:, twice] = bar_ms[:, twice - 1], ohlcv[:, twice - 1]
    return bar_ms, ohlcv


def streamed(bar_ms: Int64, ohlcv: Float64, rules: Rules) -> tuple[Stream, Windows]:
    windows = Windows(len(bar_ms), rules, PRICE_VOLUME, KEPT)
    rows = np.arange(len(bar_ms))
    found: Stream = {}
    for step in range(bar_ms.shape[1]):
        accepted = windows.push(rows, bar_ms[:, step], ohlcv[:, step])
        full = windows.full[accepted.rows]
        keys = list(zip(accepted.rows.tolist(), accepted.bar_ms.tolist(), strict=True))
        for key in keys:
            found.pop(key, None)  # a bar that was corrected may have become a jump
        made = windows.features(accepted.rows[full])
        found |= zip((k for k, there in zip(keys, full, strict=True) if there), made, strict=True)
    return found, windows


def ends_of_a_look_back(block: Float64) -> Float64:
    """Describe a bar by its own close and volume, and those with which its look-back begins."""
    ends = np.concatenate([block[..., -1, :4], block[..., 0, 1:5]], axis=-1)
    return np.asarray(np.log1p(ends))


def batched(bar_ms: Int64, ohlcv: Float64, rules: Rules) -> Stream:
    # The way of training: each whole history at once.
    found: Stream = {}
    for row in range(len(bar_ms)):
        series, _ = clean(bar_ms[row], ohlcv[row], rules)
        for window, newest in zip(*series.windows(PRICE_VOLUME), strict=True):
            found[row, int(series.bar_ms[newest])] = window
    return found


def push(windows: Windows, day: int, closes: tuple[float, ...], *, closed: bool = True) -> Accepted:
    """Push flat bars of a day, one of each ticker from the first on."""
    close = np.array(closes)
    volume = np.full(len(close), 500.0)
    return windows.push(
        np.arange(len(close)),
        np.full(len(close), day * DAY_MS),
        np.stack([close, close, close, close, volume], axis=1),
        closed=closed,
    )


@pytest.mark.slow
@settings(max_examples=50)
@given(
    seed=st.integers(0, 2**32 - 1),
    tickers=st.integers(1, 8),
    steps=st.integers(1, 160),
    rules=st.sampled_from([RULES, INTRADAY]),
)
def test_streaming_equals_batch_on_dirty_series(
    seed: int, tickers: int, steps: int, rules: Rules
) -> None:
    bar_ms, ohlcv = dirty(seed, tickers, steps, 1_000 * rules.interval_s)
    stream, windows = streamed(bar_ms, ohlcv, rules)
    batch = batched(bar_ms, ohlcv, rules)
    assert stream.keys() == batch.keys()
    for key, window in stream.items():
        assert np.isfinite(window).all()
        np.testing.assert_allclose(window, batch[key], rtol=0, atol=1e-6)
    reasons = [clean(ms, rows, rules)[1] for ms, rows in zip(bar_ms, ohlcv, strict=True)]
    assert windows.reasons == sum(reasons[1:], start=reasons[0])


@pytest.mark.slow
@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    lookback=st.sampled_from([6, 20]),
    rules=st.sampled_from([RULES, INTRADAY]),
)
def test_whatever_is_corrected_the_newest_window_is_that_of_the_history_so_far(
    seed: int, lookback: int, rules: Rules
) -> None:
    feature_set = a_set(lookback=lookback, newest=ends_of_a_look_back)
    bar_ms, ohlcv = dirty(seed, 4, 120, 1_000 * rules.interval_s, back=(1, 2, 3, 7, 24, 50))
    windows, rows = Windows(4, rules, feature_set, KEPT), np.arange(4)
    for step in range(120):
        windows.push(rows, bar_ms[:, step], ohlcv[:, step])
        # The whole history of all at every step would take longer than a fifth of the suite: look
        # where a bar came late, and at all of them now and then.
        late = bar_ms[:, step] <= bar_ms[:, :step].max(axis=1, initial=0)
        looked_at = rows if step % 8 == 7 else np.flatnonzero(late)
        known = [clean(bar_ms[i, : step + 1], ohlcv[i, : step + 1], rules) for i in looked_at]
        for row, (series, _) in zip(looked_at.tolist(), known, strict=True):
            assert_ends_with(windows, row, series, feature_set)
        if len(known) == 4:
            assert windows.accepted == sum(len(series.bar_ms) for series, _ in known)
            assert windows.reasons == sum((reasons for _, reasons in known), start=Counter())


def assert_ends_with(
    windows: Windows, row: int, series: BarSeries, feature_set: FeatureSet
) -> None:
    """Assert that the newest window of a row, and what counts its age, are those of a history."""
    if len(series.bar_ms) == 0:
        assert not windows.full[row]
        return
    np.testing.assert_array_equal(windows.ring.newest(row, KEPT).ohlcv, series.ohlcv)
    cuts = np.flatnonzero(series.jump | series.gap)
    since = len(series.bar_ms) - cuts.max(initial=0)
    assert min(windows.since_interrupt[row], 20) == min(since, 20)
    made, newest = series.windows(feature_set)
    assert windows.full[row] == (newest[-1:].tolist() == [len(series.bar_ms) - 1])
    if windows.full[row]:
        np.testing.assert_array_equal(windows.features(np.array([row]))[0], made[-1])
        assert windows.bar_ms[row].tolist() == series.bar_ms[-STEPS:].tolist()


def test_the_dirt_of_the_property_test_is_all_kinds_of_dirt() -> None:
    bar_ms, ohlcv = dirty(0, 80, 160, DAY_MS, back=(1, 3))
    windows = Windows(80, RULES, PRICE_VOLUME, KEPT)
    for step in range(160):
        windows.push(np.arange(80), bar_ms[:, step], ohlcv[:, step])
    assert set(windows.reasons) == set(DropReason) - BY_READERS


def test_a_window_is_full_after_look_back_and_steps() -> None:
    windows = Windows(1, RULES, PRICE_VOLUME)
    for day in range(1, FULL + 1):
        assert not windows.full[0]
        push(windows, day, (100.0,))
    assert windows.full[0]
    assert windows.features(np.array([0])).shape == (1, *WINDOW_SHAPE)
    assert windows.features(np.array([0])).dtype == np.float32
    assert windows.bar_ms[0].tolist() == [day * DAY_MS for day in range(FULL - 5, FULL + 1)]


def test_the_newest_row_is_the_newest_bar_s() -> None:
    windows = Windows(1, RULES, PRICE_VOLUME)
    for day in range(1, FULL):
        push(windows, day, (100.0,))
    push(windows, FULL, (110.0,))
    returns = windows.features(np.array([0]))[0, :, PRICE_VOLUME.names.index("return")]
    np.testing.assert_allclose(returns, [0, 0, 0, 0, 0, np.log(1.1)], atol=1e-6)


def test_a_jump_needs_the_whole_look_back_again() -> None:
    windows = Windows(1, RULES, PRICE_VOLUME)
    for day in range(1, FULL + 1):
        push(windows, day, (100.0,))
    for day in range(FULL + 1, 2 * FULL + 1):
        assert windows.full[0] == (day == FULL + 1)
        push(windows, day, (50.0,))
    assert windows.full[0]
    assert windows.reasons == {DropReason.JUMP: 1}


def test_a_gap_needs_a_new_window_but_no_new_look_back() -> None:
    windows = Windows(1, RULES, PRICE_VOLUME)
    for day in range(1, FULL + 1):
        push(windows, day, (100.0,))
    for day in range(FULL + 20, FULL + 20 + STEPS):
        assert windows.full[0] == (day == FULL + 20)
        push(windows, day, (100.0,))
    assert windows.full[0]
    assert windows.reasons == {DropReason.GAP: 1}


def test_a_set_that_fails_costs_the_decisions_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def newest(block: Float64) -> Float64:
        if block[0, -1, 3] == 101:
            raise PluginError("the plug-in 'ages' failed")
        return ages(block)

    windows = Windows(1, RULES, a_set(newest=newest))
    full = a_set().window_bars
    for day in range(1, full + 1):
        push(windows, day, (100.0,))
    assert windows.full[0]
    for day in range(full + 1, full + 4):
        push(windows, day, (101.0,))
        assert not windows.full[0]
    assert windows.accepted == full + 3
    assert [record.getMessage().count("'ages' failed") for record in caplog.records] == [1]
    caplog.clear()
    for day in range(full + 4, full + 4 + STEPS):
        assert not windows.full[0]
        push(windows, day, (100.0,))
    assert windows.full[0]


def test_a_ticker_without_numbers_is_not_decided_on_and_the_others_are(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def newest(block: Float64) -> Float64:
        made = ages(block)
        made[block[..., -1, 3] == 101] = np.nan
        return made

    windows = Windows(2, RULES, a_set(newest=newest))
    for day in range(1, a_set().window_bars + 1):
        push(windows, day, (100.0, 101.0))
    assert windows.full.tolist() == [True, False]
    assert np.isfinite(windows.features(np.arange(2))).all()
    assert "no number for some bars" in caplog.text
    caplog.clear()


def test_a_longer_look_back_is_kept_and_labels_look_back_all_the_same() -> None:
    for lookback in (9, 40):
        windows = Windows(1, RULES, a_set(lookback=lookback))
        for day in range(1, 60):
            push(windows, day, (100.0 + day,))
            assert windows.full[0] == (day >= lookback + STEPS - 1)
        assert windows.ring.newest_bars(np.array([0]), 20)[0, :, 3].tolist() == list(
            range(140, 160)
        )


def test_tickers_are_listed_one_by_one() -> None:
    windows = Windows(2, RULES, PRICE_VOLUME)
    for day in range(1, FULL + PRICE_VOLUME.lookback - 1):
        push(windows, day, (100.0, 100.0)[: 1 if day < PRICE_VOLUME.lookback else 2])
    assert windows.full.tolist() == [True, False]
    push(windows, FULL + PRICE_VOLUME.lookback - 1, (100.0, 100.0))
    assert windows.full.tolist() == [True, True]


def test_forming_bars_are_judged_but_never_enter() -> None:
    windows = Windows(1, RULES, PRICE_VOLUME)
    for day in range(1, FULL + 1):
        push(windows, day, (100.0,))
    before = windows.features(np.array([0]))
    accepted = push(windows, FULL + 1, (120.0,), closed=False)
    np.testing.assert_array_equal(windows.features(np.array([0])), before)
    assert accepted.change == pytest.approx([0.2])
    assert push(windows, FULL + 1, (0.0,), closed=False).rows.size == 0
    assert push(windows, FULL, (100.0,), closed=False).rows.size == 0
    assert windows.accepted == FULL
    assert windows.reasons == {DropReason.ZERO_PRICE: 1, DropReason.DUPLICATE: 1}


def test_a_forming_bar_is_not_counted_as_kept_dirt() -> None:
    windows = Windows(1, RULES, PRICE_VOLUME)
    push(windows, 1, (100.0,))
    push(windows, 2, (10.0,), closed=False)  # a jump
    assert windows.reasons == {}


def test_change_is_over_the_last_closed_bar_where_that_can_be_compared() -> None:
    windows = Windows(2, RULES, PRICE_VOLUME)
    assert push(windows, 1, (100.0,)).change.tolist() == [0]  # its first bar
    assert push(windows, 2, (110.0,)).change == pytest.approx([0.1])
    assert push(windows, 3, (121.0, 7.0)).change == pytest.approx([0.1, 0])
    assert push(windows, 4, (60.0,)).change.tolist() == [0]  # a split
    assert push(windows, 5, (57.0,)).change == pytest.approx([-0.05])


def corrected(windows: Windows, day: int, close: float) -> Accepted:
    """Push another bar of a day that the one ticker has had."""
    accepted = push(windows, day, (close,))
    assert accepted.corrects.tolist() == [True]
    assert accepted.bar_ms.tolist() == [day * DAY_MS]
    return accepted


def test_a_later_bar_of_the_newest_time_takes_its_place() -> None:
    windows = Windows(1, RULES, PRICE_VOLUME)
    for day in range(1, FULL + 1):
        push(windows, day, (100.0,))
    accepted = corrected(windows, FULL, 110.0)
    assert accepted.change == pytest.approx([0.1])
    assert windows.reasons == {DropReason.CORRECTED: 1}
    assert windows.accepted == FULL
    window = windows.features(np.array([0]))[0, :, PRICE_VOLUME.names.index("return")]
    np.testing.assert_allclose(window, [0, 0, 0, 0, 0, np.log(1.1)], atol=1e-6)
    assert push(windows, FULL + 1, (121.0,)).change == pytest.approx([0.1])


def test_the_same_bar_again_changes_nothing() -> None:
    windows = Windows(1, RULES, PRICE_VOLUME)
    for day in (1, 2, 3):
        push(windows, day, (100.0,))
    assert push(windows, 3, (100.0,)).rows.size == 0
    assert push(windows, 2, (100.0,)).rows.size == 0
    assert windows.reasons == {DropReason.DUPLICATE: 2}


def test_a_correction_is_compared_with_the_bar_before_its_own() -> None:
    windows = Windows(1, RULES, PRICE_VOLUME)
    for day in (1, 2, 3):
        push(windows, day, (100.0,))
    accepted = corrected(windows, 2, 125.0)
    assert accepted.change == pytest.approx([0.25])
    assert windows.newest(np.array([0])).change == pytest.approx([-0.2])
    assert corrected(windows, 1, 50.0).change.tolist() == [0]  # there is none before the first
    assert windows.reasons[DropReason.JUMP] == 1


def test_a_correction_can_make_a_jump_and_unmake_one() -> None:
    windows = Windows(1, RULES, PRICE_VOLUME)
    for day in range(1, FULL + 1):
        push(windows, day, (100.0,))
    assert corrected(windows, FULL, 10.0).interrupts.tolist() == [True]
    assert not windows.full[0]
    assert windows.since_interrupt[0] == 1
    assert windows.reasons == {DropReason.CORRECTED: 1, DropReason.JUMP: 1}
    assert corrected(windows, FULL, 101.0).interrupts.tolist() == [False]
    assert windows.full[0]
    assert windows.reasons == {DropReason.CORRECTED: 2}


def test_a_bar_that_the_ring_forgot_cannot_be_corrected() -> None:
    windows = Windows(1, RULES, PRICE_VOLUME, 40)
    for day in range(1, 51):
        push(windows, day, (100.0,))
    corrected(windows, 12, 101.0)
    # Of the oldest one the close before is forgotten, so nobody could say whether it jumped.
    assert push(windows, 11, (101.0,)).rows.size == 0
    assert push(windows, 5, (101.0,)).rows.size == 0
    assert windows.reasons == {DropReason.CORRECTED: 1, DropReason.OUT_OF_ORDER: 2}


def test_a_forming_bar_corrects_nothing() -> None:
    windows = Windows(1, RULES, PRICE_VOLUME)
    push(windows, 1, (100.0,))
    assert push(windows, 1, (101.0,), closed=False).rows.size == 0
    assert windows.reasons == {DropReason.DUPLICATE: 1}


def test_a_bar_that_is_no_bar_corrects_nothing() -> None:
    windows = Windows(1, RULES, PRICE_VOLUME)
    push(windows, 1, (100.0,))
    assert push(windows, 1, (-1.0,)).rows.size == 0
    assert windows.reasons == {DropReason.OUT_OF_RANGE: 1}
