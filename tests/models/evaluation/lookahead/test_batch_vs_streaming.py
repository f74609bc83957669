from collections.abc import Callable

import numpy as np
import pytest

from models.data.bars import Rules
from models.data.features.price_volume import PRICE_VOLUME
from models.data.table import BarTable
from models.evaluation.lookahead.batch_vs_streaming import all_at_once, one_at_a_time
from models.training.dataset import clean
from shared.contract import Float64, Int64
from shared.markets import MARKETS

RULES = Rules(interval_s=86_400, jump_limit=0.31)
History = tuple[Int64, Float64]


def joined(histories: list[History]) -> BarTable:
    return BarTable(
        symbols=tuple(f"{i:06d}" for i in range(len(histories))),
        row=np.concatenate([np.full(len(h[0]), i, np.int32) for i, h in enumerate(histories)]),
        bar_ms=np.concatenate([bar_ms for bar_ms, _ in histories]),
        ohlcv=np.concatenate([ohlcv for _, ohlcv in histories]),
        interval="1d",
        market=MARKETS["krx"],
        repaired={},
    )


@pytest.mark.parametrize("seed", range(4))
def test_both_ways_make_the_same_windows_of_dirty_bars(
    seed: int, dirty: Callable[[int], History]
) -> None:
    table = joined([dirty(3 * seed + i) for i in range(3)])
    batch, served = (
        all_at_once(table, RULES, PRICE_VOLUME),
        one_at_a_time(table, RULES, PRICE_VOLUME),
    )
    assert len(batch.windows) > 100
    np.testing.assert_array_equal(batch.ticker, served.ticker)
    np.testing.assert_array_equal(batch.decided_ms, served.decided_ms)
    np.testing.assert_allclose(batch.windows, served.windows, rtol=0, atol=1e-6)


def test_windows_are_those_of_each_tickers_series(walk: Callable[..., History]) -> None:
    histories = [walk(40, 1), walk(30, 2), walk(10, 3)]
    made = all_at_once(joined(histories), RULES, PRICE_VOLUME)
    assert np.bincount(made.ticker).tolist() == [16, 6]
    series, _ = clean(*histories[1], RULES)
    windows, newest = series.windows(PRICE_VOLUME)
    np.testing.assert_array_equal(made.windows[made.ticker == 1], windows)
    np.testing.assert_array_equal(made.decided_ms[made.ticker == 1], series.bar_ms[newest])


def test_a_ticker_without_bars_makes_no_window(walk: Callable[..., History]) -> None:
    empty = (np.empty(0, np.int64), np.empty((0, 5)))
    table = joined([walk(40), empty])
    for made in (
        all_at_once(table, RULES, PRICE_VOLUME),
        one_at_a_time(table, RULES, PRICE_VOLUME),
    ):
        assert np.bincount(made.ticker).tolist() == [16]
