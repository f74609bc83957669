from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.data.bars import Rules
from models.data.features.feature_set import LEAST_LOOKBACK, MOST_LOOKBACK, FeatureSet, fits_window
from models.data.features.price_volume import PRICE_VOLUME
from models.data.volatility import CLOSES
from models.data.windows import Windows
from models.training.dataset import clean
from shared.contract import STEPS, Float64, Int64
from shared.features import Feature, Reading
from tests.kit.feature_sets import a_set, ages
from tests.kit.for_each import for_each

RULES = Rules(interval_s=86_400, jump_limit=0.31)
DAY_MS = 86_400_000
History = tuple[Int64, Float64]
SHOUT = Reading(form="shout")
SETS = (PRICE_VOLUME, a_set(), a_set(lookback=60))


def walk(seed: int, bars: int) -> Float64:
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.02, bars)))
    prices = np.sort(close[:, None] * np.exp(random.normal(0, 0.01, (bars, 4))), axis=1)
    volume = random.integers(0, 1_000, bars)
    return np.column_stack([prices[:, 1], prices[:, 3], prices[:, 0], close, volume])


@pytest.mark.parametrize("made", SETS, ids=lambda made: f"{made.name} {made.lookback}")
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1), bars=st.integers(0, 150))
def test_streaming_equals_batch_for_any_set(made: FeatureSet, seed: int, bars: int) -> None:
    tickers = np.arange(3)
    ohlcv = np.array([walk(seed + ticker, bars) for ticker in range(3)])
    bar_ms = DAY_MS * np.arange(1, bars + 1)
    served, found = Windows(3, RULES, made), []
    for ms, bar in zip(bar_ms, ohlcv.swapaxes(0, 1), strict=True):
        accepted = served.push(tickers, np.full(3, ms), bar)
        rows = accepted.rows[served.full[accepted.rows]]
        windows = zip(rows, served.features(rows), strict=True)
        found += [(row, int(ms), window) for row, window in windows]
    for ticker in tickers:
        series, _ = clean(bar_ms, ohlcv[ticker], RULES)
        batch, newest = series.windows(made)
        mine = [(ms, window) for row, ms, window in found if row == ticker]
        assert [ms for ms, _ in mine] == series.bar_ms[newest].tolist()
        for window, (_, other) in zip(batch, mine, strict=True):
            np.testing.assert_allclose(window, other, rtol=0, atol=1e-6)


@pytest.mark.parametrize("made", SETS, ids=lambda made: f"{made.name} {made.lookback}")
def test_a_history_has_a_row_for_each_bar_with_a_look_back(made: FeatureSet) -> None:
    ohlcv = walk(0, 80)
    rows = made.history(ohlcv)
    assert rows.shape == (80 - made.lookback + 1, 8)
    np.testing.assert_array_equal(rows[0], made.newest(ohlcv[: made.lookback]))
    assert made.history(ohlcv[: made.lookback - 1]).shape == (0, 8)


def test_a_set_may_give_a_function_for_histories() -> None:
    calls: list[int] = []

    def whole(ohlcv: Float64) -> Float64:
        calls.append(len(ohlcv))
        return np.zeros((len(ohlcv) - 8, 8))

    made = a_set(whole=whole)
    assert made.history(walk(0, 30)).shape == (22, 8)
    assert made.history(walk(0, 8)).shape == (0, 8)
    assert calls == [30]


def test_the_volatility_is_known_with_the_first_window() -> None:
    assert a_set(lookback=LEAST_LOOKBACK).window_bars == CLOSES
    assert PRICE_VOLUME.window_bars == PRICE_VOLUME.lookback + STEPS - 1


@for_each(
    ("changes", "sentence"),
    [
        ({"name": "Ages"}, "a name is small letters"),
        ({"features": a_set().features[:7]}, "must have 8 features"),
        ({"features": a_set().features[:7] * 2}, "must have 8 features"),
        ({"features": (*a_set().features[:7], a_set().features[0])}, "of their own"),
        ({"features": (Feature(name="x", label="x" * 25), *a_set().features[1:])}, "24"),
        (
            {"features": (Feature(name="x", label="x", reading=SHOUT), *a_set().features[1:])},
            "form",
        ),
        ({"lookback": LEAST_LOOKBACK - 1}, "6 to 500 bars, was 5"),
        ({"lookback": MOST_LOOKBACK + 1}, "was 501"),
    ],
)
def test_what_is_no_set_is_refused(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        a_set(**changes)


def test_numbers_that_float32_cannot_hold_fit_no_window() -> None:
    rows = np.zeros((4, 8))
    rows[1, 2], rows[2, 0], rows[3, 7] = np.nan, np.inf, 1e39
    assert fits_window(rows).tolist() == [True, False, False, False]


def test_every_leading_axis_is_a_batch(walk: Callable[..., History]) -> None:
    _, ohlcv = walk(20)
    block = np.stack([ohlcv[:9], ohlcv[5:14]])
    np.testing.assert_array_equal(ages(block[None])[0, 1], ages(block[1]))
