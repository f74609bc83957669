"""Days and weeks of currencies, which trade around the clock, so that each source ends days itself.

Most end them at 17:00 in New York, some at midnight of a zone. A time of day tells, and of dates
the weekday: who has both a Sunday and a Friday does not end days where the market does, and who has
Sundays and no Friday does. Dates of Mondays to Fridays alone tell nothing, since many leave their
few hours of Sunday out; such days are taken to end at the later of the two, so that none is early.
"""

from typing import Final, Literal
from zoneinfo import ZoneInfo

import numpy as np

from models.data.calendars.markets import NEW_YORK
from models.data.calendars.sessions import Sessions
from models.data.calendars.zone_clocks import DAY_MS, local_ms, utc_ms
from models.data.sources.moments import Moments
from shared.contract import Bool, Int64
from shared.errors import DataError

_FRIDAY: Final = 4
_SUNDAY: Final = 6


def currency_days(
    moments: Moments, days: Int64, sessions: Sessions, day_zone: str
) -> tuple[Int64, Bool]:
    """Return when daily bars were complete, and which are of days without any trading.

    Args:
        moments: When n bars were stamped.
        days: (n,) int64, their dates, days since 1970.
        sessions: From 17:00 to 17:00 in New York.
        day_zone: Where the source ends days at midnight; empty where nobody says so.

    Returns:
        (n,) int64 closes, ms since 1970 UTC, and (n,) bool.
    """
    if not _as_dates(moments):
        # A time of day is that of the open, and nothing pauses within the week.
        return _checked(moments.utc_ms, moments.utc_ms + DAY_MS, sessions)
    sundays, fridays = (float((_weekday(days) == day).mean()) for day in (_SUNDAY, _FRIDAY))
    if day_zone or sundays <= 0.05 or fridays > 0.05:
        zone = ZoneInfo(day_zone or "UTC")
        begins, ends = (utc_ms((days + n) * DAY_MS, zone) for n in (0, 1))
        return _checked(begins, ends, sessions)
    of = days + 1  # without Fridays, a day carries the date on which it begins
    place = sessions.index(of)
    usual = utc_ms(of * DAY_MS + 17 * DAY_MS // 24, ZoneInfo(NEW_YORK))
    return np.where(place >= 0, sessions.close_ms[place], usual), place < 0


def weeks_stamped(
    moments: Moments, days: Int64, sessions: Sessions
) -> Literal["auto", "open", "close"]:
    """Return what the times of weekly bars mean; `auto` where their dates may tell.

    Args:
        moments: When n bars were stamped.
        days: (n,) int64, their dates, days since 1970.
        sessions: From 17:00 to 17:00 in New York.

    Raises:
        DataError: They are dated by Sundays, on which a week begins or ends.
    """
    opens, _ = sessions.parts(extended=False)
    if not moments.dates and float(np.isin(moments.utc_ms, opens).mean()) > 0.5:
        return "open"
    if float((_weekday(days) == _SUNDAY).mean()) > 0.5:
        raise DataError(
            "bars of weeks are dated by Sundays, on which a week of currencies begins and by which "
            "others count its end; say --stamp open or --stamp close"
        )
    return "auto"


def _as_dates(moments: Moments) -> bool:
    # A midnight of New York's clock is that of who knows no other.
    if moments.dates or len(moments.utc_ms) == 0:
        return True
    local = local_ms(moments.utc_ms, ZoneInfo(NEW_YORK))
    return float((local % DAY_MS == 0).mean()) > 0.5


def _checked(begins: Int64, ends: Int64, sessions: Sessions) -> tuple[Int64, Bool]:
    opens, closes = sessions.parts(extended=False)
    place = np.searchsorted(closes, begins, side="right").clip(max=len(closes) - 1)
    resting: Bool = opens[place] >= ends
    return ends, resting


def _weekday(days: Int64) -> Int64:
    # 0 is Monday.
    weekday: Int64 = (days + 3) % 7
    return weekday
