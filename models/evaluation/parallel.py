"""Many tasks at once, each in a process of its own with one thread, by joblib.

Joblib's loky hands work and results on by pickle. Nothing of a stranger is unpickled by that: only
this program writes into the pipes of the processes that it starts itself, and what is kept on disk
or comes by wire is never pickled.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Final, TypeVar

from joblib import Parallel, cpu_count, delayed, parallel_config
from joblib.externals.loky import get_reusable_executor

Task = TypeVar("Task")
Result = TypeVar("Result")

_LOOKS_EACH_S: Final = 0.5


def cores() -> int:
    """Return how many processes can work at once, by affinity and by limits of a container."""
    return cpu_count()


def do_all(
    do: Callable[[Task], Result],
    tasks: Sequence[Task],
    workers: int,
    report: Callable[[Result], None],
) -> None:
    """Do all tasks; with one worker in this process, else in as many of their own.

    Large arrays of `do` go to the others once, as copy-on-write files in memory.

    Args:
        do: Does a task, always with the same result.
        tasks: What is to be done.
        workers: Processes.
        report: Called with each result, in the order in which they come.
    """
    several = min(workers, len(tasks))
    if several <= 1:
        for task in tasks:
            report(do(task))
        return
    with _born_deaf():
        # Threads of a worker would fight for the cores of the others.
        with parallel_config("loky", inner_max_num_threads=1):
            pool = Parallel(several, return_as="generator_unordered", batch_size=1, mmap_mode="c")
        results = pool(delayed(_do)(do, task, os.getpid()) for task in tasks)
    try:
        for result in results:
            report(result)
    except BaseException as e:
        results.throw(e)  # ends what is under way at once
        raise
    finally:
        # Loky keeps its processes, and what they hold, for a next time that never comes here.
        get_reusable_executor(reuse=True).shutdown()


@contextmanager
def _born_deaf() -> Iterator[None]:
    # Processes started here ignore Ctrl-C, which a terminal sends to all: this one ends them.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _do(do: Callable[[Task], Result], task: Task, starter: int) -> Result:
    _end_with(starter)
    return do(task)


@cache
def _end_with(starter: int) -> None:
    # Once a process: loky lets the workers of a program that was killed finish all they were given.
    threading.Thread(target=_watch, args=(starter,), daemon=True).start()


def _watch(starter: int) -> None:
    # An orphan gets another parent; but for Windows, where it goes on until it has been idle.
    while os.getppid() == starter:
        time.sleep(_LOOKS_EACH_S)
    os._exit(1)
