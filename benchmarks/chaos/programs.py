"""The programs that are tried: a server in a process of its own, a desk in this one."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Self

import msgspec
import psutil
from PySide6.QtWidgets import QApplication

from client.net.link import Link
from client.state.inbox import Inbox
from client.ui.shell.bridge import Bridge
from client.ui.shell.main_window import MainWindow
from client.ui.theme.theme import Theme
from shared.endpoints import Endpoints
from shared.settings import DeskSettings

HOUSE: Final = Path(__file__).parents[2]
ANYWHERE: Final = "tcp://127.0.0.1:*"
LIMIT_S: Final = 60.0  # what takes longer never comes


class NeverCameError(Exception):
    """What a trial waited for did not come."""


class ServerProcess:
    """A server that invents a market of its own.

    Attributes:
        endpoints: Where it listens.
        listened: When it said so, s of `time.monotonic`.
        watched: The process, for its memory, threads and files.

    Args:
        flags: Of its command line.
        endpoints: Where to listen; None takes free ports.
    """

    def __init__(self, *flags: str, endpoints: Endpoints | None = None) -> None:
        where: tuple[str, ...] = ("--publish", ANYWHERE)
        if endpoints is not None:
            where = ("--publish", endpoints.publish, "--requests", endpoints.requests)
        command = (sys.executable, "-m", "server", "--log-level", "error", *where, *flags)
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


class DeskHere:
    """A desk on no screen, in this process; its window is as real as any.

    Attributes:
        window: The main window.
        link: Its link.
        updates: How many updates it has shown.

    Args:
        endpoints: The server.
    """

    def __init__(self, endpoints: Endpoints) -> None:
        self._app = application()
        inbox = Inbox()
        self.link = Link(endpoints, inbox)
        self.window = MainWindow(self.link, Theme(DeskSettings(), self._app))
        self.updates = 0
        self._bridge = Bridge(inbox)
        self._bridge.updated.connect(self.window.apply)
        self._bridge.updated.connect(self._count)
        self.link.start()
        self._bridge.open()
        self.window.show()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bridge.close()
        self.window.close()
        self.link.stop()

    def turn(self, wait_ms: int = 2) -> None:
        """Let it do what is due."""
        self._app.processEvents()
        time.sleep(wait_ms / 1_000)

    def turn_until(self, seen: Callable[[], bool], limit_s: float = LIMIT_S) -> float:
        """Let it run until `seen`, and return when that was, s of `time.monotonic`.

        Raises:
            NeverCameError: It took longer than `limit_s`.
        """
        give_up = time.monotonic() + limit_s
        while not seen():
            if time.monotonic() > give_up:
                raise NeverCameError(f"not seen within {limit_s:.0f} s")
            self.turn()
        return time.monotonic()

    def turn_for(self, seconds: float) -> None:
        """Let it run for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn()

    def open_tickers(self, count: int) -> None:
        """Open the windows of the first tickers of the universe."""
        for symbol in self.window.table.symbols[:count]:
            self.window.open_ticker(symbol)

    def _count(self, _: object) -> None:
        self.updates += 1


def application() -> QApplication:
    """Return the one application of this process, which needs no screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # That platform says of each window what it cannot do.
    os.environ.setdefault("QT_LOGGING_RULES", "*.warning=false")
    running = QApplication.instance()
    return running if isinstance(running, QApplication) else QApplication([])


@contextlib.contextmanager
def server_and_desk(*flags: str) -> Iterator[tuple[ServerProcess, DeskHere]]:
    """Yield a server and a desk that follows it; both end with the block."""
    with ServerProcess(*flags) as server, DeskHere(server.endpoints) as desk:
        yield server, desk
