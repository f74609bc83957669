"""Whether the times of bars can be closes, by the calendar of the exchange."""

from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from models.data.calendars.sessions import DAY_MS, Sessions, local_ms, sessions_of
from models.data.table import BarTable
from models.evaluation.lookahead.checks import TIMES_PART, LookaheadCheck
from shared.contract import Bool, Int64, interval_seconds

# A calendar may miss a day, and a file may hold one; a zone or a day that was lost moves far more.
_MOST_STRAY: Final = 0.1


def check_sessions(table: BarTable) -> list[LookaheadCheck]:
    """Hold the times of bars against the sessions in which they were made.

    A daily bar is not complete before its session ends. Where nearly every day's last intraday bar
    closes one bar before the session does, its times are those of the opens. Where many bars close
    while the exchange rests, a zone was lost or days are shifted. The clock tells nothing of a
    market that never rests, nor of prices that were taken later than their times say.
    """
    sessions = sessions_of(table.market)
    if sessions is None:
        return []
    length = 1_000 * interval_seconds(table.interval)
    times = np.unique(table.bar_ms)
    if length < DAY_MS:
        early, stray = _within_days(times, length, sessions)
    else:
        early, stray = _by_days(times, sessions, ZoneInfo(table.market.timezone))
    return [_check("session", early, 0.5), _check("calendar", stray, _MOST_STRAY)]


def _check(name: str, wrong: Bool, most: float) -> LookaheadCheck:
    return LookaheadCheck(
        part=TIMES_PART,
        name=name,
        compared=len(wrong),
        difference=float(wrong.sum()),
        leaks=bool(len(wrong)) and float(wrong.mean()) > most,
    )


def _by_days(times: Int64, sessions: Sessions, zone: ZoneInfo) -> tuple[Bool, Bool]:
    # Which days close before their session, and which have none while sessions lack a day: where
    # days are shifted there is a Sunday for each Friday that is missing.
    place = sessions.index(local_ms(times, zone) // DAY_MS)
    known = place >= 0
    early: Bool = times[known] < sessions.close_ms[place[known]]
    if not known.any():
        return early, ~known
    there = np.unique(place[known])
    missing = there[-1] - there[0] + 1 - len(there)
    return early, ~known & (missing > _MOST_STRAY * len(there))


def _within_days(times: Int64, length: int, sessions: Sessions) -> tuple[Bool, Bool]:
    # Which sessions end one bar early, and which bars close outside of any.
    opens, ends = sessions.parts(extended=True)
    part = np.searchsorted(opens, times, side="left") - 1
    last = ends[part.clip(min=0)]
    # The closing auction prints after the close, within a bar of it.
    stray: Bool = (part < 0) | (times > last + length)
    inside = times[~stray]
    session = np.searchsorted(sessions.open_ms, inside, side="left") - 1
    final = np.append(np.diff(session) != 0, True)[: len(inside)]
    early: Bool = inside[final] == sessions.close_ms[session[final]] - length
    return early, stray
