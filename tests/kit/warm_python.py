"""A `python` that has loaded torch and pandas already, for the programs that tests start.

To load torch takes two seconds of the processor, pandas and its calendars another, and tests start
dozens of processes that need them. So one process, `tests.kit.warm_forks`, loads such libraries
once and becomes by fork whatever a test starts. It has loaded nothing of ours, nor any other
library: what a program imports it imports itself.

As a program, this file does what `python` would do with `-c CODE` or `-m MODULE ARGUMENT…`, in the
same folder and environment, with the same open files. Signals reach the program, the exit code is
the program's, and the end of either process ends the other.
"""

import array
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

PLACE: Final = "WARM_PYTHON"  # the variable that says where the executable is
_FORWARDED: Final = (signal.SIGTERM, signal.SIGINT)


def warm_python() -> str:
    """Return what to start in place of `sys.executable`, for a program with libraries."""
    return os.environ.get(PLACE, sys.executable)


def warmed(command: Sequence[str]) -> tuple[str, ...]:
    """Return a command that begins with `sys.executable`, with the warm one in its place."""
    return (warm_python(), *command[1:])


def main(address: str, argv: Sequence[str]) -> NoReturn:
    """Have a program started, wait for its end, and end as it did."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        # Not to be ended by what is meant for the program, which is not there yet.
        signal.pthread_sigmask(signal.SIG_BLOCK, _FORWARDED)
        files = _inherited()
        _order(line, argv, files)
        program = _number(line)
        for forwarded in _FORWARDED:
            signal.signal(forwarded, lambda sent, _: _forward(program, sent))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _FORWARDED)
        # Who reads what the program writes shall see its end, whether or not this one is gone too.
        for file in files:
            os.close(file)
        code = _number(line)
    if code < 0:
        with contextlib.suppress(OSError):  # there is nothing to be undone for SIGKILL
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _inherited() -> list[int]:
    numbers = os.listdir("/proc/self/fd")  # noqa: PTH208 - pathlib takes longer to load than all
    files = []
    for number in map(int, numbers):
        with contextlib.suppress(OSError):  # of the folder that was listed
            if os.get_inheritable(number):
                files.append(number)
    return files


def _order(line: socket.socket, argv: Sequence[str], files: list[int]) -> None:
    order = {
        "argv": list(argv),
        "cwd": os.getcwd(),  # noqa: PTH109 - the same
        "environ": dict(os.environ),
        "files": files,
        "parent": os.getppid(),
    }
    body = json.dumps(order).encode()
    rights = array.array("i", files)
    head = len(body).to_bytes(4, "big")
    line.sendmsg([head], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    line.sendall(body)


def _number(line: socket.socket) -> int:
    told = line.recv(4)
    if not told:
        sys.exit("the process that forks is gone")
    return int.from_bytes(told, "big", signed=True)


def _forward(program: int, sent: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(program, sent)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
