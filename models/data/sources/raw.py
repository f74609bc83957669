"""A file as it stands: cells and names, before anybody knows what they mean."""

from dataclasses import dataclass, field

import polars as pl

from models.data.sources.column_times import Grain
from models.data.sources.files import BarFile
from shared.contract import Float64, Int64


@dataclass(frozen=True, kw_only=True, eq=False)
class RawTable:
    """The cells of one file.

    Attributes:
        file: Where they come from.
        frame: A column each; text where the file is text, else of the file's own types.
        named: Whether the columns have names; if not, they are called 0, 1, 2, ...
        decimal_comma: Whether 1,5 is one and a half in this file.
        rows: (n,) int64, the place of each row in the file, below the names, from 0; None where
            all rows stand as they do there.
        forms: Columns of times that were texts, and how these were written; such a column is read
            already.
        numbers: (n, 5) float64, open, high, low, close and volume by the usual names, each column
            in one piece; NaN where there is no number. None where they are not all known to be.
        first: The cells of the first row as they are written; None where the frame holds them.
    """

    file: BarFile
    frame: pl.DataFrame
    named: bool = True
    decimal_comma: bool = False
    rows: Int64 | None = None
    forms: dict[str, tuple[str, Grain]] = field(default_factory=dict)
    numbers: Float64 | None = None
    first: tuple[str, ...] | None = None

    def number(self, row: int) -> int:
        """Return what people call a row of the frame: its place in the file, from 1."""
        return 1 + (row if self.rows is None else int(self.rows[row]))

    def first_row(self) -> list[str]:
        """Return the cells of the first row as texts; none where there is no row."""
        cells = self.frame.row(0) if self.first is None and len(self.frame) else self.first or ()
        return ["" if cell is None else str(cell) for cell in cells]


@dataclass(frozen=True, kw_only=True)
class Unread:
    """The first cell of a column in which nothing could be read.

    Attributes:
        row: Its place among the rows, from 0.
        column: Of which column.
        cell: What it says.
    """

    row: int
    column: str
    cell: str
