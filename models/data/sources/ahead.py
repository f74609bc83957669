"""Work that a thread does while another goes on, such as the cells of the next block of lines."""

import contextlib
import functools
import threading
from collections.abc import Callable, Generator, Iterable
from typing import Generic, Self, TypeVar

import polars as pl

T = TypeVar("T")
MakeCells = Callable[[bytes, bool], pl.DataFrame]


class Task(threading.Thread, Generic[T]):
    """Work that a thread may do while another one goes on; nobody leaves it behind.

    It is a context manager that waits for it at its end.

    Args:
        do: The work. numpy and polars let go of the interpreter while they work.
    """

    def __init__(self, do: Callable[[], T]) -> None:
        super().__init__(name="reading")
        self._do: Callable[[], T] | None = do
        self._done: list[T] = []
        self._error: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()

    def begin(self, *, beside: bool) -> Self:
        """Do the work, in the thread or at once, and return this.

        Args:
            beside: Whether it takes long enough to be worth a thread.
        """
        if beside:
            self.start()
        else:
            self.run()
        return self

    def run(self) -> None:
        """Do the work; called once."""
        do, self._do = self._do, None  # what it holds is needed no longer than it works
        try:
            if do is not None:
                self._done.append(do())
        except Exception as e:  # noqa: BLE001 - whoever asks for the result is told
            self._error = e

    def wait(self) -> None:
        """Wait until the work is done, if it was begun."""
        if self.ident is not None:
            self.join()

    def result(self) -> T:
        """Return what came of it, once; whoever asks keeps it.

        Raises:
            Exception: What the work raised.
        """
        self.wait()
        if self._error is not None:
            raise self._error
        return self._done.pop()


def cells_ahead(blocks: Iterable[bytes], make: MakeCells) -> Generator[pl.DataFrame]:
    """Yield the cells of each block, in order; no thread is left when that ends or is closed.

    Args:
        blocks: Lines.
        make: Makes the cells of lines, and is told whether they are the first ones.

    Raises:
        PolarsError: What `make` raises.
    """
    with contextlib.ExitStack() as stack:
        last: Task[pl.DataFrame] | None = None
        for lines in blocks:
            making = stack.enter_context(Task(functools.partial(make, lines, last is None)))
            making.begin(beside=last is not None)  # at first there is nothing to do meanwhile
            if last is not None:
                yield last.result()
            last = making
        if last is not None:
            yield last.result()
