"""The sessions of a market as arrays: when each opened, broke off and closed.

Beyond the horizon of its calendar a market is taken to trade each weekday at its usual hours, so
that no server ends with a calendar; such sessions are marked.
"""

import functools
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from models.data.calendars.markets import ALWAYS_OPEN, CURRENCIES
from models.data.calendars.overrides import Day, Extended, overrides
from models.data.calendars.schedule import schedule_of
from models.data.calendars.zone_clocks import DAY_MS, local_ms, utc_ms
from shared.contract import Bool, Int64
from shared.markets import Market

_YEAR: Final = 250  # sessions
_FEW: Final = 1_000  # times, which are sooner looked for than laid out by days
_YEARS_AHEAD: Final = 3  # what is assumed beyond the horizon; rebuilt when a server outlives it


@dataclass(frozen=True, kw_only=True, eq=False)
class Sessions:
    """The sessions of one market in time order, n in all.

    Attributes:
        day: (n,) int64, date of the session, days since 1970.
        open_ms: (n,) int64, when it opens, ms since 1970 UTC.
        close_ms: (n,) int64, when it closes.
        break_ms: (n,) int64, when its break begins; 0 without one.
        resume_ms: (n,) int64, when its break ends; 0 without one.
        late_open_ms: (n,) int64, when trading after it opens; 0 without.
        late_close_ms: (n,) int64, when that closes; 0 without.
        assumed: (n,) bool, beyond the horizon of the calendar.
    """

    day: Int64
    open_ms: Int64
    close_ms: Int64
    break_ms: Int64
    resume_ms: Int64
    late_open_ms: Int64
    late_close_ms: Int64
    assumed: Bool

    @property
    def horizon_ms(self) -> int:
        """Return when the first session opens that is beyond the calendar, ms since 1970 UTC."""
        beyond = self.open_ms[self.assumed]
        return int(beyond[0]) if len(beyond) else int(np.iinfo(np.int64).max)

    def index(self, day: Int64) -> Int64:
        """Return (k,) int64, the session of each date; -1 where there is none."""
        place = np.searchsorted(self.day, day).clip(max=len(self.day) - 1)
        return np.where(self.day[place] == day, place, -1)

    def last_until(self, day: Int64) -> Int64:
        """Return (k,) int64, the last session on or before each date; -1 before the first."""
        place: Int64 = np.searchsorted(self.day, day, side="right") - 1
        return place

    def of(self, close_ms: Int64) -> Int64:
        """Return (k,) int64, the last session that opened before each time; -1 where none had.

        Args:
            close_ms: (k,) int64, ms since 1970 UTC.
        """
        if len(close_ms) < _FEW:
            place: Int64 = np.searchsorted(self.open_ms, close_ms, side="left") - 1
            return place
        # Few sessions open within one day: from the first one of the day it is not far.
        opened, opens, most = self._opened
        day = close_ms // DAY_MS
        day -= self.open_ms[0] // DAY_MS
        place = opened[np.clip(day, 0, len(opened) - 1, out=day)]
        for _ in range(most):
            place += opens[place] < close_ms
        place -= 1
        return place

    @functools.cached_property
    def _opened(self) -> tuple[Int64, Int64, int]:
        # By day from that of the first session to that after the last one, how many have opened
        # before; when each opens, and one that never does; and how many open on one day at most.
        first, last = self.open_ms[[0, -1]] // DAY_MS
        midnights = DAY_MS * np.arange(first, last + 2)
        opened = np.searchsorted(self.open_ms, midnights, side="left")
        opens = np.append(self.open_ms, np.iinfo(np.int64).max)
        return opened, opens, int(np.diff(opened).max())

    def parts(self, *, extended: bool) -> tuple[Int64, Int64]:
        """Return the stretches without a pause: (p,) int64 opens and (p,) int64 ends, ms.

        Args:
            extended: Whether trading after the session counts.
        """
        broken = self.break_ms > 0
        opens = [self.open_ms, self.resume_ms[broken]]
        ends = [np.where(broken, self.break_ms, self.close_ms), self.close_ms[broken]]
        if extended:
            late = self.late_open_ms > 0
            opens.append(self.late_open_ms[late])
            ends.append(self.late_close_ms[late])
        begin, end = np.concatenate(opens), np.concatenate(ends)
        order = np.argsort(begin, kind="stable")
        begin, end = begin[order], end[order]
        pause = begin[1:] > end[:-1]  # currencies go on where a day ends and the next one begins
        return begin[np.append(True, pause)], end[np.append(pause, True)]

    @property
    def around_the_clock(self) -> bool:
        """Return whether sessions follow each other without a pause, as those of currencies do."""
        return bool((self.open_ms[1:] == self.close_ms[:-1]).any())

    def take(self, chosen: Bool | Int64) -> "Sessions":
        """Return the sessions that are chosen."""
        return Sessions(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


def sessions_of(market: Market) -> Sessions | None:
    """Return the sessions of a market; None where it never closes.

    Raises:
        SettingsError: The user's file of corrections is not what it must be.
    """
    if market.calendar == ALWAYS_OPEN:
        return None
    return _sessions(market.calendar, market.timezone, pd.Timestamp.now("UTC").year)


def are_among(ms: Int64, ascending: Int64) -> Bool:
    """Return (n,) bool, which of (n,) int64 times are one of (k,) int64 ascending ones, k > 0.

    `numpy.isin` sorts all of both, which takes a thousand times as long for a few bars.
    """
    place = np.searchsorted(ascending, ms).clip(max=len(ascending) - 1)
    among: Bool = ascending[place] == ms
    return among


@functools.lru_cache(maxsize=16)
def _sessions(code: str, timezone: str, year: int) -> Sessions:
    zone = ZoneInfo(timezone)
    until = _day(date(year + _YEARS_AHEAD, 12, 31))
    if code == CURRENCIES:
        known = _of_currencies(until, zone)
    else:
        known = _from_schedule(schedule_of(code, pd.Timestamp.now("UTC")))
    mine = overrides().of(code)
    whole = _corrected(_continued(known, until, zone), mine.day, zone)
    for late in mine.extended:
        whole = _extended(whole, late, zone)
    return whole


def _from_schedule(schedule: dict[str, Int64]) -> Sessions:
    none = np.zeros(len(schedule["day"]), np.int64)
    return Sessions(
        day=schedule["day"],
        open_ms=schedule["open"],
        close_ms=schedule["close"],
        break_ms=schedule["break_start"],
        resume_ms=schedule["break_end"],
        late_open_ms=none,
        late_close_ms=none.copy(),
        assumed=np.zeros(len(none), np.bool_),
    )


def _of_currencies(until: int, zone: ZoneInfo) -> Sessions:
    # From Sunday to Friday, 17:00 in New York, where each of the five days ends as well: OANDA's
    # dailyAlignment and alignmentTimezone are so unless they are set
    # (https://developer.oanda.com/rest-live-v20/instrument-ep), and brokers elsewhere follow.
    days = np.arange(_day(date(1990, 1, 1)), until + 1)
    days = days[(days + 3) % 7 < 5]
    none = np.zeros(len(days), np.int64)
    return _from_schedule(
        {
            "day": days,
            "open": _at(days - 1, "17:00", zone),
            "close": _at(days, "17:00", zone),
            "break_start": none,
            "break_end": none.copy(),
        }
    )


def _continued(known: Sessions, until: int, zone: ZoneInfo) -> Sessions:
    # Weekdays at the hours of most sessions of the last year, in local time: clocks may change.
    days = np.arange(known.day[-1] + 1, until + 1)
    days = days[(days + 3) % 7 < 5]
    last = known.take(np.arange(len(known.day))[-_YEAR:])

    def at(ms: Int64) -> Int64:
        if ms[-1] == 0:
            return np.zeros(len(days), np.int64)
        clock = int(np.median(local_ms(ms, zone) - DAY_MS * last.day))
        return utc_ms(days * DAY_MS + clock, zone)

    times = {f.name: at(getattr(last, f.name)) for f in fields(last) if f.name.endswith("_ms")}
    later = Sessions(day=days, assumed=np.ones(len(days), np.bool_), **times)
    return _joined(known, later)


def _joined(*parts: Sessions) -> Sessions:
    columns = {
        f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Sessions)
    }
    whole = Sessions(**columns)
    return whole.take(np.argsort(whole.day, kind="stable"))


def _corrected(sessions: Sessions, days: tuple[Day, ...], zone: ZoneInfo) -> Sessions:
    for entry in days:
        dates = np.array([_day(d) for d in entry.dates])
        if entry.closed:
            sessions = sessions.take(~np.isin(sessions.day, dates))
            continue
        place = sessions.index(dates)
        place, dates = place[place >= 0], dates[place >= 0]
        opens, closes = sessions.open_ms.copy(), sessions.close_ms.copy()
        if entry.open is not None:
            opens[place] = _at(dates, entry.open, zone)
        if entry.close is not None:
            closes[place] = _at(dates, entry.close, zone)
        sessions = replace(sessions, open_ms=opens, close_ms=closes)
    return sessions


def _extended(sessions: Sessions, entry: Extended, zone: ZoneInfo) -> Sessions:
    # Where the session ends late, what follows begins as much later.
    since = sessions.day >= _day(entry.since)
    opens, closes = sessions.late_open_ms.copy(), sessions.late_close_ms.copy()
    usual = int(np.median((local_ms(sessions.close_ms, zone) - sessions.day * DAY_MS)[since]))
    delay = local_ms(sessions.close_ms, zone) - sessions.day * DAY_MS - usual
    opens[since] = _at(sessions.day[since], entry.open, zone) + delay[since].clip(min=0)
    closes[since] = _at(sessions.day[since], entry.close, zone)
    return replace(sessions, late_open_ms=opens, late_close_ms=closes)


def _at(days: Int64, clock: str, zone: ZoneInfo) -> Int64:
    hours, minutes = map(int, clock.split(":"))
    return utc_ms(days * DAY_MS + (60 * hours + minutes) * 60_000, zone)


def _day(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()
