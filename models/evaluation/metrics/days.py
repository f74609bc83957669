"""When outcomes happened, in the dates of the exchange: blocks to resample, periods to compare."""

from typing import Final

import numpy as np
import pandas as pd

from shared.contract import Int64
from shared.markets import Market

_DAYS_OF_QUARTERS: Final = 200
_DAYS_OF_MONTHS: Final = 80


def dates(target_ms: Int64, market: Market) -> Int64:
    """Return the (n,) int64 local dates of (n,) bars that close then, in days since 1970.

    A bar that closes at midnight belongs to the date that ends there.
    """
    times, place = np.unique(target_ms, return_inverse=True)
    utc = pd.DatetimeIndex((times - 1).astype("datetime64[ms]")).tz_localize("UTC")
    local = utc.tz_convert(market.timezone).tz_localize(None).to_numpy()
    days: Int64 = local.astype("datetime64[D]").astype(np.int64)
    return days[place]


def blocks(days: Int64, length: int = 1) -> tuple[Int64, int]:
    """Return the (n,) int64 block of each date, from 0, and how many blocks there are.

    Args:
        days: (n,) int64 dates.
        length: Consecutive dates with outcomes that make one block; more than 1 where one
            outcome spans several dates.
    """
    found, place = np.unique(days, return_inverse=True)
    return place // length, -(-len(found) // length)


def years(days: Int64) -> list[str]:
    """Return the year of each of (n,) int64 dates, such as 2021."""
    return [str(1970 + y) for y in days.astype("datetime64[D]").astype("datetime64[Y]").astype(int)]


def periods(days: Int64) -> tuple[str, list[str]]:
    """Return what a period is called, and that of each of (n,) int64 dates, in sortable words.

    Quarters where the dates span more than 200 days, months beyond 80, else weeks.
    """
    stamps = pd.DatetimeIndex(days.astype("datetime64[D]"))
    span = int(days.max() - days.min()) if len(days) else 0
    if span > _DAYS_OF_QUARTERS:
        names = zip(stamps.year, stamps.quarter, strict=True)
        return "quarter", [f"{year} Q{quarter}" for year, quarter in names]
    if span > _DAYS_OF_MONTHS:
        return "month", list(stamps.strftime("%Y-%m"))
    calendar = stamps.isocalendar()
    weeks = zip(calendar["year"], calendar["week"], strict=True)
    return "week", [f"{year} week {week:02d}" for year, week in weeks]
