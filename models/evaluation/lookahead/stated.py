"""The times of bars beside what their own sources say of them, and what nobody can know."""

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from models.data.bars import DropReason
from models.data.calendars.overrides import USERS, read_overrides
from models.data.calendars.sessions import Sessions, sessions_of
from models.data.calendars.zone_clocks import DAY_MS, local_ms
from models.data.sources.reader import ReadBars
from models.data.sources.reading import FileReading
from models.data.sources.stated import StatedTimes
from models.data.table import BarTable
from models.evaluation.lookahead.checks import TIMES_PART, LookaheadCheck
from models.evaluation.lookahead.sessions import MOST_STRAY, check_sessions
from shared.contract import Bool, Int64, interval_seconds
from shared.markets import Market

_HOUR_MS: Final = 3_600_000
_WEEK_MS: Final = 7 * DAY_MS
_MONTH_MS: Final = 28 * DAY_MS
_MOST: Final = 0.9  # of periods begin on such a day
_END_OF_DAY_MS: Final = 23 * _HOUR_MS  # 23:59:59 names a day and no time


def check_times(table: BarTable, bars: ReadBars | None) -> list[LookaheadCheck]:
    """Hold the closes of all bars against the calendar, and against what their files say.

    Args:
        table: The bars.
        bars: The same with what their files say; None where they are of no file.
    """
    # Of all tickers: a zone is lost by a file, and files are of tickers.
    if bars is None:
        return check_sessions(table)
    extended = bars.reading.session == "extended"
    sessions = check_sessions(table, extended=extended, at_open=bars.stated.at_open)
    return [*sessions, *_check_stated(bars)]


def _check_stated(bars: ReadBars) -> list[LookaheadCheck]:
    # No bar is complete before the time it is stamped with, nor, where its source declares that
    # times are opens, before that time and its length have gone by or its session has ended. No
    # day lies beside its session as a whole.
    table, stated = bars.table, bars.stated
    order = np.lexsort((table.bar_ms, table.row))
    length = 1_000 * interval_seconds(table.interval)
    early = _early(table.bar_ms[order], stated, length, table.market)
    if bars.reading.stamp == "close" and length > DAY_MS:
        early |= _first_of_period(stated.utc_ms, length, ZoneInfo(table.market.timezone))
    days = sum(m.days for m in stated.moved)
    moved = sum(m.moved for m in stated.moved)
    # Dates without a time are compared with nothing, but for those that name periods.
    silent = stated.dates and length == DAY_MS and sessions_of(table.market) is not None
    checks = [] if silent else [_check("stamps", len(early), int(early.sum()))]
    if sessions_of(table.market) is None:
        return checks
    if length < DAY_MS:
        return [*checks, _check("zone", max(days, bars.reading.files), moved)]
    # Days that are shifted lie on holidays, also where these were to be dropped.
    lost = bars.reading.dropped.get(DropReason.NO_SESSION, 0)
    rows = bars.reading.bars + lost
    return [*checks, _check("dropped days", rows, lost, leaks=lost > MOST_STRAY * rows)]


def _check(name: str, compared: int, wrong: int, *, leaks: bool | None = None) -> LookaheadCheck:
    return LookaheadCheck(
        part=TIMES_PART,
        name=name,
        compared=compared,
        difference=float(wrong),
        leaks=wrong > 0 if leaks is None else leaks,
    )


def _early(close_ms: Int64, stated: StatedTimes, length: int, market: Market) -> Bool:
    # (n,) bool, bars that are used before their own source says that they can have been complete.
    sessions = sessions_of(market)
    if sessions is not None and length >= DAY_MS:
        return _days_early(close_ms, stated, market)
    least = stated.utc_ms
    if stated.stamp == "open":
        least = least + length
        least = least if sessions is None else _until_rest(least, stated.utc_ms, sessions)
    return np.asarray(close_ms < least, np.bool_)


def _until_rest(ends_ms: Int64, begins_ms: Int64, sessions: Sessions) -> Int64:
    # An hour that begins half an hour before the close is over at the close.
    opens, ends = sessions.parts(extended=True)
    last = ends[(np.searchsorted(opens, begins_ms, side="right") - 1).clip(min=0)]
    return np.where(begins_ms < last, np.minimum(ends_ms, last), ends_ms)


def _days_early(close_ms: Int64, stated: StatedTimes, market: Market) -> Bool:
    # A time within a day is that of its end where it lies behind the session; clocks that change
    # make an hour of difference to a time that is written by another clock.
    clock = local_ms(stated.utc_ms, ZoneInfo(market.timezone)) % DAY_MS
    later = (stated.utc_ms > close_ms + _HOUR_MS) & (clock < _END_OF_DAY_MS)
    return np.asarray(later & (not stated.dates), np.bool_)


def _first_of_period(utc_ms: Int64, length: int, zone: ZoneInfo) -> Bool:
    # (n,) bool, weeks and months that are said to end and are dated as they begin: all on Mondays,
    # or within the first five days of a month, which holidays move.
    day = local_ms(utc_ms, zone) // DAY_MS
    if length == _WEEK_MS:
        first = (day + 3) % 7 == 0
    else:
        dates = day.astype("datetime64[D]")
        within = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
        first = (within < 5) & (length >= _MONTH_MS)
    return np.asarray(first & (first.mean() > _MOST), np.bool_)


def unknowable(bars: ReadBars) -> tuple[str, ...]:
    """Return what no check of these bars can tell, in sentences."""
    market, reading = bars.table.market, bars.reading
    sessions = sessions_of(market)
    said = _without_rest(bars) if sessions is None else _by_calendar(bars, sessions)
    return (*said, *_of_any(reading))


def _without_rest(bars: ReadBars) -> Iterator[str]:
    yield f"{bars.table.market.name} never closes: no calendar tells whether a time is an open"
    if bars.stated.stamp == "auto":
        yield "nor does the source say so; times are taken as --stamp says, else for opens"
    if bars.stated.dates:
        yield "dates are taken for days of UTC; where a source's day begins elsewhere it is late"


def _by_calendar(bars: ReadBars, sessions: Sessions) -> Iterator[str]:
    table, reading = bars.table, bars.reading
    first = int((table.bar_ms < sessions.open_ms[0]).sum())
    if first:
        yield f"{first:,} bars lie before the calendar begins"
    if reading.assumed_sessions:
        yield (
            f"{reading.assumed_sessions:,} dates lie beyond the calendar's horizon: weekdays at "
            "the usual hours are assumed, without holidays and half days"
        )
    if reading.extra_sessions:
        yield (
            f"{reading.extra_sessions:,} dates have no session by the calendar: their bars close "
            "at the usual hour"
        )
    if USERS.exists() and (own := read_overrides(USERS).of(table.market.calendar)).day:
        count = sum(len(entry.dates) for entry in own.day)
        yield f"{count:,} days are taken from {USERS.name} of the user, at its word"
    if interval_seconds(table.interval) < DAY_MS // 1_000:
        if reading.session == "extended" and not sessions.late_open_ms.any():
            yield "bars outside of the regular session: the calendar does not know when they trade"
        return
    if bars.stated.dates:
        yield "dates moved by whole weeks, and prices taken at another hour than the close"
    if sessions.late_open_ms.any() and not reading.evening:
        yield "whether closes are those of the session or of the evening, if no source declares it"


def _of_any(reading: FileReading) -> Iterator[str]:
    if reading.adjusted is not False:
        known = "adjusted prices" if reading.adjusted else "prices of which nobody says it"
        yield f"{known} may know splits and dividends that came later"
