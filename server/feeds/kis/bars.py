"""From the minutes and days of KIS to bars: minutes are stamped by their begin."""

import datetime as dt
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from models.data.calendars.sessions import Sessions
from models.data.calendars.zone_clocks import DAY_MS
from models.data.times import to_ms
from server.feeds.kis.answers import KisDay, KisMinute
from shared.contract import Float64, Int64

SEOUL: Final = ZoneInfo("Asia/Seoul")
_MINUTE_MS: Final = 60_000
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()


def minute_bars(minutes: Sequence[KisMinute]) -> tuple[Int64, Float64]:
    """Return bars in time order: (n,) int64 closes, ms since 1970 UTC, and (n, 5) float64.

    Blank rows and minutes without a trade are left out.

    Args:
        minutes: In any order.
    """
    bars = {_begin_ms(m) + _MINUTE_MS: _ohlcv(m) for m in minutes if m.stck_cntg_hour}
    traded = {ms: bar for ms, bar in sorted(bars.items()) if bar[4] > 0}
    return _columns(traded)


def day_bars(days: Sequence[KisDay], sessions: Sessions, *, evening: bool) -> tuple[Int64, Float64]:
    """Return bars in time order: (n,) int64 closes, ms since 1970 UTC, and (n, 5) float64.

    Args:
        days: In any order; blank ones, and those of no session that we know, are left out.
        sessions: Of the Korea Exchange.
        evening: Whether the days run to the end of the evening's trading, as those of both venues.
    """
    dates = np.array([_day(d.stck_bsop_date) for d in days if d.stck_bsop_date], np.int64)
    bars = [_day_ohlcv(d) for d in days if d.stck_bsop_date]
    place = sessions.index(dates)
    late_ms = sessions.late_close_ms[place]
    close_ms = np.where((late_ms > 0) & evening, late_ms, sessions.close_ms[place])
    known = zip(close_ms.tolist(), bars, (place >= 0).tolist(), strict=True)
    return _columns(dict(sorted((ms, bar) for ms, bar, held in known if held)))


def _columns(bars: dict[int, tuple[float, ...]]) -> tuple[Int64, Float64]:
    ohlcv = np.array(list(bars.values()), np.float64).reshape(-1, 5)
    return np.array(list(bars), np.int64), ohlcv


def _begin_ms(minute: KisMinute) -> int:
    text = f"{minute.stck_bsop_date}T{minute.stck_cntg_hour}"
    return to_ms(dt.datetime.fromisoformat(text).replace(tzinfo=SEOUL))


def _day(text: str) -> int:
    return dt.date.fromisoformat(text).toordinal() - _EPOCH


def _ohlcv(minute: KisMinute) -> tuple[float, ...]:
    prices = (minute.stck_oprc, minute.stck_hgpr, minute.stck_lwpr, minute.stck_prpr)
    return tuple(float(value or 0) for value in (*prices, minute.cntg_vol))


def _day_ohlcv(day: KisDay) -> tuple[float, ...]:
    prices = (day.stck_oprc, day.stck_hgpr, day.stck_lwpr, day.stck_clpr)
    return tuple(float(value or 0) for value in (*prices, day.acml_vol))


def seoul(ms: int) -> dt.datetime:
    """Return a time in ms since 1970 UTC as one in Seoul."""
    return dt.datetime.fromtimestamp(ms / 1_000, SEOUL)


def midnight_ms(ms: int) -> int:
    """Return the midnight in Seoul before a time, both ms since 1970 UTC."""
    return (ms + 9 * 3_600_000) // DAY_MS * DAY_MS - 9 * 3_600_000
