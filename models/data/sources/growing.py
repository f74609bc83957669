"""Columns that are read some rows at a time, each in one piece from the beginning."""

from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from models.data.sources.pages import untouched

N = TypeVar("N", bound=np.generic)


class GrowingColumns(Generic[N]):
    """Columns of numbers of one kind, to which rows are added."""

    def __init__(self, columns: int, rows: int, kind: type[N]) -> None:
        """Begin with none.

        Args:
            columns: How many.
            rows: How many there will be, about; memory that is never written to costs nothing.
            kind: Of the numbers.
        """
        self._cells: npt.NDArray[N] = untouched((columns, max(rows, 1)), kind)
        self._kind = kind
        self._count = 0

    def add(self, parts: list[list[npt.NDArray[Any]]]) -> None:
        """Add rows, by column as (k,) arrays that follow each other, of k rows each."""
        if not parts:
            return
        end = self._count + sum(map(len, parts[0]))
        if end > self._cells.shape[1]:
            larger = untouched((len(self._cells), max(end, 2 * self._count)), self._kind)
            larger[:, : self._count] = self._cells[:, : self._count]
            self._cells = larger
        for column, some in zip(self._cells, parts, strict=True):
            np.concatenate(some, out=column[self._count : end])
        self._count = end

    def column(self, place: int) -> npt.NDArray[N]:
        """Return (n,) numbers, all rows of one column."""
        return self._cells[place, : self._count]

    def whole(self) -> npt.NDArray[N]:
        """Return (n, columns) numbers, all rows, of which each column lies in one piece."""
        return self._cells[:, : self._count].T
