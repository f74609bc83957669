"""The facts of a reading, counted from what was kept and what was not."""

import datetime
from collections.abc import Sequence

import numpy as np

from models.data.bars import DROPPED, DropReason
from models.data.calendars.sessions import DAY_MS, Sessions, sessions_of
from models.data.sources.closes import Closes
from models.data.sources.merge import Merged
from models.data.sources.part import Part
from models.data.sources.reading import BarSaid, FileReading
from models.data.sources.tidy import DatedRows
from models.data.table import BarTable
from shared.contract import Int64, interval_name
from shared.limits import MAX_PRICE
from shared.reading import ReadOptions

_JUMP = 0.31  # a move that splits make, and trading hardly


def reading_of(
    table: BarTable,
    rows: DatedRows,
    merged: Merged,
    closes: Closes,
    parts: Sequence[Part],
    interval_s: int,
    left_out: dict[str, str],
    options: ReadOptions,
) -> FileReading:
    """Return what was understood.

    Args:
        table: The bars.
        rows: The same, by ticker and time.
        merged: What they were made of.
        closes: How they were dated.
        parts: The files.
        interval_s: Length of a bar, s.
        left_out: Files and tickers that are not among them, and why.
        options: How they were read.
    """
    sessions = sessions_of(merged.place)
    gone = DROPPED | ({DropReason.NO_SESSION} if options.no_session == "drop" else set())
    dropped = {str(r): n for r, n in rows.reasons.items() if r in gone}
    mended = {str(r): n for r, n in rows.reasons.items() if r not in gone}
    adjusted = {p.adjusted for p in parts}
    return FileReading(
        source=", ".join(dict.fromkeys(p.shape.name for p in parts)),
        market=merged.place.name,
        timezone=merged.place.timezone,
        stamp=closes.stamp,
        interval=interval_name(interval_s),
        adjusted=adjusted.pop() if len(adjusted) == 1 else None,
        tickers=table.symbols,
        bars=len(table.row),
        dropped=dropped,
        mended=mended,
        first=_bar(table, rows, 0, interval_s, sessions),
        last=_bar(table, rows, -1, interval_s, sessions),
        files=len(parts),
        left_out=left_out,
        missing_sessions=_missing(rows, sessions),
        jumps=_jumps(rows),
        notes=tuple(note for part in parts for note in part.notes),
    )


def _bar(
    table: BarTable, rows: DatedRows, place: int, interval_s: int, sessions: Sessions | None
) -> BarSaid | None:
    if len(table.row) == 0:
        return None
    close_ms = int(table.bar_ms[place])
    o, h, low, c, v = table.ohlcv[place].tolist()
    return BarSaid(
        symbol=table.symbols[int(table.row[place])],
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
    if sessions is None:
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


def _missing(rows: DatedRows, sessions: Sessions | None) -> int:
    # Sessions of a ticker's own span in which it has no bar, of all tickers.
    if sessions is None or len(rows.row) == 0:
        return 0
    # Rows stand by ticker and time, so a session of a ticker ends where either number changes.
    session = np.searchsorted(sessions.open_ms, rows.close_ms, side="left") - 1
    last = np.append((np.diff(rows.row) != 0) | (np.diff(session) != 0), True)
    ticker_ends = np.flatnonzero(np.append(np.diff(rows.row) != 0, True))
    ticker_starts = np.append(0, ticker_ends[:-1] + 1)
    spans: Int64 = session[ticker_ends] - session[ticker_starts] + 1
    return int(spans.sum() - last.sum())


def _jumps(rows: DatedRows) -> int:
    close = rows.ohlcv[:, 3]
    sound = (close[1:] > 0) & (close[:-1] > 0) & (close[1:] < MAX_PRICE)
    same = (np.diff(rows.row) == 0) & sound
    moved = np.abs(close[1:][same] / close[:-1][same] - 1)
    return int((moved > _JUMP).sum())
