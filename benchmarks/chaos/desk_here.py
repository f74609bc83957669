"""A desk on no screen in this process, and the server that it follows."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from typing import Self

from PySide6.QtWidgets import QApplication

from benchmarks.chaos.server_process import LIMIT_S, ServerProcess
from client.net.link import Link
from client.state.inbox import Inbox
from client.ui.shell.bridge import Bridge
from client.ui.shell.main_window import MainWindow
from client.ui.theme.theme import Theme
from shared.endpoints import Endpoints
from shared.settings import DeskSettings


class NeverCameError(Exception):
    """What a trial waited for did not come."""


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
