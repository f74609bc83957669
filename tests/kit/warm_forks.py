"""Processes that have loaded much and become what tests start; see `warm_python`.

One has loaded libraries, for programs. Another, a fork of it, has collected the tests as well, for
the workers of pytest-xdist: each collects for itself, and finds all modules loaded.
"""

import array
import atexit
import contextlib
import fcntl
import functools
import gc
import importlib
import io
import itertools
import json
import os
import runpy
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tests.kit import warm_python
from tests.kit.places import ROOT
from tests.kit.warm_python import PLACE

# What is slow to load, for programs, and what else tests load as they run. Polars cannot be forked
# once it has computed, nor can arch, which begins threads.
_OF_PROGRAMS: Final = ("torch", "pandas", "exchange_calendars", "captum.attr", "scipy.stats")
_OF_TESTS: Final = ("lightgbm", "ccxt.pro", "yfinance", "alpaca.data.live")
_MOST_FILES: Final = 200


@contextlib.contextmanager
def forks_at_hand(collected: Sequence[str] = ()) -> Iterator[str]:
    """Have forks for `warm_python`; what they are to have is loaded when the first is asked for.

    Args:
        collected: The places of tests, where they are to be collected: forks for workers then, not
            for programs. The process is itself a fork for programs, where there are such.

    Yields:
        The executable that becomes a fork.
    """
    # Elsewhere there is no fork, or none that the libraries of the system survive.
    if sys.platform != "linux":
        yield sys.executable
        return
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as door:
        address = str(Path(folder) / "forks")
        door.bind(address)
        door.listen()
        python = _write_executable(Path(folder) / "python", address)
        command = [warm_python.warm_python(), "-m", __name__, str(door.fileno())]
        if collected:
            command += [sys.executable, *collected]
        # The end of its stdin ends it, and that comes however the tests end.
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, pass_fds=[door.fileno()]):
            yield python


def _write_executable(path: Path, address: str) -> str:
    # To pass on what is asked the standard library is enough, without the start of site-packages.
    command = shlex.join([sys.executable, "-I", "-S", warm_python.__file__, address])
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    path.chmod(0o700)
    return str(path)


class QuickExit:
    """What a fork does last of all, in place of taking its modules apart, libraries among them.

    Attributes:
        code: Of the exit; None where it is the interpreter's to say.
    """

    code: int | None = None

    def leave(self) -> None:
        """Leave at once; to be registered before all else, so that it comes after all else."""
        if self.code is not None:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(self.code & 0xFF)


class Order(NamedTuple):
    """A program to become.

    Attributes:
        argv: What follows `python`: flags, `-c` and code or `-m` and a module, then arguments.
        cwd: Where it runs.
        environ: Its environment.
        files: The numbers of its open files, stdin, stdout and stderr among them.
        parent: The process that started it.
        opened: The same files as they are open here.
    """

    argv: list[str]
    cwd: str
    environ: dict[str, str]
    files: list[int]
    parent: int
    opened: list[int]


class Forks:
    """Forks a program for each line that somebody opens, and says on it how the program ended.

    Args:
        door: Where lines are opened.
        load: Loads what all forks are to have; called before the first.
    """

    def __init__(self, door: socket.socket, load: Callable[[], None]) -> None:
        self._door, self._load = door, functools.cache(load)
        self._lines: dict[int, socket.socket] = {}  # by process
        self._ear, self._mouth = socket.socketpair()
        self._mouth.setblocking(False)
        # So that the end of a process wakes `select`.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._mouth.fileno())

    def serve(self) -> Order | None:
        """Return in every fork what it is to become; None in this process, when stdin ends."""
        while True:
            programs = {line: process for process, line in self._lines.items()}
            ready, _, _ = select.select([sys.stdin, self._ear, self._door, *programs], [], [])
            if sys.stdin in ready:
                _hear_no_ends()
                self._kill(programs.values())
                return None
            # Nobody says more on a line: its other end is gone.
            self._kill(programs[line] for line in ready if line in programs)
            if self._ear in ready:
                self._ear.recv(64)
                self._reap()
            if self._door in ready:
                order = self._fork()
                if order is not None:
                    return order

    def _fork(self) -> Order | None:
        line, _ = self._door.accept()
        try:
            order = _received(line)
        except (OSError, ValueError):  # who asked was ended before it had said what for
            line.close()
            return None
        self._load()
        gc.freeze()  # a fork that looked for garbage would copy all of it
        process = os.fork()
        if process:
            for file in order.opened:
                os.close(file)
            self._lines[process] = line
            # Who asked may be gone by now: the line says so, and the fork is ended by that.
            with contextlib.suppress(OSError):
                line.sendall(process.to_bytes(4, "big"))
            return None
        _hear_no_ends()
        for held in (line, *self._lines.values(), self._door, self._ear, self._mouth):
            held.close()
        return order

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):  # there is none left
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                process, status = ended
                with self._lines.pop(process) as line, contextlib.suppress(OSError):
                    line.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))

    def _kill(self, processes: Iterable[int]) -> None:
        for process in processes:
            os.kill(process, signal.SIGKILL)


def _hear_no_ends() -> None:
    # Before the file is closed that a signal writes to.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)


def _received(line: socket.socket) -> Order:
    room = socket.CMSG_SPACE(_MOST_FILES * array.array("i").itemsize)
    head, ((_, _, rights),), _, _ = line.recvmsg(4, room)
    with line.makefile("rb") as file:
        body = file.read(int.from_bytes(head, "big"))
    return Order(**json.loads(body), opened=list(array.array("i", rights)))


def become(order: Order, libraries: list[str], quick_exit: QuickExit) -> None:
    """Do in this process what `python` would do with the arguments of an order.

    Args:
        order: What to become.
        libraries: Where an interpreter looks last for modules.
        quick_exit: Is told of the end of the program.
    """
    _number(order.opened, order.files)
    os.chdir(order.cwd)
    os.environ.clear()
    os.environ.update(order.environ)
    time.tzset()
    # Flags of the interpreter, such as multiprocessing passes on, come first.
    kind, program, *arguments = itertools.dropwhile(lambda a: a not in {"-c", "-m"}, order.argv)
    sys.argv[1:] = arguments
    sys.executable = order.environ[PLACE]  # for what the program starts itself
    vars(os)["getppid"] = lambda: order.parent
    sys.path[:] = ["" if kind == "-c" else order.cwd, *_said_places(), *libraries]
    try:
        if kind == "-c":
            sys.argv[0] = kind
            main = sys.modules["__main__"] = types.ModuleType("__main__")
            exec(compile(program, "<string>", "exec"), vars(main))  # noqa: S102 - as `-c` asks
        else:
            runpy.run_module(program, run_name="__main__", alter_sys=True)
    except SystemExit as left:
        said = left.code
        quick_exit.code = said if isinstance(said, int) else int(said is not None)
        raise
    quick_exit.code = 0


def _number(opened: list[int], numbers: list[int]) -> None:
    # First all out of the way: one may be open under the number that another is to have.
    above = [fcntl.fcntl(file, fcntl.F_DUPFD, _MOST_FILES) for file in opened]
    for file in opened:
        os.close(file)
    for file, number in zip(above, numbers, strict=True):
        os.dup2(file, number)
        os.close(file)


def _said_places() -> list[str]:
    said = os.environ.get("PYTHONPATH", "")
    return said.split(os.pathsep) if said else []


def load_libraries() -> None:
    """Load what programs load, and nothing of ours, the package of this module included."""
    for library in _OF_PROGRAMS:
        importlib.import_module(library)
    for module in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[module]


def collect(python: str, *places: str) -> None:
    """Load all tests, and what they load, as pytest does: their asserts are rewritten.

    What cannot be collected is told by the workers, who try again.

    Args:
        python: What modules of tests shall know as the interpreter, which is no fork.
        *places: Where tests are.

    Raises:
        RuntimeError: A module has begun threads that forks would not have.
    """
    sys.executable = python
    for library in _OF_TESTS:
        with contextlib.suppress(ModuleNotFoundError):  # an extra that is not installed
            importlib.import_module(library)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        importlib.import_module("pytest").main(["--collect-only", "-qq", "-n0", *places])
    threads = [task.joinpath("comm").read_text() for task in Path("/proc/self/task").iterdir()]
    if any(thread.startswith("polars-0") for thread in threads):
        raise RuntimeError("a module of the tests computes with polars as it is loaded")


if __name__ == "__main__":
    quick_exit = QuickExit()
    atexit.register(quick_exit.leave)
    libraries = sys.path[1 + len(_said_places()) :]
    door, *collected = sys.argv[1:]
    load = functools.partial(collect, *collected) if collected else load_libraries
    order = Forks(socket.socket(fileno=int(door)), load).serve()
    if order is not None:
        become(order, libraries, quick_exit)
