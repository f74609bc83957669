"""The one hop from the net thread to the main thread."""

from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from client.state.inbox import Inbox

# Gathers what belongs together, a cycle of the server, and keeps it to 20 drains a second: more
# than an eye reads, less than a core costs.
_GATHER_MS: Final = 50


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
        self._timer = QTimer(self, singleShot=True, interval=_GATHER_MS)
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
            self._timer.start()

    def _drain(self) -> None:
        self.updated.emit(self._inbox.drain())


def _deaf() -> None:
    pass
