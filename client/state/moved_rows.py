"""Where the rows of a universe come from when tickers came, went or were renamed."""

from bisect import bisect_left
from collections.abc import Mapping
from itertools import repeat
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from shared.contract import Int64

D = TypeVar("D", bound=np.generic)


def rows_of(symbols: tuple[str, ...]) -> dict[str, int]:
    """Return the row of each ticker."""
    return {symbol: row for row, symbol in enumerate(symbols)}


def rows_before(rows: Mapping[str, int], symbols: tuple[str, ...]) -> Int64:
    """Return (n,) int64, the row that each of `symbols` has in `rows`; -1 where it has none."""
    return np.fromiter(map(rows.get, symbols, repeat(-1)), np.int64, len(symbols))


def moves(before: Int64, after: Int64) -> int:
    """Return how many rows have to be taken out and put elsewhere to make one order of another.

    That is all but the longest run of rows that stay in order among themselves, by patience
    sorting (C. Schensted, "Longest increasing and decreasing subsequences", 1961).

    Args:
        before: (n,) int64, rows in one order.
        after: (m,) int64, rows in another.
    """
    place = {row: i for i, row in enumerate(after.tolist())}
    ends: list[int] = []
    for row in before.tolist():
        if row in place:
            at = bisect_left(ends, place[row])
            ends[at : at + 1] = [place[row]]
    return max(len(before), len(after)) - len(ends)


def moved(values: npt.NDArray[D], origin: Int64) -> npt.NDArray[D]:
    """Return (n, ...) values of which row i is the one at `origin[i]`, zeros where that is -1."""
    there = np.zeros((len(origin), *values.shape[1:]), dtype=values.dtype)
    known = origin >= 0
    there[known] = values[origin[known]]
    return there
