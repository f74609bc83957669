"""From times in a file to the moments at which its bars were complete, never before their end."""

from dataclasses import dataclass, replace
from typing import Final, Literal
from zoneinfo import ZoneInfo

import numpy as np

from models.data.calendars.markets import CURRENCIES
from models.data.calendars.sessions import Sessions, are_among, sessions_of
from models.data.calendars.zone_clocks import DAY_MS, local_ms, utc_ms
from models.data.sources.currencies import currency_days, weeks_stamped
from models.data.sources.distinct import distinct
from models.data.sources.moments import Moments
from shared.contract import Bool, Int64
from shared.errors import DataError
from shared.markets import Market

_WEEK: Final = 7
_MONTH: Final = 28  # days that a month has at least


@dataclass(frozen=True, kw_only=True, eq=False)
class Closes:
    """When n bars were complete.

    Attributes:
        close_ms: (n,) int64, ms since 1970 UTC.
        no_session: (n,) bool, the market did not trade on that date.
        outside: (n,) bool, the bar lies outside of the regular session.
        running: (n,) bool, a bar of days or more whose time is that of a last trade instead: it was
            still running when it was written.
        stamp: Whether the times in the file are those of opens or closes.
        evening: Whether bars of days run to the end of the evening's trading.
    """

    close_ms: Int64
    no_session: Bool
    outside: Bool
    running: Bool
    stamp: Literal["open", "close"]
    evening: bool = False

    def take(self, place: Int64 | None) -> "Closes":
        """Return those at (k,) int64 places; all where None says that each stands at its own."""
        if place is None:
            return self
        return replace(
            self,
            close_ms=self.close_ms[place],
            no_session=_at(self.no_session, place),
            outside=_at(self.outside, place),
            running=_at(self.running, place),
        )


def _at(flags: Bool, place: Int64) -> Bool:
    return flags[place] if flags.any() else np.zeros(len(place), np.bool_)


def closes_of(
    moments: Moments,
    interval_s: int,
    market: Market,
    stamp: Literal["auto", "open", "close"],
    *,
    evening: bool = False,
    day_zone: str = "",
) -> Closes:
    """Return when bars were complete.

    Args:
        moments: When they were stamped, each readable.
        interval_s: Their length, s.
        market: Where they trade.
        stamp: What an intraday time means; `auto` asks the sessions, and where these do not tell
            it is the open: then a bar may count a bar late, never early.
        evening: Daily bars run to the end of the evening's trading.
        day_zone: Where days of currencies end at midnight; empty where nobody says so.

    Raises:
        DataError: Nothing tells whether bars of weeks or months are dated by their first or last
            day.
    """
    sessions = sessions_of(market)
    if sessions is None:
        shift = 0 if stamp == "close" else 1_000 * interval_s
        told: Literal["open", "close"] = "close" if stamp == "close" else "open"
        return _closes(moments.utc_ms + shift, told, running=_running(moments, interval_s, market))
    if market.calendar == CURRENCIES and interval_s == 86_400:
        close_ms, resting = currency_days(moments, dates_of(moments, market), sessions, day_zone)
        running = _running(moments, interval_s, market)
        return _closes(close_ms, "open", no_session=resting, running=running)
    # Many tickers share their times: each is looked up once.
    if 1_000 * interval_s < DAY_MS:
        times, place = distinct(moments.utc_ms, 1_000 * interval_s)
        return _intraday(times, interval_s, sessions, market, stamp).take(place)
    if moments.dates and 1_000 * interval_s == DAY_MS:
        dates, place = distinct(moments.wall_ms, DAY_MS)
        once = Moments(wall_ms=dates, utc_ms=dates, dates=True)
        running = np.zeros(len(dates), np.bool_)
        closes = _daily(dates // DAY_MS, once, sessions, market, running, evening=evening)
        return closes.take(place)
    days = dates_of(moments, market)
    running = _running(moments, interval_s, market)
    if 1_000 * interval_s > DAY_MS:
        if market.calendar == CURRENCIES and stamp == "auto" and interval_s == _WEEK * 86_400:
            stamp = weeks_stamped(moments, days, sessions)
        return _periods(days, interval_s // 86_400, sessions, stamp, running)
    return _daily(days, moments, sessions, market, running, evening=evening)


def _closes(
    close_ms: Int64,
    stamp: Literal["open", "close"],
    *,
    no_session: Bool | None = None,
    outside: Bool | None = None,
    running: Bool | None = None,
) -> Closes:
    never = np.zeros(len(close_ms), np.bool_)
    return Closes(
        close_ms=close_ms,
        no_session=never if no_session is None else no_session,
        outside=never if outside is None else outside,
        running=never if running is None else running,
        stamp=stamp,
    )


def _running(moments: Moments, interval_s: int, market: Market) -> Bool:
    # Sources stamp the bar that still runs with its last trade, all others with one hour of the
    # day, be it by their own clock or by that of the exchange.
    if moments.dates or 1_000 * interval_s < DAY_MS or len(moments.utc_ms) == 0:
        return np.zeros(len(moments.utc_ms), np.bool_)
    local = local_ms(moments.utc_ms, ZoneInfo(market.timezone))
    odd = np.ones(len(local), np.bool_)
    for clock in (moments.wall_ms % DAY_MS, local % DAY_MS):
        if (clock == clock[0]).all():
            return np.zeros(len(local), np.bool_)
        hours, counts = np.unique(clock, return_counts=True)
        if counts.max() < 0.8 * len(clock):
            return np.zeros(len(local), np.bool_)
        odd &= clock != hours[counts.argmax()]
    return odd


def dates_of(moments: Moments, market: Market) -> Int64:
    """Return (n,) int64 dates of sessions, days since 1970.

    A date is that of the exchange's clock. Sources that know no zone write midnight of their own
    clock instead, be it UTC or the writer's: a midnight as written is then the date.
    """
    if moments.dates:
        return moments.wall_ms // DAY_MS
    local = local_ms(moments.utc_ms, ZoneInfo(market.timezone))
    as_written = (local % DAY_MS != 0) & (moments.wall_ms % DAY_MS == 0)
    return np.where(as_written, moments.wall_ms, local) // DAY_MS


def _daily(
    days: Int64,
    moments: Moments,
    sessions: Sessions,
    market: Market,
    running: Bool,
    *,
    evening: bool,
) -> Closes:
    place = sessions.index(days)
    open_day = place >= 0
    close_ms = np.where(open_day, sessions.close_ms[place], 0)
    late_ms = np.where(open_day, sessions.late_close_ms[place], 0)
    # A bar that was stamped in the evening holds the evening, whatever its source declares.
    stamped_late = (moments.utc_ms > close_ms) & (not moments.dates)
    late = (late_ms > 0) & (evening | stamped_late)
    close_ms[late] = late_ms[late]
    missing = ~open_day
    if missing.any():
        close_ms[missing] = _usual_close(days[missing], sessions, market)
    closes = _closes(close_ms, "open", no_session=missing, running=running)
    return replace(closes, evening=bool(late.any()))


def _usual_close(days: Int64, sessions: Sessions, market: Market) -> Int64:
    # Of a day without a session: at the hour of the session before it, by the local clock.
    zone = ZoneInfo(market.timezone)
    place = sessions.last_until(days).clip(min=0)
    clock = local_ms(sessions.close_ms[place], zone) - DAY_MS * sessions.day[place]
    return utc_ms(days * DAY_MS + clock, zone)


def _intraday(
    utc: Int64,
    interval_s: int,
    sessions: Sessions,
    market: Market,
    stamp: Literal["auto", "open", "close"],
) -> Closes:
    opens, ends = sessions.parts(extended=False)
    length = 1_000 * interval_s
    told = _told_by_sessions(utc, opens, ends) if stamp == "auto" else stamp
    begins = utc - length if told == "close" else utc
    place = (np.searchsorted(opens, begins, side="right") - 1).clip(min=0)
    last = ends[place]
    inside = (begins >= opens[place]) & (begins < last)
    close_ms = begins + length
    if told == "open":
        # An hour that begins half an hour before the close is over at the close.
        close_ms = np.where(inside, np.minimum(close_ms, last), close_ms)
    # The closing auction prints at the close itself; sources that stamp opens give it a bar there.
    # Currencies have no auction.
    auction = (
        (begins == last) & are_among(last, sessions.close_ms) & (not sessions.around_the_clock)
    )
    zone = ZoneInfo(market.timezone)
    local = local_ms(begins, zone)
    traded = sessions.index(local // DAY_MS) >= 0
    usual = _at_usual_hours(local, traded, sessions, zone)
    return _closes(
        close_ms,
        "close" if told == "close" else "open",
        no_session=~(traded | inside),  # a session may begin on the evening before its date
        outside=~(inside | auction | usual),
    )


def _at_usual_hours(local: Int64, traded: Bool, sessions: Sessions, zone: ZoneInfo) -> Bool:
    # (n,) bool, at hours of a usual day, on days without a session or before one that opened late:
    # there the bars of a file say more than a calendar, which may be wrong about the day.
    day = local // DAY_MS
    clock = local - DAY_MS * day
    place = sessions.last_until(day).clip(min=0)
    opened = local_ms(sessions.open_ms[place], zone) - DAY_MS * sessions.day[place]
    usual = np.median((local_ms(sessions.open_ms, zone) % DAY_MS)[-250:])
    closed = local_ms(sessions.close_ms[place], zone) - DAY_MS * sessions.day[place]
    early = traded & (clock >= usual) & (clock < opened)
    all_day = closed - opened >= DAY_MS
    return np.asarray(
        early | (~traded & (all_day | ((clock >= usual) & (clock < closed)))), np.bool_
    )


def _told_by_sessions(utc: Int64, opens: Int64, ends: Int64) -> Literal["open", "close"]:
    # Bars that are stamped by their opens begin with the session, by their closes end with it.
    at_open, at_end = int(are_among(utc, opens).sum()), int(are_among(utc, ends).sum())
    return "close" if at_end > 0 and at_open == 0 else "open"


def _periods(
    days: Int64,
    length: int,
    sessions: Sessions,
    stamp: Literal["auto", "open", "close"],
    running: Bool,
) -> Closes:
    monthly = length >= _MONTH
    told = _dated_by(days[~running], monthly=monthly) if stamp == "auto" else stamp
    if told == "close":
        last = days
    elif monthly:
        months = days.astype("datetime64[D]").astype("datetime64[M]") + length // _MONTH
        last = months.astype("datetime64[D]").astype(np.int64) - 1
    else:
        last = days + length - 1
    place = sessions.last_until(last).clip(min=0)
    return _closes(sessions.close_ms[place], told, running=running)


def _dated_by(days: Int64, *, monthly: bool) -> Literal["open", "close"]:
    # The first of a month or a Monday begins a period; its last days end it. Holidays move both.
    dates = days.astype("datetime64[D]")
    if monthly:
        within = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
        early, late = within < 5, within >= 24
    else:
        weekday = (days + 3) % _WEEK  # 0 is Monday
        early, late = weekday <= 1, weekday >= 3
    shares = {"open": float(early.mean()), "close": float(late.mean())}
    if shares["open"] > 0.9:
        return "open"
    if shares["close"] > 0.9:
        return "close"
    raise DataError(
        "nothing tells whether bars of weeks or months are dated by their first or last day; "
        "say --stamp open or --stamp close"
    )
