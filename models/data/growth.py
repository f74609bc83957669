"""Arrays with a row for each ticker: that get more rows, and that outlive the program."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from shared.contract import Int64

D = TypeVar("D", bound=np.generic)
Arrays = Mapping[str, npt.NDArray[Any]]


def grown(array: npt.NDArray[D], rows: int) -> npt.NDArray[D]:
    """Return (rows, ...) the array with rows of zeros behind; memory is touched as they fill."""
    more: npt.NDArray[D] = np.zeros((rows, *array.shape[1:]), dtype=array.dtype)
    more[: len(array)] = array
    return more


class PerTicker:
    """Whatever keeps arrays with a row for each ticker; to be inherited.

    Attributes:
        PER_TICKER: The names of these arrays.
    """

    PER_TICKER: ClassVar[tuple[str, ...]] = ()

    def grow(self, tickers: int) -> None:
        """Make room for more tickers, of which nothing is known yet."""
        for name in self.PER_TICKER:
            setattr(self, name, grown(getattr(self, name), tickers))

    def saved(self) -> dict[str, npt.NDArray[Any]]:
        """Return copies of all arrays, by name."""
        return {name.lstrip("_"): getattr(self, name).copy() for name in self.PER_TICKER}

    def put_back(self, arrays: Arrays, origin: Int64) -> None:
        """Overwrite what is known of tickers by what was saved of them.

        Args:
            arrays: What `saved` returned, each with a row for each ticker of then.
            origin: (n,) int64, the row of then of each ticker of now; -1 where it had none.

        Raises:
            ValueError: An array has another form than here.
        """
        for name in self.PER_TICKER:
            put_rows(getattr(self, name), arrays[name.lstrip("_")], origin)


def put_rows(array: npt.NDArray[Any], saved: npt.NDArray[Any], origin: Int64) -> None:
    """Overwrite rows of an array by saved ones.

    Args:
        array: (n, ...) what is overwritten.
        saved: (m, ...) of the same type and form but for the number of rows.
        origin: (k,) int64, k at most n: which of the saved rows goes to each row; -1 for none.

    Raises:
        ValueError: The two do not fit each other.
    """
    if saved.dtype != array.dtype or saved.shape[1:] != array.shape[1:]:
        raise ValueError(f"must be {array.dtype} {array.shape}, was {saved.dtype} {saved.shape}")
    known = np.flatnonzero(origin >= 0)
    array[known] = saved[origin[known]]
