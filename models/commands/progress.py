"""Progress on stderr, where people wait."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class Steps:
    """The name of the step that is under way, and for how long all have been."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None)

    def show(self, step: str) -> None:
        """Show what begins."""
        self._progress.update(self._task, description=step)


@contextmanager
def steps() -> Iterator[Steps]:
    """Show steps while the block runs; nothing is left of them."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        yield Steps(progress)


@contextmanager
def counted(title: str, total: int) -> Iterator[Callable[[str], None]]:
    """Yield what to call after each of `total` parts, with the name of what was done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=total)

        def advance(done: str) -> None:
            progress.update(task, advance=1, description=f"{title}: {done}")

        yield advance
