"""What keys do in the window of a ticker."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from client.ui.charts.bar_view import Timeline
from client.ui.ticker.list_steps import ListSteps
from client.ui.ticker.map_controls import MapControls
from client.ui.ticker.time_bar import TimeBar

REMARK: Final = "M method · C compare · [ ] buys · , . bars · N now · E export · F newest · Esc"
_CLOSER: Final = 0.85  # of the bars in sight, a key
_LETTERS_ALONE: Final = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


class TickerKeys:
    """The keys of a window.

    Args:
        timeline: What is moved and zoomed.
        controls: What chooses methods.
        times: What goes through the past.
        steps: What goes to other tickers.
        close: What closes the window.
        export: What asks for a file to write.
    """

    def __init__(
        self,
        timeline: Timeline,
        controls: MapControls,
        times: TimeBar,
        steps: ListSteps,
        close: Callable[[], object],
        export: Callable[[], object],
    ) -> None:
        self._controls = controls
        self._do: Mapping[int, Callable[[], object]] = {
            Qt.Key.Key_C: controls.toggle_beside,
            Qt.Key.Key_E: export,
            Qt.Key.Key_Escape: close,
            Qt.Key.Key_F: timeline.reset,
            Qt.Key.Key_End: timeline.reset,
            Qt.Key.Key_Left: lambda: timeline.pan(-1),
            Qt.Key.Key_Right: lambda: timeline.pan(1),
            Qt.Key.Key_Up: lambda: timeline.zoom(_CLOSER),
            Qt.Key.Key_Down: lambda: timeline.zoom(1 / _CLOSER),
            Qt.Key.Key_Comma: lambda: times.step(-1),
            Qt.Key.Key_Period: lambda: times.step(1),
            Qt.Key.Key_BracketLeft: lambda: times.step_buy(-1),
            Qt.Key.Key_BracketRight: lambda: times.step_buy(1),
            Qt.Key.Key_Space: times.toggle_play,
            Qt.Key.Key_N: lambda: times.went.emit(None),
            Qt.Key.Key_PageUp: lambda: steps.stepped.emit(-1),
            Qt.Key.Key_PageDown: lambda: steps.stepped.emit(1),
            Qt.Key.Key_L: steps.toggle,
        }

    def take(self, event: QKeyEvent) -> bool:
        """Do what a key is for; return whether it is for anything."""
        if event.modifiers() & _LETTERS_ALONE:
            return False
        if event.key() == Qt.Key.Key_M:
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self._controls.step(-1 if back else 1)
            return True
        do = self._do.get(event.key())
        if do is not None:
            do()
        return do is not None
