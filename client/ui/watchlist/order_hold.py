"""Holds the order of the list for a while: what is about to be clicked must not move away."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

from client.ui.watchlist.watchlist_model import WatchlistModel

# How long the order still holds: after a key, or after the pointer left; and under a pointer that
# rests, because one that was forgotten there must not keep the list unsorted.
_SETTLE_MS: Final = 1_500
_REST_MS: Final = 5_000
_POINTING: Final = (
    QEvent.Type.Enter,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.Wheel,
)


class OrderHold(QObject):
    """Each move and each key starts the time anew; at its end all that was put off is sorted in.

    Signals:
        turned: The order is held now, or no longer.
    """

    turned = Signal()

    def __init__(self, model: WatchlistModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._settle = QTimer(self, singleShot=True)
        self._settle.timeout.connect(self.release)

    def note(self, event: QEvent) -> None:
        """Hold on while the pointer moves over the list, and a little after it left."""
        if event.type() in _POINTING:
            self._hold(_REST_MS)
        elif event.type() == QEvent.Type.Leave and self._model.held:
            self._hold(_SETTLE_MS)

    def note_key(self) -> None:
        """Hold while keys move the selection."""
        self._hold(_SETTLE_MS)

    def release(self) -> None:
        """Let go at once."""
        self._settle.stop()
        self._model.held = False
        self._model.arrange()
        self.turned.emit()

    def _hold(self, limit_ms: int) -> None:
        was_held, self._model.held = self._model.held, True
        self._settle.start(limit_ms)
        if not was_held:
            self.turned.emit()
