"""Arrays with a row for each ticker that get more rows."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

D = TypeVar("D", bound=np.generic)


def grown(array: npt.NDArray[D], rows: int) -> npt.NDArray[D]:
    """Return (rows, ...) the array with rows of zeros behind; memory is touched as they fill."""
    more: npt.NDArray[D] = np.zeros((rows, *array.shape[1:]), dtype=array.dtype)
    more[: len(array)] = array
    return more
