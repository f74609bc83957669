"""Columns of numbers that are read some rows at a time, each in one piece from the beginning."""

import numpy as np
import polars as pl

from shared.contract import Float64


class GrowingColumns:
    """Columns of numbers, to which rows are added."""

    def __init__(self, columns: int, rows: int) -> None:
        """Begin with none.

        Args:
            columns: How many.
            rows: How many there will be, about; memory that is never written to costs nothing.
        """
        self._cells = np.empty((columns, max(rows, 1)))
        self._count = 0

    def add(self, parts: list[pl.Series]) -> None:
        """Add rows, as one series of floats a column; NaN where one is null."""
        end = self._count + len(parts[0])
        if end > self._cells.shape[1]:
            larger = np.empty((len(self._cells), max(end, 2 * self._count)))
            larger[:, : self._count] = self._cells[:, : self._count]
            self._cells = larger
        for column, part in zip(self._cells, parts, strict=True):
            column[self._count : end] = part.fill_null(np.nan) if part.null_count() else part
        self._count = end

    def whole(self) -> Float64:
        """Return (n, columns) float64, all rows, of which each column lies in one piece."""
        return self._cells[:, : self._count].T
