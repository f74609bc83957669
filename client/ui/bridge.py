"""The one hop from the net thread to the main thread."""

import time
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from client.state.inbox import Inbox

_APART_MS: Final = 50  # at most 20 drains a second: more than an eye reads, less than a core costs


class Bridge(QObject):
    """Drains the inbox on the main thread, soon after something came and at most 20 times a second.

    Signals:
        updated: Carries the `Update`, on the main thread.
    """

    updated = Signal(object)
    _rung = Signal()

    def __init__(self, inbox: Inbox) -> None:
        super().__init__()
        self._inbox = inbox
        self._drained_at = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._drain)
        self._rung.connect(self._schedule, Qt.ConnectionType.QueuedConnection)

    def open(self) -> None:
        """Begin to drain; main thread."""
        # Emitting is all that the net thread ever does here.
        self._inbox.on_arrival(self._rung.emit)

    def close(self) -> None:
        """Stop listening, so that the net thread may outlive this object."""
        self._inbox.on_arrival(_deaf)
        self._timer.stop()

    def _schedule(self) -> None:
        if not self._timer.isActive():
            since_ms = (time.monotonic() - self._drained_at) * 1000
            self._timer.start(max(0, round(_APART_MS - since_ms)))

    def _drain(self) -> None:
        self._drained_at = time.monotonic()
        self.updated.emit(self._inbox.drain())


def _deaf() -> None:
    pass
