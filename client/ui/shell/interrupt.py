"""Ctrl-C in the terminal closes the desk, although Qt's loop does not run Python meanwhile."""

import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interrupt(QObject):
    """Calls `stop` on the main thread soon after SIGINT or SIGTERM, until it is closed."""

    def __init__(self, stop: Callable[[], object]) -> None:
        super().__init__()
        self._stop = stop
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._wake)
        # A byte arrives as soon as the signal does; reading it runs Python, and so the handler.
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._handlers = {s: signal.signal(s, self._handle) for s in _SIGNALS}

    def close(self) -> None:
        """Give signals back to who had them."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()

    def _wake(self) -> None:
        self._reader.recv(64)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._stop()
