"""From the tables of yfinance to bars: minutes are stamped by their begin, days by their date."""

from typing import Final

import numpy as np
import pandas as pd

from models.data.calendars.sessions import Sessions
from models.data.calendars.zone_clocks import DAY_MS
from server.feeds.forming.grid import OUTSIDE, BarGrid
from server.feeds.yahoo.client import YahooTable
from shared.contract import Bool, Float64, Int64

_COLUMNS: Final = ("Open", "High", "Low", "Close", "Volume")


def day_bars(table: YahooTable, sessions: Sessions | None) -> tuple[Int64, Float64]:
    """Return bars in time order: (n,) int64 closes, ms since 1970 UTC, and (n, 5) float64.

    Days of no session that we know, and rows without a price, are left out.

    Args:
        table: Bars of a day.
        sessions: Of their market; None where it never closes.
    """
    begin_ms, ohlcv = _columns(table)
    if sessions is None:
        return begin_ms + DAY_MS, ohlcv
    day = np.array(pd.DatetimeIndex(table.prices.index).tz_localize(None).as_unit("ms").asi8)
    place = sessions.index(day[_priced(table.prices)] // DAY_MS)
    known = place >= 0
    return sessions.close_ms[place[known]], ohlcv[known]


def minute_bars(table: YahooTable, grid: BarGrid) -> tuple[Int64, Float64]:
    """Return bars in time order: (n,) int64 closes, ms since 1970 UTC, and (n, 5) float64.

    Left out are rows without a price, what trades outside of the grid, and what does not begin
    with a bar, as the last price of a running market does, which Yahoo adds at its own second.

    Args:
        table: Bars of less than a day.
        grid: When bars begin and close.
    """
    begin_ms, ohlcv = _columns(table)
    number = grid.number(begin_ms)
    chosen = (number != OUTSIDE) & (grid.begin_ms(number.clip(min=0)) == begin_ms)
    return grid.close_ms(number[chosen]), ohlcv[chosen]


def _columns(table: YahooTable) -> tuple[Int64, Float64]:
    priced = _priced(table.prices)
    begins = np.array(pd.DatetimeIndex(table.prices.index).as_unit("ms").asi8)[priced]
    return begins, table.prices.loc[priced, list(_COLUMNS)].to_numpy(np.float64)


def _priced(prices: pd.DataFrame) -> Bool:
    return prices[list(_COLUMNS)].notna().all(axis=1).to_numpy()
