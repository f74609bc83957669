"""The facts of a reading, counted from what was kept and what was not."""

import datetime
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from models.data.blocks import blocks
from models.data.calendars.sessions import Sessions, sessions_of
from models.data.calendars.zone_clocks import DAY_MS, local_ms
from models.data.sources.closes import Closes
from models.data.sources.findings import JudgedRows
from models.data.sources.merge import Merged
from models.data.sources.part import Part
from models.data.sources.reading import BarSaid, DirtFound, FileReading
from models.data.sources.suspicious import suspicious
from models.data.sources.tidy import DatedRows
from models.data.table import BarTable, Int32
from shared.contract import Bool, Int64, interval_seconds
from shared.limits import MAX_PRICE
from shared.markets import Market

_DAY_S: Final = 86_400
_JUMP: Final = 0.31  # a move that splits make, and trading hardly


def reading_of(
    table: BarTable,
    judged: JudgedRows,
    merged: Merged,
    closes: Closes,
    parts: Sequence[Part],
    left_out: dict[str, str],
    findings: tuple[DirtFound, ...],
) -> FileReading:
    """Return what was understood.

    Args:
        table: The bars.
        judged: The same, by ticker and time, with what is thought of each.
        merged: What they were made of.
        closes: How they were dated.
        parts: The files.
        left_out: Files and tickers that are not among them, and why.
        findings: What was dropped or mended.
    """
    sessions, interval_s = sessions_of(merged.place), interval_seconds(table.interval)
    usable, no_session = judged.code == 0, judged.rows.of(closes.no_session)
    adjusted = {p.adjusted for p in parts}
    return FileReading(
        source=", ".join(dict.fromkeys(p.shape.name for p in parts)),
        market=merged.place.name,
        timezone=merged.place.timezone,
        stamp=closes.stamp,
        interval=table.interval,
        adjusted=adjusted.pop() if len(adjusted) == 1 else None,
        evening=closes.evening,
        tickers=table.symbols,
        bars=int(usable.sum()),
        dropped={f.reason: f.rows for f in findings if f.dropped},
        mended={f.reason: f.rows for f in findings if not f.dropped},
        findings=findings,
        first=_bar(judged.rows, _ends(judged)[0], merged, interval_s, sessions),
        last=_bar(judged.rows, _ends(judged)[1], merged, interval_s, sessions),
        files=len(parts),
        left_out=left_out,
        missing_sessions=_missing(judged.rows, no_session, sessions, interval_s),
        extra_sessions=_extra(judged.rows, no_session & usable, merged.place),
        assumed_sessions=_assumed(judged.rows, sessions),
        jumps=_jumps(judged.rows),
        suspicious=suspicious(judged, rests=sessions is not None and interval_s >= _DAY_S),
        notes=tuple(note for part in parts for note in part.notes),
    )


def _ends(judged: JudgedRows) -> tuple[int, int]:
    # The places of the first and the last bar that can be used, in the order of the table.
    close_ms, usable = judged.rows.close_ms, judged.code == 0
    if usable.all():
        return int(close_ms.argmin()), int(np.flatnonzero(close_ms == close_ms.max())[-1])
    limits = np.iinfo(np.int64)
    first = int(np.where(usable, close_ms, limits.max).argmin())
    last = int(np.where(usable, close_ms, limits.min)[::-1].argmax())
    return first, len(close_ms) - 1 - last


def _bar(
    rows: DatedRows, place: int, merged: Merged, interval_s: int, sessions: Sessions | None
) -> BarSaid:
    close_ms = int(rows.close_ms[place])
    o, h, low, c, v = rows.ohlcv[place].tolist()
    return BarSaid(
        symbol=merged.symbols[int(rows.row[place])],
        open_at=_moment(_open_ms(close_ms, interval_s, sessions)),
        close_at=_moment(close_ms),
        open=o,
        high=h,
        low=low,
        close=c,
        volume=v,
    )


def _open_ms(close_ms: int, interval_s: int, sessions: Sessions | None) -> int:
    # A daily bar begins with its session; a shorter one as long before its close as it lasts, but
    # not before the stretch that it lies in.
    whole_day = 1_000 * interval_s == DAY_MS
    if sessions is None or (whole_day and sessions.around_the_clock):
        return close_ms - 1_000 * interval_s
    if 1_000 * interval_s < DAY_MS:
        opens, _ = sessions.parts(extended=False)
        place = int(np.searchsorted(opens, close_ms, side="left")) - 1
        usual = close_ms - 1_000 * interval_s
        return max(usual, int(opens[place])) if place >= 0 else usual
    first = close_ms - 1_000 * (interval_s - 86_400)
    place = min(int(np.searchsorted(sessions.close_ms, first, side="left")), len(sessions.day) - 1)
    opened, closed = int(sessions.open_ms[place]), int(sessions.close_ms[place])
    # On a day without a session the bar is as long as the next session is.
    return opened if opened < close_ms else close_ms - (closed - opened)


def _moment(ms: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(ms / 1_000, datetime.UTC)


def _missing(rows: DatedRows, no_session: Bool, sessions: Sessions | None, interval_s: int) -> int:
    # Sessions of a ticker's own span in which it has no bar, of all tickers. Beyond the horizon of
    # the calendar nobody knows the holidays, so nothing is missed there.
    if sessions is None:
        return 0
    known = (rows.close_ms < sessions.horizon_ms) & ~no_session
    row, close_ms = (rows.row, rows.close_ms) if known.all() else _both(rows, known)
    if len(row) == 0:
        return 0
    # Rows stand by ticker and time, so a session of a ticker ends where either number changes.
    # Days of currencies may end some hours into the next session: their middle tells.
    back = DAY_MS // 2 if sessions.around_the_clock and interval_s == _DAY_S else 0
    there = 1
    for own in blocks(len(row), beyond=1):
        session = sessions.of(close_ms[own] - back)
        there += int(np.count_nonzero((np.diff(row[own]) != 0) | (np.diff(session) != 0)))
    ends = np.append(np.flatnonzero(row[1:] != row[:-1]), len(row) - 1)
    starts = np.append(0, ends[:-1] + 1)
    spans = sessions.of(close_ms[ends] - back) - sessions.of(close_ms[starts] - back) + 1
    return int(spans.sum()) - there


def _both(rows: DatedRows, kept: Bool) -> tuple[Int32, Int64]:
    return rows.row[kept], rows.close_ms[kept]


def _extra(rows: DatedRows, extra: Bool, market: Market) -> int:
    local = local_ms(rows.close_ms[extra], ZoneInfo(market.timezone))
    return len(np.unique(local // DAY_MS))


def _assumed(rows: DatedRows, sessions: Sessions | None) -> int:
    if sessions is None:
        return 0
    beyond = rows.close_ms[rows.close_ms >= sessions.horizon_ms]
    return len(np.unique(np.searchsorted(sessions.open_ms, beyond, side="left")))


def _jumps(rows: DatedRows) -> int:
    count = 0
    for own in blocks(len(rows.row), beyond=1):
        close, row = rows.ohlcv[own, 3], rows.row[own]
        before, after = close[:-1], close[1:]
        # A division costs more: what moves less in any case is not looked at any further.
        near = (after < 1.3 * before) & (after > 0.7 * before)
        far = np.flatnonzero(~near & (row[1:] == row[:-1]))
        far = far[(before[far] > 0) & (after[far] > 0) & (after[far] < MAX_PRICE)]
        count += int((np.abs(after[far] / before[far] - 1) > _JUMP).sum())
    return count
