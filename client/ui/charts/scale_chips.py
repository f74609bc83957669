"""Which scale prices are on, in the corner below their axis."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from client.state.price_scale import ScaleKind

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
        self._kinds = {kind: _chip(*words) for kind, words in _WORDS.items()}
        self._auto = _chip("A", _AUTO)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for kind, chip in self._kinds.items():
            chip.clicked.connect(lambda on, kind=kind: self._choose(kind, on=on))
            row.addWidget(chip)
        self._auto.clicked.connect(self.freed)
        row.addWidget(self._auto)
        parent.installEventFilter(self)

    def show_scale(self, kind: ScaleKind, *, is_auto: bool) -> None:
        """Say which scale is on, and whether the bars fill the height."""
        for one, chip in self._kinds.items():
            chip.setChecked(one == kind)
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


def _chip(words: str, tip: str) -> QToolButton:
    chip = QToolButton()
    chip.setText(words)
    chip.setToolTip(tip)
    chip.setAccessibleName(tip.partition(" (")[0])
    chip.setProperty("role", "axis")
    chip.setCheckable(True)
    chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return chip
