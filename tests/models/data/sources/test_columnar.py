from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from models.data.sources.columnar import (
    by_ticker,
    columnar,
    in_order,
    is_ordered,
    ordered,
    taken,
    time_order,
)
from models.data.table import BarTable

Tables = Callable[..., BarTable]
DAY_MS = 86_400_000


def test_time_order_is_stable(table: Tables) -> None:
    made = table(tickers=2, bars=3)
    shuffled = replace(
        made,
        row=np.array([0, 0, 0, 1, 1], np.int32),
        bar_ms=np.array([5, 3, 4, 4, 5]),
        ohlcv=np.arange(25.0).reshape(5, 5),
    )
    found = in_order(shuffled, time_order(shuffled))
    assert found.bar_ms.tolist() == [3, 4, 4, 5, 5]
    assert found.row.tolist() == [0, 0, 1, 0, 1]
    assert found.ohlcv[:, 0].tolist() == [5, 10, 15, 0, 20]


@pytest.mark.parametrize("step_ms", [1, 3_600_000, DAY_MS, 1_000 * DAY_MS])
def test_time_order_is_stable_whatever_lies_between_two_bars(step_ms: int, table: Tables) -> None:
    rng = np.random.default_rng(1)
    bar_ms = rng.integers(-50, 50, 400) * step_ms
    ohlcv = rng.normal(size=(400, 5))
    order = np.argsort(bar_ms, kind="stable")
    shuffled = replace(
        table(tickers=1, bars=1),
        row=np.arange(400, dtype=np.int32),
        bar_ms=bar_ms,
        ohlcv=ohlcv.copy(),
    )
    found = in_order(shuffled, time_order(shuffled))
    assert np.array_equal(found.row, order)
    assert np.array_equal(found.bar_ms, bar_ms[order])
    assert np.array_equal(found.ohlcv, ohlcv[order])


def test_tickers_that_have_most_times_in_common_are_put_in_order_of_time(table: Tables) -> None:
    rng = np.random.default_rng(4)
    row, step = np.nonzero(rng.random((7, 90)) < 0.8)
    hours = rng.integers(0, 20, 90)  # days do not close at one hour
    for bar_ms in (step * DAY_MS + hours[step] * 3_600_000, step // 2 * DAY_MS):
        made = replace(
            table(tickers=7, bars=1),
            row=row.astype(np.int32),
            bar_ms=bar_ms,
            ohlcv=rng.normal(size=(len(row), 5)),
            interval="1d",
        )
        order = time_order(made)
        assert order is not None
        assert np.array_equal(order, np.argsort(bar_ms, kind="stable"))


@pytest.mark.parametrize("tickers", [3, 100_000])
def test_rows_are_put_by_ticker_and_time_and_else_keep_their_order(tickers: int) -> None:
    rng = np.random.default_rng(2)
    row = rng.integers(0, tickers, 500).astype(np.int32)
    times = rng.integers(0, 20, 500)
    places = np.arange(500)
    assert np.array_equal(by_ticker(row), np.lexsort((places, row)))
    assert np.array_equal(ordered(row, times), np.lexsort((places, times, row)))
    assert not is_ordered(row, times)
    order = ordered(row, times)
    assert is_ordered(row[order], times[order])


def test_rows_of_one_ticker_are_ordered_by_their_times_alone() -> None:
    row = np.array([0, 0, 1, 1], np.int32)
    assert is_ordered(row, np.array([1, 2, 1, 1]))
    assert not is_ordered(row, np.array([2, 1, 3, 4]))
    assert is_ordered(row[:0], np.zeros(0, np.int64))


def test_columns_lie_in_one_piece() -> None:
    bars = columnar(3)
    bars[:] = np.arange(15.0).reshape(3, 5)
    chosen = taken(bars, np.array([2, 0]))
    assert chosen.tolist() == [[10, 11, 12, 13, 14], [0, 1, 2, 3, 4]]
    assert all(a[:, i].flags.c_contiguous for a in (bars, chosen) for i in range(5))
