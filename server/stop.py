"""How the server is asked to stop: by a signal, or because the one who started it is gone."""

import contextlib
import os
import signal
import socket
import sys
import threading
from types import FrameType
from typing import Self


class StopRequest:
    """A request that any thread or signal can make, and that the main loop polls for.

    A context manager that closes what it needs for that.
    """

    def __init__(self) -> None:
        self._ear, self._mouth = socket.socketpair()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ear.close()
        self._mouth.close()

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when the server shall stop."""
        return self._ear.fileno()

    def ask(self) -> None:
        """Ask; from any thread, as often as you like."""
        with contextlib.suppress(OSError):  # it has stopped already
            self._mouth.send(b"\0")

    def on_signals(self) -> None:
        """Ask at the first SIGTERM or SIGINT; the second one ends the process. Main thread only."""
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._on_signal)

    def on_end_of_stdin(self) -> None:
        """Ask when stdin ends, which a parent cannot forget to do, however it dies."""
        threading.Thread(target=self._wait_for_parent, name="parent", daemon=True).start()

    def _on_signal(self, _signum: int, _frame: FrameType | None) -> None:
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, signal.SIG_DFL)
        self.ask()

    def _wait_for_parent(self) -> None:
        # The descriptor itself: Python's buffered stdin would be locked while the process ends.
        # There is no stdin where the parent closed it; descriptor 0 is then something else.
        with contextlib.suppress(OSError):
            while sys.__stdin__ is not None and os.read(sys.__stdin__.fileno(), 4096):
                pass
        self.ask()
