"""Bars column by column, and rows by ticker: what many million rows are quickest in."""

import functools
from dataclasses import replace

import numpy as np

from models.data.blocks import blocks
from models.data.calendars.zone_clocks import DAY_MS
from models.data.sources.ahead import MANY, Task
from models.data.sources.pages import untouched
from models.data.table import BarTable, Int32
from shared.contract import Float64, Int64, interval_seconds


def columnar(n: int) -> Float64:
    """Return (n, 5) float64 to be filled, of which each column lies in one piece."""
    return untouched((5, n), np.float64).T


def taken(ohlcv: Float64, rows: Int64) -> Float64:
    """Return the (k, 5) float64 bars of some rows, each column in one piece.

    Args:
        ohlcv: (n, 5) float64.
        rows: (k,) int64, which.
    """
    chosen = columnar(len(rows))
    for column in range(5):
        chosen[:, column] = ohlcv[:, column][rows]
    return chosen


def in_order(table: BarTable, order: Int64 | None) -> BarTable:
    """Return bars in another order.

    The bars are moved within the table that is given, which is of no use any more: a second copy
    of ten million takes longer than all the rest.

    Args:
        table: The bars.
        order: (n,) int64 places, each once; None leaves them as they are.
    """
    if order is None:
        return table
    moving = functools.partial(_move, table.ohlcv[:, 3:], order)
    with Task(moving).begin(beside=len(order) >= MANY) as others:
        moved = _move(table.ohlcv[:, :3], order)
        times = moved.view(np.int64)
        np.take(table.bar_ms, order, out=times, mode="clip")
        row = table.row[order]
    others.result()
    return replace(table, row=row, bar_ms=times)


def _move(columns: Float64, order: Int64) -> Float64:
    # Returns the memory that served meanwhile.
    moved = untouched((len(order),), np.float64)
    for column in columns.T:
        np.take(column, order, out=moved, mode="clip")
        column[:] = moved
    return moved


def time_order(table: BarTable) -> Int64 | None:
    """Return (n,) int64 places in time order; bars of the same time keep theirs.

    None where they stand so already.
    """
    if (table.bar_ms[1:] >= table.bar_ms[:-1]).all():
        return None
    # Days are few enough to be counted, and bars of days that close together need no more.
    bar_ms = table.bar_ms
    first, last = int(bar_ms.min()), int(bar_ms.max())
    few = (last - first) // DAY_MS <= np.iinfo(np.uint16).max
    if few and interval_seconds(table.interval) >= 86_400:
        day = np.empty(len(bar_ms), np.uint16)
        for own in blocks(len(day)):
            day[own] = (bar_ms[own] - first) // DAY_MS
        order = np.argsort(day, kind="stable")
        if all((np.diff(bar_ms[order[own]]) >= 0).all() for own in blocks(len(day), beyond=1)):
            return order
    return np.argsort(bar_ms, kind="stable")


def is_ordered(row: Int32, times: Int64) -> bool:
    """Return whether rows stand by ticker and then by time; some may have the same of both.

    Args:
        row: (n,) int32, ticker.
        times: (n,) int64.
    """
    return bool(((row[1:] > row[:-1]) | ((row[1:] == row[:-1]) & (times[1:] >= times[:-1]))).all())


def by_ticker(row: Int32) -> Int64:
    """Return (n,) int64 places by ticker; those of one ticker keep their order.

    Args:
        row: (n,) int32, ticker, from 0.
    """
    # Numbers of 16 bits are sorted by counting them.
    few = row.max(initial=0) <= np.iinfo(np.uint16).max
    return np.argsort(row.astype(np.uint16) if few else row, kind="stable")


def ordered(row: Int32, times: Int64) -> Int64:
    """Return (n,) int64 places by ticker and then by time; those of the same keep their order.

    Args:
        row: (n,) int32, ticker.
        times: (n,) int64.
    """
    places = by_ticker(row)
    if is_ordered(row[places], times[places]):
        return places
    return np.lexsort((times, row))
