"""Blocks of lines as cells, the next ones made by threads while the last one is in use.

The maker of cells lets go of the interpreter while it works, so that both go on at once.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

_AHEAD: Final = 2  # blocks that are made at once

Cells = TypeVar("Cells")


def cells_ahead(blocks: Iterable[bytes], make: Callable[[bytes, bool], Cells]) -> Generator[Cells]:
    """Yield the cells of each block, in order; no thread is left when that ends or is closed.

    Whatever `make` raises is raised here, in the turn of its block.

    Args:
        blocks: Lines.
        make: Makes the cells of lines, and is told whether they are the first ones.
    """
    making: deque[Future[Cells]] = deque()
    with ThreadPoolExecutor(_AHEAD, "cells") as pool:
        for nth, lines in enumerate(blocks):
            making.append(pool.submit(make, lines, nth == 0))
            if len(making) > _AHEAD:
                yield making.popleft().result()
        while making:
            yield making.popleft().result()
