"""A task for other processes, in a module that loads next to nothing."""

import os


def double(task: int) -> tuple[int, int]:
    """Return the double of a task, and by which process; fail for one below 0."""
    if task < 0:
        raise ValueError("below 0")
    return 2 * task, os.getpid()
