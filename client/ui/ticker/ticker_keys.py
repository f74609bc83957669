"""What keys do in the window of a ticker."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from client.ui.charts.price_chart import PriceChart
from client.ui.ticker.list_steps import ListSteps
from client.ui.ticker.map_controls import MapControls
from client.ui.ticker.time_bar import TimeBar

REMARK: Final = "M method · C compare · [ ] buys · , . bars · N now · S scale · E export · F1 keys"
_CLOSER: Final = 0.85  # of the bars in sight, a key
_LETTERS_ALONE: Final = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


class TickerKeys:
    """The keys of a window.

    Args:
        prices: What is moved, zoomed, stretched and measured.
        controls: What chooses methods.
        times: What goes through the past.
        steps: What goes to other tickers.
        others: What other keys are for, as Qt numbers them.
    """

    def __init__(
        self,
        prices: PriceChart,
        controls: MapControls,
        times: TimeBar,
        steps: ListSteps,
        others: Mapping[int, Callable[[], object]],
    ) -> None:
        timeline = prices.timeline
        self._do: Mapping[int, Callable[[], object]] = {
            Qt.Key.Key_C: controls.toggle_beside,
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
            Qt.Key.Key_M: lambda: controls.step(1),
            Qt.Key.Key_PageUp: lambda: steps.stepped.emit(-1),
            Qt.Key.Key_PageDown: lambda: steps.stepped.emit(1),
            Qt.Key.Key_L: steps.toggle,
            Qt.Key.Key_S: prices.next_scale,
            Qt.Key.Key_A: prices.free_heights,
            **others,
        }
        self._shifted: Mapping[int, Callable[[], object]] = {
            Qt.Key.Key_M: lambda: controls.step(-1),
            Qt.Key.Key_Left: lambda: prices.measure.step(-1),
            Qt.Key.Key_Right: lambda: prices.measure.step(1),
            Qt.Key.Key_Up: lambda: prices.stretch(_CLOSER),
            Qt.Key.Key_Down: lambda: prices.stretch(1 / _CLOSER),
        }

    def take(self, event: QKeyEvent) -> bool:
        """Do what a key is for; return whether it is for anything."""
        if event.modifiers() & _LETTERS_ALONE:
            return False
        shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        do = self._shifted.get(event.key()) if shifted else None
        do = do or self._do.get(event.key())
        if do is not None:
            do()
        return do is not None
