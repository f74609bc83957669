"""Times of one column, as they were read."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from models.data.calendars.zone_clocks import NEVER
from shared.contract import Bool, Int64

NONE: Final = NEVER  # a time that cannot be read, or a zone that is not given
MOST: Final = 0.9  # of the values must have a form for it to be the column's
_SAMPLE: Final = 2_000

Grain = Literal["date", "time", "clock"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Stamps:
    """The times of one column, n in all.

    Attributes:
        wall_ms: (n,) int64, as written, ms since 1970 by that clock; `NONE` where unreadable.
        zone_ms: (n,) int64, offset of that clock from UTC, ms; `NONE` where none is written. None
            where no row says one.
        grain: Whether the column holds dates alone, full times, or times of day alone.
        form: How it is written, for people.
    """

    wall_ms: Int64
    zone_ms: Int64 | None
    grain: Grain
    form: str

    @property
    def known(self) -> Bool:
        """Return (n,) bool, whether each could be read."""
        known: Bool = self.wall_ms != NONE
        return known

    @property
    def zoned(self) -> bool:
        """Return whether any row says how far its clock is from UTC."""
        return self.zone_ms is not None and bool((self.zone_ms != NONE).any())


def stamps(wall: npt.ArrayLike, zone: Int64 | None, grain: Grain, form: str) -> Stamps:
    """Return the record of (n,) written times; `zone` is None where no row says one."""
    wall_ms = np.asarray(wall, dtype=np.int64)
    return Stamps(wall_ms=wall_ms, zone_ms=zone, grain=grain, form=form)


def as_numbers(column: pl.Series) -> tuple[pl.Series, pl.Series, bool]:
    """Return the cells of a column as texts, as numbers, and whether nearly all are such."""
    # Each look at a column costs polars more than a small file has cells: all is asked for at once.
    text, number = pl.col("text"), pl.col("number")
    there = text.is_not_null() & (text != "")
    cells = (
        column.to_frame("text")
        .lazy()
        .select(text.cast(pl.String).str.strip_chars(" \t\"'="))
        .with_columns(number=text.str.replace(r"\.0+$", "").cast(pl.Float64, strict=False))
        .with_columns(there=there.sum(), fitting=(there & number.is_not_null()).sum())
        .collect()
    )
    most = len(cells) > 0 and enough(int(cells["fitting"][0]), int(cells["there"][0]))
    return cells["text"], cells["number"], most


def enough(fitting: int, of: int) -> bool:
    """Return whether so many values make a form that of the column; a total may stand below."""
    return fitting >= max(1, of - max(1, int((1 - MOST) * of + 1e-9)))


def sampled(values: pl.Series) -> pl.Series:
    """Return some thousand of the values that are there, from all over the column."""
    cell = pl.col("cell")  # of null nothing is chosen
    kept = values.to_frame("cell").filter(cell != "").to_series()
    return kept if len(kept) <= _SAMPLE else kept.gather_every(len(kept) // _SAMPLE)


def first(values: pl.Series) -> str:
    """Return the first value that is there, as text."""
    present = values.drop_nulls()
    return str(present[0]) if len(present) else ""
