"""What was dropped or mended, each kind once, the most harmful first, with the first row of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.data.bars import DROP_CODES, DROPPED, DropReason, faults
from models.data.blocks import blocks
from models.data.sources import names
from models.data.sources.merge import Merged
from models.data.sources.part import Part
from models.data.sources.raw import Unread
from models.data.sources.reading import DirtFound
from models.data.sources.tidy import DatedRows
from shared.contract import Bool, Float64, Int64, UInt8
from shared.limits import LAST_MS, MAX_PRICE, MAX_VOLUME, MIN_PRICE

# What loses or changes bars before what only says that a file is as files are.
HARM: Final = (
    DropReason.NO_TIME,
    DropReason.NOT_A_NUMBER,
    DropReason.OUT_OF_RANGE,
    DropReason.HIGH_BELOW_LOW,
    DropReason.NEGATIVE_VOLUME,
    DropReason.OUTSIDE_SESSION,
    DropReason.NO_SESSION,
    DropReason.CORRECTED,
    DropReason.RANGE_WIDENED,
    DropReason.ZERO_PRICE,
    DropReason.HALT,
    DropReason.UNFINISHED,
    DropReason.DUPLICATE,
    DropReason.REORDERED,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class JudgedRows:
    """The rows of a reading, n in all, with what is thought of each by itself.

    Attributes:
        rows: The bars, by ticker and time.
        code: (n,) uint8, 0 where a bar can be used, else as `models.data.bars.faults` says.
    """

    rows: DatedRows
    code: UInt8

    def take(self, kept: Bool) -> "JudgedRows":
        """Return the rows that are kept."""
        return JudgedRows(rows=self.rows.keep(kept), code=self.code[kept])

    def tally(self) -> DatedRows:
        """Return the rows, with what cannot be used and what will be widened counted as well."""
        rows = self.rows
        wrong = np.flatnonzero(self.code)
        for i, reason in enumerate(DROP_CODES, start=1):
            rows = rows.noted(reason, wrong[self.code[wrong] == i])
        outside = np.flatnonzero(self._outside())
        return rows.noted(DropReason.RANGE_WIDENED, outside[self.code[outside] == 0])

    def _outside(self) -> Bool:
        o, h, low, c = self.rows.ohlcv[:, :4].T
        outside: Bool = (o > h) | (c > h) | (o < low) | (c < low)
        return outside


def judged(rows: DatedRows) -> JudgedRows:
    """Return rows with what is thought of each: what a ticker's rows do to each other is no loss.

    Args:
        rows: The bars.
    """
    code = np.zeros(len(rows.row), np.uint8)
    for own in blocks(len(code)):
        close_ms, ohlcv = rows.close_ms[own], rows.ohlcv[own]
        if not _is_sound(close_ms, ohlcv):
            code[own] = faults(close_ms, ohlcv)
    return JudgedRows(rows=rows, code=code)


def _is_sound(close_ms: Int64, ohlcv: Float64) -> bool:
    # Whether no bar can be at fault; most blocks of most files are so. A NaN is below nothing.
    return bool(
        close_ms.min() > 0
        and close_ms.max() <= LAST_MS
        and all(MIN_PRICE <= ohlcv[:, i].min() <= ohlcv[:, i].max() <= MAX_PRICE for i in range(4))
        and 0 <= ohlcv[:, 4].min() <= ohlcv[:, 4].max() <= MAX_VOLUME
        and (ohlcv[:, 1] >= ohlcv[:, 2]).all()
    )


def findings_of(
    tally: DatedRows, merged: Merged, parts: Sequence[Part], *, drop_no_session: bool
) -> tuple[DirtFound, ...]:
    """Return what was dropped or mended, the most harmful first.

    Args:
        tally: The rows, with all reasons counted.
        merged: What they were made of.
        parts: The files.
        drop_no_session: Whether bars of days without a session were dropped.
    """
    gone = DROPPED | ({DropReason.NO_SESSION} if drop_no_session else set())
    found = [
        _finding(reason, tally, merged, parts, dropped=reason in gone)
        for reason in HARM
        if tally.reasons[reason]
    ]
    return tuple(sorted(found, key=lambda finding: not finding.dropped))


def _finding(
    reason: DropReason,
    tally: DatedRows,
    merged: Merged,
    parts: Sequence[Part],
    *,
    dropped: bool,
) -> DirtFound:
    if reason == DropReason.NO_TIME:
        at, row = merged.whole(int(merged.timeless[0]))
        cells = _cells(parts[at].timeless, row)
    else:
        at, row = merged.where(tally.firsts[reason])
        cells = _cells(parts[at].numberless, row) or _wrong(reason, parts[at], row)
    part, first = parts[at], cells or Unread(row=row, column="", cell="")
    return DirtFound(
        reason=reason,
        rows=tally.reasons[reason],
        dropped=dropped,
        file=part.label,
        row=1 + (row if part.rows is None else int(part.rows[row])),
        column=first.column,
        cell=first.cell,
    )


def _cells(unread: Sequence[Unread], row: int) -> Unread | None:
    return next((cell for cell in unread if cell.row == row), None)


def _wrong(reason: DropReason, part: Part, row: int) -> Unread | None:
    # The first column that gives the reason; as a number, because the text is gone by now.
    bar = part.ohlcv[row]
    columns = np.flatnonzero(_wrong_columns(reason, bar))
    if len(columns) == 0:
        return None
    role, value = names.NEEDED[columns[0]], float(bar[columns[0]])
    cell = "" if np.isnan(value) else f"{value:.12g}"
    return Unread(row=row, column=part.columns.get(role, role), cell=cell)


def _wrong_columns(reason: DropReason, bar: Float64) -> Bool:
    # (5,) bool of one bar's open, high, low, close and volume.
    places = np.arange(5)
    high, low = bar[1], bar[2]
    by_reason: dict[DropReason, Bool] = {
        DropReason.NOT_A_NUMBER: ~np.isfinite(bar),
        DropReason.OUT_OF_RANGE: (places < 4) & ((bar < MIN_PRICE) | (bar > MAX_PRICE)),
        DropReason.HIGH_BELOW_LOW: places == 1,
        DropReason.NEGATIVE_VOLUME: places == 4,
        DropReason.RANGE_WIDENED: np.isin(places, (0, 3)) & ((bar > high) | (bar < low)),
        DropReason.ZERO_PRICE: (places < 4) & (bar == 0),
    }
    return by_reason.get(reason, np.zeros(5, np.bool_))
