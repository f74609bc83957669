"""Times that many rows share, as the few that they are and which of them each row has."""

from typing import Final

import numpy as np

from models.data.blocks import blocks
from shared.contract import Int64

_FEW: Final = 1 << 12  # rows, for which it is no gain


def distinct(ms: Int64, step_ms: int) -> tuple[Int64, Int64 | None]:
    """Return (d,) int64 ascending times, and (n,) int64, which of them each row has.

    Where that would cost more than it spares the times are returned as they are, and None.

    Args:
        ms: (n,) int64 times, ms.
        step_ms: What lies between two of them, or a multiple of it, ms.
    """
    if len(ms) < _FEW:
        return ms, None
    first = int(ms.min())
    size = (int(ms.max()) - first) // step_ms + 1
    if size > len(ms) // 2:
        return ms, None
    place = (ms - first) // step_ms
    if any((place[own] * step_ms + first != ms[own]).any() for own in blocks(len(ms))):
        return ms, None
    there = np.zeros(size, np.bool_)
    there[place] = True
    times = np.flatnonzero(there)
    rank = np.cumsum(there) - 1
    return times * step_ms + first, place if len(times) == size else rank[place]
