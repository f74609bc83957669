"""Blocks of lines as cells, the next one made by a thread while the last one is in use.

The maker of cells lets go of the interpreter while it works, so that both go on at once.
"""

import contextlib
import threading
from collections.abc import Callable, Generator, Iterable

import polars as pl
from polars.exceptions import ComputeError, PolarsError

MakeCells = Callable[[bytes, bool], pl.DataFrame]


class _Making(threading.Thread):
    # The cells of one block, or why there are none.
    def __init__(self, make: MakeCells, lines: bytes, is_first: bool) -> None:
        super().__init__(name="cells")
        self._make, self._lines, self._is_first = make, lines, is_first
        self._cells: pl.DataFrame | None = None
        self._error: PolarsError = ComputeError("the cells were not made")

    def run(self) -> None:
        try:
            self._cells = self._make(self._lines, self._is_first)
        except PolarsError as e:
            self._error = e
        self._lines = b""

    def wait(self) -> None:
        if self.ident is not None:
            self.join()

    def cells(self) -> pl.DataFrame:
        self.wait()
        cells, self._cells = self._cells, None  # whoever asks keeps them
        if cells is None:
            raise self._error
        return cells


def cells_ahead(blocks: Iterable[bytes], make: MakeCells) -> Generator[pl.DataFrame]:
    """Yield the cells of each block, in order; no thread is left when that ends or is closed.

    Args:
        blocks: Lines.
        make: Makes the cells of lines, and is told whether they are the first ones.

    Raises:
        PolarsError: What `make` raises.
    """
    with contextlib.ExitStack() as stack:
        last: _Making | None = None
        for lines in blocks:
            making = _Making(make, lines, last is None)
            stack.callback(making.wait)
            if last is None:
                making.run()  # there is nothing yet to do meanwhile
            else:
                making.start()
                yield last.cells()
            last = making
        if last is not None:
            yield last.cells()
