"""What becomes of output that nobody reads any more."""

import os
import sys


def let_go_of_stdout() -> int:
    """Write nothing more to stdout, and return the exit code: whoever read it has seen enough.

    Call it on `BrokenPipeError`, as `... | head` raises it: the interpreter would try once more at
    its end, and complain.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return 0
