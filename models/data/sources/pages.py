"""Memory for columns that are written once, in pages of the usual size."""

import math
import mmap
import sys
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

_MUCH: Final = 1 << 26  # bytes; as much as that is rarely left over from another program
N = TypeVar("N", bound=np.generic)


def untouched(shape: tuple[int, ...], kind: type[N]) -> npt.NDArray[N]:
    """Return an array to be filled; what is never written to costs nothing.

    numpy asks Linux for pages of 2 MiB. Where a virtual machine gives what is free back to its
    host, as those of clouds do, each of these is fetched from there when it is first touched: of
    500 MiB that took six times as long as pages of 4 KiB, which are at hand.

    Args:
        shape: Of the array.
        kind: Of its numbers.
    """
    size = math.prod(shape) * np.dtype(kind).itemsize
    if sys.platform != "linux" or size < _MUCH:
        return np.empty(shape, kind)
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return np.frombuffer(memory, kind).reshape(shape)
