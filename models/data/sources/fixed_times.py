"""Times that are written alike in every row, read from their bytes without a text in between.

Only what is proven is read: each byte is looked at, and one that is out of place gives nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.data.blocks import blocks
from models.data.sources.column_times import NONE, Grain
from models.data.sources.number_times import calendar
from shared.contract import Int64

Bytes = npt.NDArray[np.uint8]
EightBytes = npt.NDArray[np.uint64]

_ZERO: Final = ord("0")
_DIGITS: Final = str.maketrans("123456789", "000000000")
_DATE: Final = 10  # bytes of YYYY-MM-DD
# By the number of colons: what each pair of digits counts, ms, and what it stays below; the day of
# the month is read with the date.
_PAIRS: Final = {
    1: ((0, 100), (3_600_000, 24), (60_000, 60)),
    2: ((3_600_000, 24), (60_000, 60), (1_000, 60)),
}


@dataclass(frozen=True, kw_only=True)
class FixedForm:
    """A way of writing times in which each is as long as the others.

    Attributes:
        name: What people call it; as of `models.data.sources.stamps`.
        grain: Whether it says dates or times.
        mask: 0 for a digit, else the byte itself.
    """

    name: str
    grain: Grain
    mask: str

    @property
    def width(self) -> int:
        """Return the number of bytes."""
        return len(self.mask)

    def fits(self, cells: Sequence[str]) -> bool:
        """Return whether all cells are written in this way."""
        return all(cell.translate(_DIGITS) == self.mask for cell in cells)


FIXED_FORMS: Final = (
    FixedForm(name="YYYY-MM-DD HH:MM:SS", grain="time", mask="0000-00-00 00:00:00"),
    FixedForm(name="YYYY-MM-DD", grain="date", mask="0000-00-00"),
    FixedForm(name="YYYY-MM-DDTHH:MM:SS", grain="time", mask="0000-00-00T00:00:00"),
    FixedForm(name="YYYY-MM-DD HH:MM", grain="time", mask="0000-00-00 00:00"),
)


def fixed_ms(cells: Bytes, form: FixedForm) -> Int64 | None:
    """Return (n,) int64 ms since 1970 by the clock that was written; None if one is no such time.

    Args:
        cells: (n, width) uint8, the bytes of each cell, one after the other.
        form: How they are written.
    """
    wall = np.empty(len(cells), np.int64)
    for own in blocks(len(cells)):
        block = cells[own]
        ms = _days(block, form)
        if ms is None or (form.grain == "time" and not _add_clock(ms, block, form)):
            return None
        wall[own] = ms
    return wall


def _days(cells: Bytes, form: FixedForm) -> Int64 | None:
    # Neighbors mostly share a date: it is read where it differs from that of the row before.
    head = min(form.width, _DATE + 1)  # with the mark behind it
    new = np.ones(len(cells), np.bool_)
    for words in (_words(cells, 0), _words(cells, head - 8)):
        new[1:] &= words[1:] == words[:-1]
    np.logical_not(new[1:], out=new[1:])
    rows = np.flatnonzero(new)
    dates = cells[rows, :head] - _ZERO  # what is below a zero wraps around and is too large
    if not _fits(dates, form.mask[:head]):
        return None
    century, years, month, day = (
        dates[:, i].astype(np.int64) * 10 + dates[:, i + 1] for i in (0, 2, 5, 8)
    )
    days = calendar(100 * century + years, month, day, np.zeros(len(rows), np.int64))
    if (days == NONE).any():
        return None
    return np.repeat(days, np.diff(rows, append=len(cells)))


def _fits(cells: Bytes, mask: str) -> bool:
    marks = np.array([m != "0" for m in mask])
    written = np.frombuffer(mask.encode(), np.uint8)[marks] - _ZERO
    return bool((cells[:, ~marks] <= 9).all() and (cells[:, marks] == written).all())


def _words(cells: Bytes, place: int) -> EightBytes:
    # Eight bytes of each cell as one number, so that one step does for all of them.
    n, width = cells.shape
    return np.ndarray((n,), "<u8", buffer=cells.data, offset=place, strides=(width,))


def _add_clock(ms: Int64, cells: Bytes, form: FixedForm) -> bool:
    # The last eight bytes are three pairs of digits with a mark between: HH:MM:SS, or DD HH:MM. The
    # steps work on all eight at once: none overflows into the next, because digits are below ten.
    tail = form.mask[-8:]
    words = _words(cells, form.width - 8).copy()
    if ((words & _bytes(tail, 0xF0, 0xFF)) != _bytes(tail, _ZERO, None)).any():
        return False
    words &= _bytes(tail, 0x0F, 0)
    if ((words + _bytes(tail, 0x06, 0)) & _bytes(tail, 0x10, 0)).any():
        return False
    words = words * np.uint64(10) + (words >> np.uint64(8))
    for place, (unit_ms, limit) in zip((0, 24, 48), _PAIRS[tail.count(":")], strict=True):
        pair = (words >> np.uint64(place)).astype(np.uint8)
        if pair.max() >= limit:
            return False
        if unit_ms:
            ms += pair.astype(np.int64) * unit_ms
    return True


def _bytes(mask: str, digit: int, mark: int | None) -> np.uint64:
    # One number of eight bytes: `digit` where there is one, `mark` at the others, or these as such.
    parts = [digit if m == "0" else ord(m) if mark is None else mark for m in mask]
    return np.uint64(int.from_bytes(bytes(parts), "little"))
