"""Tasks for other processes, which load anew whatever the module of a task loads."""

import os

import numpy as np
import torch

from shared.contract import Float64


class Adding:
    """Adds to a number the sum of an array that is too large for a pipe."""

    def __init__(self) -> None:
        self.values: Float64 = np.zeros(400_000)

    def do(self, task: int) -> tuple[int, int, int]:
        """Return the sum, by which process, and how many threads it has."""
        self.values[0] += 1  # its own copy
        torch.from_numpy(self.values)  # warns of one that cannot be written
        return int(self.values.sum()) + task, os.getpid(), torch.get_num_threads()
