"""Whether the times of bars can be closes, by the calendar of the exchange."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from models.data.calendars.sessions import Sessions, sessions_of
from models.data.calendars.zone_clocks import DAY_MS, local_ms
from models.data.table import BarTable, Int32
from models.evaluation.lookahead.checks import TIMES_PART, LookaheadCheck
from shared.contract import Bool, Int64, interval_seconds

# A calendar may miss a day, and a file may hold one; a zone or a day that was lost moves far more.
MOST_STRAY: Final = 0.1
_MOST_EARLY: Final = 0.5  # of the sessions, of which single ones may miss their first or last bar
_LEAST: Final = 20  # of one ticker, of which fewer may be wrong by chance
_EVENING_MS: Final = 7_200_000  # after a session; no change of clocks moves a close as far


@dataclass(frozen=True, kw_only=True, eq=False)
class _Series:
    # The closes of all tickers, n in all, by ticker and time.
    row: Int32
    close_ms: Int64


def check_sessions(
    table: BarTable, *, extended: bool = False, at_open: int = 0
) -> list[LookaheadCheck]:
    """Hold the times of bars against the sessions in which they were made, ticker by ticker.

    A daily bar is not complete before its session ends. Where intraday bars close at the moment at
    which sessions open, or each day's last one closes one bar before the session does, their times
    are those of the opens. Where many bars close while the exchange rests, a zone was lost or days
    are shifted. Where some days close with the session and others with the evening, two series
    stand in one. The clock tells nothing of a market that never rests, nor of prices that were
    taken later than their times say.

    Args:
        table: The bars.
        extended: Whether bars outside of the regular session were asked for; where the calendar
            does not know when they trade, nothing is told of them.
        at_open: Bars that a reader left out because they would close just when a session opens.
    """
    sessions = sessions_of(table.market)
    if sessions is None:
        return []
    order = np.lexsort((table.bar_ms, table.row))
    series = _Series(row=table.row[order], close_ms=table.bar_ms[order])
    length = 1_000 * interval_seconds(table.interval)
    if length >= DAY_MS:
        return _by_days(series, sessions, ZoneInfo(table.market.timezone))
    checks = [_openings(series, length, sessions, at_open)]
    if not extended or sessions.late_open_ms.any():
        checks.append(_resting(series, length, sessions))
    return checks


def _check(
    name: str, wrong: Bool, row: Int32, *, most: float, certain: Bool | None = None
) -> LookaheadCheck:
    # What is wrong in too many of all, or of a ticker's own; what may be chance is counted only.
    sure = wrong if certain is None else certain
    count = np.bincount(row)
    own = np.bincount(row, weights=sure) / np.maximum(count, 1)
    return LookaheadCheck(
        part=TIMES_PART,
        name=name,
        compared=len(wrong),
        difference=float(wrong.sum()),
        leaks=bool(len(sure) and sure.mean() > most) or bool((own[count >= _LEAST] > most).any()),
    )


def _by_days(series: _Series, sessions: Sessions, zone: ZoneInfo) -> list[LookaheadCheck]:
    day = local_ms(series.close_ms, zone) // DAY_MS
    place = sessions.index(day)
    known = place >= 0
    row, at, close_ms = series.row[known], place[known], series.close_ms[known]
    early = close_ms < sessions.close_ms[at]
    tickers = int(series.row.max(initial=-1)) + 1
    stray = ~known & _lacking(row, at, tickers)[series.row]
    return [
        _check("session", early, row, most=_MOST_EARLY),
        _check("calendar", stray, series.row, most=MOST_STRAY),
        _check("evening", _mixed_evenings(row, close_ms, at, tickers, sessions), row, most=0.0),
    ]


def _lacking(row: Int32, at: Int64, tickers: int) -> Bool:
    # (tickers,) bool, whether many sessions of a ticker's span have no bar: where days are shifted
    # there is a Sunday for each Friday that is missing. One without any session lacks them all.
    there = np.bincount(row, minlength=tickers)
    span = np.zeros(tickers, np.int64)
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    ends = np.append(starts[1:], len(row)) - 1
    if len(row):
        span[row[starts]] = at[ends] - at[starts] + 1
    return np.asarray((span - there > MOST_STRAY * there) | (there == 0), np.bool_)


def _mixed_evenings(
    row: Int32, close_ms: Int64, at: Int64, tickers: int, sessions: Sessions
) -> Bool:
    # (n,) bool, bars that run into the evening beside others of the same ticker that end with the
    # session, among days that have evening trading and among those that have none.
    late = close_ms > sessions.close_ms[at] + _EVENING_MS
    mixed = np.zeros(len(row), np.bool_)
    for days in (sessions.late_close_ms[at] > 0, sessions.late_close_ms[at] == 0):
        both = (np.bincount(row[days & late], minlength=tickers) > 0) & (
            np.bincount(row[days & ~late], minlength=tickers) > 0
        )
        mixed |= days & late & both[row]
    return mixed


def _resting(series: _Series, length: int, sessions: Sessions) -> LookaheadCheck:
    opens, ends = sessions.parts(extended=True)
    part = np.searchsorted(opens, series.close_ms, side="left") - 1
    # The closing auction prints after the close, within a bar of it.
    stray: Bool = (part < 0) | (series.close_ms > ends[part.clip(min=0)] + length)
    return _check("calendar", stray, series.row, most=MOST_STRAY)


def _openings(series: _Series, length: int, sessions: Sessions, left_out: int) -> LookaheadCheck:
    # Stretches of a ticker that end one bar early, or in which a bar closes as they open: the one
    # may be a bar that is missing, the other cannot be.
    opens, ends = sessions.parts(extended=False)
    row, close_ms = series.row, series.close_ms
    part = np.searchsorted(opens, close_ms, side="left") - 1
    following = (part + 1).clip(max=len(opens) - 1)
    # Before a session that others trade ahead of, a bar of theirs ends where it opens.
    goes_on = np.append(False, (np.diff(row) == 0) & (np.diff(close_ms) == length))
    at_open = (close_ms == opens[following]) & ~goes_on
    chosen = at_open | ((part >= 0) & (close_ms <= ends[part.clip(min=0)] + length))
    group = (row.astype(np.int64) * len(opens) + np.where(at_open, following, part))[chosen]
    first = np.diff(group, prepend=-1) != 0
    last = np.append(first[1:], True)[: len(group)]
    begun, ended = close_ms[chosen][first], close_ms[chosen][last]
    tickers, place = np.divmod(group[first], len(opens))
    opened, early = at_open[chosen][first], ended == ends[place] - length
    certain = opened | (early & (begun != opens[place] + length))
    of = tickers.astype(np.int32)
    check = _check("session", opened | early, of, most=_MOST_EARLY, certain=certain)
    leaks = check.leaks or left_out > _MOST_EARLY * len(group[first])
    return msgspec.structs.replace(check, leaks=leaks)
