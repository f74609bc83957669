"""Rows of tickers, as `confidence` and the snapshot carry them; how prediction sets are packed."""

from typing import Any, ClassVar, Final, Self

import numpy as np
import numpy.typing as npt

from shared.column_arrays import ColumnArrays, CoreColumns
from shared.columns import COLUMNS, DECIDED, UP_WINS
from shared.contract import Bool, Class, Int64, UInt8
from shared.limits import Share, Symbols
from shared.protocol.envelope import Array, Message, check_probabilities, check_symbols, refuse

_BITS: Final = np.left_shift(1, np.arange(len(Class))).astype(np.uint8)  # of `sets`: 1, 2, 4


def pack_sets(sets: Bool) -> UInt8:
    """Return (n,) uint8 `Rows.sets` of (n, 3) bool prediction sets."""
    packed: UInt8 = (sets * _BITS).sum(axis=1, dtype=np.uint8)
    return packed


def unpack_sets(sets: UInt8) -> Bool:
    """Return the (n, 3) bool prediction sets in (n,) uint8 `Rows.sets`."""
    unpacked: Bool = (sets[:, None] & _BITS) != 0
    return unpacked


class Rows(Message, CoreColumns, frozen=True, kw_only=True, eq=False):
    """The state of some tickers, one row each.

    Attributes:
        symbols: (n,) the tickers.
        columns: Their n rows, an array frame for each of `shared.columns.COLUMNS`.
        coverage: Share of outcomes that the sets are made to hold; 0 when there are no sets.
    """

    ARRAYS: ClassVar[dict[str, Array]] = {
        c.name: Array(c.dtype, ("symbols", *c.shape), c.low, c.high, c.since) for c in COLUMNS
    }
    symbols: Symbols
    columns: ColumnArrays
    coverage: Share

    @classmethod
    def header_fields(cls) -> tuple[str, ...]:
        """Return the names of the fields that travel in the header."""
        return tuple(name for name in cls.__struct_fields__ if name != "columns")

    @classmethod
    def of_parts(cls, fields: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> Self:
        """Return the message of these header fields and these columns."""
        return cls(**fields, columns=ColumnArrays(arrays))

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return the (n, ...) array of one column.

        Raises:
            KeyError: There is no column of that name.
        """
        return self.columns.column(name)

    def array(self, name: str) -> npt.NDArray[Any]:
        """Return one of `ARRAYS`."""
        return self.columns.column(name)

    def check(self) -> None:
        """Refuse doubled tickers, and probabilities, flags and sets that contradict each other."""
        check_symbols(self, self.symbols)
        decided: Bool = (self.flags & DECIDED) != 0
        check_probabilities(self, self.probabilities[decided])
        refuse(self, bool(self.probabilities[~decided].any()), "an undecided row has a confidence")
        winner: Int64 = self.probabilities.argmax(axis=1)
        up_wins: Bool = (self.flags & UP_WINS) != 0
        contradicts: Bool = up_wins != (decided & (winner == Class.UP))
        refuse(self, bool(contradicts.any()), "UP_WINS contradicts the probabilities")
        self._check_sets(decided, winner)

    def _check_sets(self, decided: Bool, winner: Int64) -> None:
        sets: Bool = self.sets != 0
        refuse(self, bool((sets & ~decided).any()), "an undecided row has a prediction set")
        refuse(self, self.coverage == 0 and bool(sets.any()), "sets without a coverage")
        lacking = sets & ((self.sets & _BITS[winner]) == 0)
        refuse(self, bool(lacking.any()), "a prediction set lacks the winner")
