"""The values of rows, an array for each column of `shared.columns`."""

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from shared.columns import COLUMNS
from shared.contract import Bool, Float32, Float64, Int64, UInt8


class HasColumns(Protocol):
    """Whatever holds an array for each of `COLUMNS`."""

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return the (n, ...) array of one column.

        Raises:
            KeyError: There is no column of that name.
        """


class CoreColumns:
    """Typed names for the columns that the programs themselves work with; others need none.

    To be mixed into a class that has columns, as the type of each `self` says: no class of
    messages can have an abstract one among its bases.
    """

    __slots__ = ()

    @property
    def probabilities(self: HasColumns) -> Float32:
        """(n, 3) float32, of down, flat, up; all zero where `DECIDED` is not set."""
        return self.column("probabilities")

    @property
    def last(self: HasColumns) -> Float64:
        """(n,) float64, newest price, in the market's currency; 0 before the first bar."""
        return self.column("last")

    @property
    def change(self: HasColumns) -> Float32:
        """(n,) float32, `last` over the close before it, minus 1."""
        return self.column("change")

    @property
    def previous_close(self: HasColumns) -> Float64:
        """(n,) float64, close of the session before, in the market's currency; 0 if unknown."""
        return self.column("previous_close")

    @property
    def bar_ms(self: HasColumns) -> Int64:
        """(n,) int64, close of the newest bar, ms since 1970 UTC; 0 before the first bar."""
        return self.column("bar_ms")

    @property
    def flags(self: HasColumns) -> UInt8:
        """(n,) uint8, `FORMING` | `DECIDED` | `UP_WINS`."""
        return self.column("flags")

    @property
    def sets(self: HasColumns) -> UInt8:
        """(n,) uint8, bit c is set where class c is in the prediction set; 0 without one."""
        return self.column("sets")


class ColumnArrays(CoreColumns):
    """The values of some rows: an array for each of `COLUMNS`, all equally long.

    Args:
        arrays: By the name of the column.
    """

    __slots__ = ("_arrays",)

    def __init__(self, arrays: dict[str, npt.NDArray[Any]]) -> None:
        self._arrays = arrays

    @classmethod
    def zeros(cls, rows: int) -> "ColumnArrays":
        """Return rows of which nothing is known yet."""
        return cls({c.name: np.zeros((rows, *c.shape), dtype=c.dtype) for c in COLUMNS})

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return the (n, ...) array of one column itself, to be read and written.

        Raises:
            KeyError: There is no column of that name.
        """
        return self._arrays[name]

    def take(self, index: Int64 | Bool) -> "ColumnArrays":
        """Return copies of the rows at `index`, (k,) int64, or of those where it is True."""
        return ColumnArrays({name: array[index] for name, array in self._arrays.items()})

    def copy(self) -> "ColumnArrays":
        """Return copies of all rows."""
        return ColumnArrays({name: array.copy() for name, array in self._arrays.items()})

    def moved(self, origin: Int64) -> "ColumnArrays":
        """Return n rows, each a copy of the one at `origin`, (n,) int64; zeros where that is -1."""
        known = np.flatnonzero(origin >= 0)
        rows = ColumnArrays.zeros(len(origin))
        rows.put(known, self.take(origin[known]))
        return rows

    def put(self, index: Int64, rows: "ColumnArrays") -> None:
        """Overwrite the rows at `index`, (k,) int64, by the k rows of `rows`."""
        for name, array in self._arrays.items():
            array[index] = rows.column(name)

    def differ(self, index: Int64, rows: "ColumnArrays") -> Bool:
        """Return (k,) bool, where any value at `index`, (k,) int64, is not that of `rows`."""
        differ = np.zeros(len(index), dtype=np.bool_)
        for name, array in self._arrays.items():
            unequal = array[index] != rows.column(name)
            differ |= unequal if unequal.ndim == 1 else unequal.any(axis=1)
        return differ
