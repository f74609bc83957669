"""Calendars of exchange_calendars, and the little that is asked of one most often."""

import contextlib
import functools
import importlib.metadata
import warnings
from typing import Final

import exchange_calendars
import msgspec
import pandas as pd
from exchange_calendars import ExchangeCalendar

from models.data.calendars.disk_cache import cache_file, keep

_BEGIN: Final = pd.Timestamp("1990-01-01")  # files of daily bars seldom go back further


class UsualHours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an exchange is and when it closes.

    Attributes:
        timezone: IANA zone.
        close: The usual close of these years, in that zone, such as 15:30; 24:00 at midnight.
    """

    timezone: str
    close: str


@functools.cache
def usual_hours(code: str) -> UsualHours:
    """Return zone and close of a calendar, without working out its holidays each time.

    Args:
        code: Of exchange_calendars.
    """
    path = cache_file(f"{code.replace('/', '-')}-{_version()}.json")
    # A file that cannot be read is as good as none.
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(path.read_bytes(), type=UsualHours)
    calendar = calendar_of(code, whole=False)
    close = calendar.close_times[-1][1]
    told = f"{close:%H:%M}" if close.hour or close.minute else "24:00"
    hours = UsualHours(timezone=str(calendar.tz), close=told)
    keep(path, msgspec.json.encode(hours))
    return hours


@functools.cache
def calendar_of(code: str, *, whole: bool = True) -> ExchangeCalendar:
    """Return the calendar of a code, up to its horizon.

    Args:
        code: Of exchange_calendars.
        whole: From as early as it goes back; else the last twenty years, which is quicker.
    """
    with warnings.catch_warnings():
        # It works in ways that pandas will cease to support; that is its authors' business.
        warnings.simplefilter("ignore")
        if whole:
            # Some have a first day of their own, before which they refuse to begin. To ask each
            # for it would be to make it twice, and that of Seoul takes seconds.
            with contextlib.suppress(ValueError):
                return exchange_calendars.get_calendar(code, start=_BEGIN)
        usual = exchange_calendars.get_calendar(code)
        if not whole:
            return usual
        earliest = max(usual.bound_min() or _BEGIN, _BEGIN)
        return exchange_calendars.get_calendar(code, start=earliest)


def _version() -> str:
    return importlib.metadata.version("exchange_calendars")
