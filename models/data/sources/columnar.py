"""Bars column by column, and rows by ticker: what many million rows are quickest in."""

from dataclasses import replace
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from models.data.blocks import blocks
from models.data.calendars.zone_clocks import DAY_MS
from models.data.sources.pages import untouched
from models.data.table import BarTable, Int32
from shared.contract import Float64, Int64, interval_seconds

_SPARSE: Final = 2  # times as many places as bars, at most
N = TypeVar("N", bound=np.generic)


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


def in_order(table: BarTable, order: Int32 | None) -> BarTable:
    """Return bars in another order.

    The bars are moved within the table that is given, which is of no use any more: a second copy
    of ten million takes longer than all the rest.

    Args:
        table: The bars.
        order: (n,) int32 places, each once; None leaves them as they are.
    """
    if order is None:
        return table
    moved = untouched((len(order),), np.float64)
    for column in table.ohlcv.T:
        _gather(column, order, moved)
        column[:] = moved
    times = moved.view(np.int64)
    _gather(table.bar_ms, order, times)
    return replace(table, row=table.row[order], bar_ms=times)


def _gather(column: npt.NDArray[N], order: Int32, into: npt.NDArray[N]) -> None:
    # numpy makes places of 64 bits of others, which a block at a time costs no memory.
    for own in blocks(len(order)):
        np.take(column, order[own], out=into[own], mode="clip")


def time_order(table: BarTable) -> Int32 | None:
    """Return (n,) int32 places in time order; bars of the same time keep theirs.

    None where they stand so already.
    """
    bar_ms = table.bar_ms
    if (bar_ms[1:] >= bar_ms[:-1]).all():
        return None
    order = _laid_out(table, min(1_000 * interval_seconds(table.interval), DAY_MS))
    if order is not None and _ascend(bar_ms, order):
        return order
    return np.argsort(bar_ms, kind="stable").astype(np.int32)


def _laid_out(table: BarTable, step_ms: int) -> Int32 | None:
    # Most tickers have a bar at most times: laid out on a sheet of times by tickers they need not
    # be compared. None where two lie at one place, or the sheet would be mostly empty.
    bar_ms, row, n = table.bar_ms, table.row, len(table.bar_ms)
    first, wide = int(bar_ms.min()), int(row.max()) + 1
    steps = (int(bar_ms.max()) - first) // step_ms + 1
    if steps > n or not (row[1:] >= row[:-1]).all():
        return None
    there = np.zeros(steps, np.bool_)
    for own in blocks(n):
        there[(bar_ms[own] - first) // step_ms] = True
    starts = wide * (np.cumsum(there) - 1)
    if int(starts[-1]) + wide > _SPARSE * n:
        return None
    sheet = np.full(int(starts[-1]) + wide, -1, np.int32)
    for own in blocks(n):
        place = starts[(bar_ms[own] - first) // step_ms] + row[own]
        sheet[place] = np.arange(own.start, own.stop, dtype=np.int32)
    order = sheet[sheet >= 0]
    return order if len(order) == n else None


def _ascend(bar_ms: Int64, order: Int32) -> bool:
    parts = (np.diff(bar_ms[order[own]]) for own in blocks(len(order), beyond=1))
    return all((steps >= 0).all() for steps in parts)


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
