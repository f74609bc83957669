"""The newest records of every ticker, kept for charts."""

from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from shared.contract import Int64

F = TypeVar("F", bound=np.floating[Any])


class History(Generic[F]):
    """A ring of timed records for each ticker; memory is taken once, and touched as it fills.

    Args:
        tickers: Their number.
        kept: How many records of each are kept.
        width: Numbers in a record.
        dtype: Their type.
    """

    def __init__(self, tickers: int, kept: int, width: int, dtype: type[F]) -> None:
        self._kept = kept
        self._ms = np.zeros((tickers, kept), dtype=np.int64)
        self._values: npt.NDArray[F] = np.zeros((tickers, kept, width), dtype=dtype)
        self._count = np.zeros(tickers, dtype=np.int64)

    def append(self, rows: Int64, ms: Int64, values: npt.NDArray[F]) -> None:
        """Add one record (k, width) at time `ms` (k,) to each of `rows` (k,), none twice."""
        slot = self._count[rows] % self._kept
        self._ms[rows, slot] = ms
        self._values[rows, slot] = values
        self._count[rows] += 1

    def newest(self, row: int, count: int) -> tuple[Int64, npt.NDArray[F]]:
        """Return times (m,) and values (m, width) of the newest m <= `count` records of a ticker.

        They are copies, oldest first.
        """
        end = int(self._count[row])
        slots = np.arange(end - min(count, end, self._kept), end) % self._kept
        return self._ms[row, slots], self._values[row, slots]
