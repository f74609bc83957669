"""Longer bars of shorter ones, on the grid of their market."""

import numpy as np

from server.feeds.forming.grid import OUTSIDE, BarGrid
from server.feeds.live.source import HistoryPage
from shared.contract import Float64, Int64


def merged(grid: BarGrid, close_ms: Int64, ohlcv: Float64) -> tuple[Int64, Float64]:
    """Return the bars of a grid that shorter ones make: (m,) int64 numbers and (m, 5) float64.

    Args:
        grid: Which bar a moment belongs to; shorter bars of none are left out.
        close_ms: (n,) int64, closes of the shorter ones, ms since 1970 UTC, ascending.
        ohlcv: (n, 5) float64, open, high, low, close in currency, volume in units.
    """
    number = grid.number(close_ms - 1)
    inside = number != OUTSIDE
    number, ohlcv = number[inside], ohlcv[inside]
    if len(number) == 0:
        return number, ohlcv
    starts = np.flatnonzero(np.diff(number, prepend=number[0] - 1))
    ends = np.append(starts[1:], len(number)) - 1
    bars = np.stack(
        (
            ohlcv[starts, 0],
            np.maximum.reduceat(ohlcv[:, 1], starts),
            np.minimum.reduceat(ohlcv[:, 2], starts),
            ohlcv[ends, 3],
            np.add.reduceat(ohlcv[:, 4], starts),
        ),
        axis=1,
    )
    return number[starts], bars


def page_of(
    grid: BarGrid, close_ms: Int64, ohlcv: Float64, reached_ms: int, within: tuple[int, int]
) -> HistoryPage:
    """Return the whole bars of a grid that an answer of shorter ones holds.

    Args:
        grid: Which bar a moment belongs to.
        close_ms: (n,) int64, closes of the shorter ones, ms since 1970 UTC, ascending.
        ohlcv: (n, 5) float64.
        reached_ms: All shorter ones that closed later are in the answer, ms since 1970 UTC.
        within: Bars closed later than the first and no later than the second, ms since 1970 UTC.
    """
    from_ms, until_ms = within
    number, bars = merged(grid, close_ms, ohlcv)
    closes = grid.close_ms(number)
    # Of a bar that begins earlier a part may be missing.
    whole = grid.begin_ms(number) >= reached_ms
    partial = closes[~whole]
    reached_ms = max(from_ms, reached_ms, int(partial.max(initial=0)))
    chosen = whole & (closes > from_ms) & (closes <= until_ms)
    return HistoryPage(bar_ms=closes[chosen], ohlcv=bars[chosen], from_ms=reached_ms)
