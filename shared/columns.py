"""The numbers that are known of every ticker: each is declared here once, and travels from here.

The messages `confidence` and `snapshot`, the rows of the server, the desk's table, the lists and
the table in docs/protocol.md follow from `COLUMNS`. One more number is one more `Column` here and
whoever fills it in `server.market.state`.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from shared.contract import Bool, Class, Float32, Float64, Int64, UInt8

# Bits of `flags`, one byte a row; bits that are not among them mean nothing here.
FORMING: Final = 1  # the last price is of a bar that has not closed
DECIDED: Final = 2  # the ticker has a full window; without it the probabilities are all zero
UP_WINS: Final = 4  # the winning class is 2 now

ALL_CLASSES: Final = (1 << len(Class)) - 1  # a prediction set that holds every class


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One number, or a few, that each ticker has.

    Attributes:
        name: The identifier, on the wire and in the code.
        dtype: numpy's name of the little-endian element type.
        shape: Of one row; empty for a single number.
        meaning: What it is, with its unit, and what stands where there is none; for people.
        low: The least value that can be; None for any.
        high: The greatest value that can be; None for any.
        since: The minor version of the protocol that added it; before that it reads as 0.
    """

    name: str
    dtype: str
    shape: tuple[int, ...] = ()
    meaning: str
    low: float | None = None
    high: float | None = None
    since: int = 0


COLUMNS: Final = (
    Column(
        name="probabilities",
        dtype="<f4",
        shape=(len(Class),),
        meaning="of down, flat, up; they add up to 1, or are all 0 where `DECIDED` is not set",
        low=0,
        high=1,
    ),
    Column(
        name="last",
        dtype="<f8",
        meaning="newest price, in the market's currency; 0 before the first bar",
        low=0,
    ),
    Column(
        name="change",
        dtype="<f4",
        meaning="`last` over the close before it, minus 1",
    ),
    Column(
        name="bar_ms",
        dtype="<i8",
        meaning="close of the newest bar; 0 before the first bar",
        low=0,
    ),
    Column(
        name="flags",
        dtype="|u1",
        meaning="bits, below",
    ),
    Column(
        name="sets",
        dtype="|u1",
        meaning="prediction set: 1 for down, 2 for flat, 4 for up, added up; it holds the winner, "
        "or is 0 where there is none",
        low=0,
        high=ALL_CLASSES,
    ),
)


class CoreColumns:
    """Typed names for the columns that the programs themselves work with; others need none."""

    __slots__ = ()

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return the (n, ...) array of one column.

        Raises:
            KeyError: There is no column of that name.
        """
        raise NotImplementedError

    @property
    def probabilities(self) -> Float32:
        """(n, 3) float32, of down, flat, up; all zero where `DECIDED` is not set."""
        return self.column("probabilities")

    @property
    def last(self) -> Float64:
        """(n,) float64, newest price, in the market's currency; 0 before the first bar."""
        return self.column("last")

    @property
    def change(self) -> Float32:
        """(n,) float32, `last` over the close before it, minus 1."""
        return self.column("change")

    @property
    def bar_ms(self) -> Int64:
        """(n,) int64, close of the newest bar, ms since 1970 UTC; 0 before the first bar."""
        return self.column("bar_ms")

    @property
    def flags(self) -> UInt8:
        """(n,) uint8, `FORMING` | `DECIDED` | `UP_WINS`."""
        return self.column("flags")

    @property
    def sets(self) -> UInt8:
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


def out_of_range(columns: Sequence[Column], rows: ColumnArrays) -> str:
    """Return which column holds a value outside its range, and the range; empty if none does."""
    for column in columns:
        array = rows.column(column.name)
        low, high = column.low, column.high
        if not array.size:
            continue
        if (low is not None and array.min() < low) or (high is not None and array.max() > high):
            return f"{column.name} lies outside {_end(low)}..{_end(high)}"
    return ""


def _end(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
