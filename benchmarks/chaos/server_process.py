"""A server in a process of its own, which invents a market."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Final, Self

import msgspec
import psutil

from shared.endpoints import Endpoints

HOUSE: Final = Path(__file__).parents[2]
ANYWHERE: Final = "tcp://127.0.0.1:*"
LIMIT_S: Final = 60.0  # what takes longer never comes


class ServerProcess:
    """A server that invents a market of its own.

    Attributes:
        endpoints: Where it listens.
        started: When it was started, s of `time.monotonic`.
        listened: When it said that it listens.
        watched: The process, for its memory, threads and files.

    Args:
        flags: Of its command line.
        endpoints: Where to listen; None takes free ports.
    """

    def __init__(self, *flags: str, endpoints: Endpoints | None = None) -> None:
        where: tuple[str, ...] = ("--publish", ANYWHERE)
        if endpoints is not None:
            where = ("--publish", endpoints.publish, "--requests", endpoints.requests)
        # Each begins with nothing, unless a journal is named: the last of a flag's values counts.
        always = ("--log-level", "error", "--journal", "off")
        command = (sys.executable, "-m", "server", *always, *where, *flags)
        self.started = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
            command, cwd=HOUSE, stdout=subprocess.PIPE
        )
        line = self._process.stdout.readline() if self._process.stdout is not None else b""
        self.listened = time.monotonic()
        self.endpoints = msgspec.json.decode(line, type=Endpoints)
        self.watched = psutil.Process(self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def kill(self) -> None:
        """End it as a failing machine would: at once, without a word."""
        self._process.kill()
        self._process.communicate()

    def end(self) -> None:
        """Ask it to stop, and wait."""
        self._process.terminate()
        self._process.communicate(timeout=LIMIT_S)
