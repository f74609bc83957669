"""Which scale prices are on, in the corner below their axis."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from client.state.price_scale import ScaleKind
from client.ui.widgets.chip import chip

_WORDS: Final[Mapping[ScaleKind, tuple[str, str]]] = {
    ScaleKind.LOG: ("log", "Equal heights are equal changes (S)"),
    ScaleKind.PERCENT: ("%", "Percent since the first bar in sight (S)"),
}
_AUTO: Final = "Let the bars in sight fill the height (A); drag the axis to stretch it"


class ScaleChips(QWidget):
    """The scales but the usual one, and whether the bars fill the height.

    Signals:
        chosen: The user wants this `ScaleKind`.
        freed: The user wants the bars to fill the height again.
    """

    chosen = Signal(object)
    freed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._kinds = {kind: chip(*words, role="axis") for kind, words in _WORDS.items()}
        self._auto = chip("A", _AUTO, role="axis")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for button in (*self._kinds.values(), self._auto):
            button.setCheckable(True)
            row.addWidget(button)
        for kind, one in self._kinds.items():
            one.clicked.connect(lambda on, kind=kind: self._choose(kind, on=on))
        self._auto.clicked.connect(self.freed)
        parent.installEventFilter(self)

    def show_scale(self, kind: ScaleKind, *, is_auto: bool) -> None:
        """Say which scale is on, and whether the bars fill the height."""
        for one, button in self._kinds.items():
            button.setChecked(one == kind)
        self._auto.setChecked(is_auto)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the lower right corner of the chart."""
        if isinstance(event, QResizeEvent):
            corner, size = event.size(), self.sizeHint()
            left, top = corner.width() - size.width(), corner.height() - size.height()
            self.setGeometry(left, top, size.width(), size.height())
        return super().eventFilter(watched, event)

    def _choose(self, kind: ScaleKind, *, on: bool) -> None:
        self.chosen.emit(kind if on else ScaleKind.LINEAR)
