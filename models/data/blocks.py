"""Many rows a block at a time: what lies between two steps stays in the cache of a processor."""

from collections.abc import Iterator
from typing import Final

_ROWS: Final = 1 << 14


def blocks(n: int, beyond: int = 0) -> Iterator[slice]:
    """Yield the places of n rows, a block at a time.

    Args:
        n: Rows.
        beyond: Of the next block, how many rows belong to each as well.
    """
    for start in range(0, n, _ROWS):
        yield slice(start, min(start + _ROWS + beyond, n))
