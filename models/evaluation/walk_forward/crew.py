"""All cores at work on a list of tasks, each process with its own copy of what the tasks need.

The processes end with the one that started them, even where that is killed: they hold one end of a
pipe, and its other end closes.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, Final, Protocol, TypeVar

import torch

_ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

Task = TypeVar("Task", contravariant=True)
Result = TypeVar("Result", covariant=True)


class Work(Protocol[Task, Result]):
    """What can be sent to another process and does a task there, always with the same result."""

    def do(self, task: Task) -> Result:
        """Do one task."""


def cores() -> int:
    """Return how many processes can work at once."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def do_all(
    work: Work[Task, Result],
    tasks: Sequence[Task],
    workers: int,
    report: Callable[[Result], None],
) -> None:
    """Do all tasks; with one worker in this process, else in as many of their own.

    Args:
        work: Does a task.
        tasks: What is to be done.
        workers: Processes.
        report: Called with each result, in the order in which they come.
    """
    if workers == 1 or len(tasks) <= 1:
        for task in tasks:
            report(work.do(task))
        return
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    crew = ProcessPoolExecutor(
        min(workers, len(tasks)),
        mp_context=context,
        initializer=_begin,
        initargs=(work, reader),
    )
    try:
        with _born_deaf():
            pending = [crew.submit(_do, task) for task in tasks]
        for done in as_completed(pending):
            report(done.result())
    except BaseException:
        writer.close()  # ends what is under way at once
        raise
    finally:
        crew.shutdown(cancel_futures=True)
        writer.close()


_works: list[Work[Any, Any]] = []  # of a process of the crew: its own copy


def _begin(work: Work[Any, Any], ending: Connection) -> None:
    threading.Thread(target=_end_with, args=(ending,), daemon=True).start()
    torch.set_num_threads(1)
    _works.append(work)


def _end_with(ending: Connection) -> None:
    # Nobody ever writes: it reads the end when the other side closes, or is gone.
    try:
        ending.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _do(task: Any) -> Any:
    return _works[-1].do(task)


@contextmanager
def _born_deaf() -> Iterator[None]:
    # Processes started here ignore Ctrl-C, which a terminal sends to all, and use one thread.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    kept = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
