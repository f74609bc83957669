"""A button that becomes a field in which the ticker to compare with is typed."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from client.ui.widgets.plain_label import PlainLabel

_FIELD_PX: Final = 130
_IDLE: Final = "+ ticker"


class CompareField(QWidget):
    """Which other ticker the window compares with.

    Signals:
        chosen: The user wants this symbol; empty for none.
        left: The user is done here.

    Args:
        find: Returns the symbol that is meant by what was typed; empty for none.
    """

    chosen = Signal(str)
    left = Signal()

    def __init__(self, find: Callable[[str], str]) -> None:
        super().__init__()
        self._find = find
        self._chip, self._field, self._meant = QToolButton(), QLineEdit(), PlainLabel(role="small")
        self._chip.setProperty("role", "chip")
        self._chip.setCheckable(True)
        self._chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._chip.setToolTip("Compare with another ticker, in percent (K)")
        self._chip.setAccessibleName("Compare with another ticker")
        self._field.setPlaceholderText("ticker or name")
        self._field.setAccessibleName("Ticker to compare with")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part in (self._chip, self._field, self._meant):
            row.addWidget(part)
        self._chip.clicked.connect(self.open)
        self._field.returnPressed.connect(self._take)
        self._field.textChanged.connect(lambda line: self._meant.setText(self._find(line)))
        self._open(opened=False)
        self.show_chosen("")
        self._field.setFixedSize(_FIELD_PX, self._chip.sizeHint().height())

    def show_chosen(self, symbol: str) -> None:
        """Say which ticker is compared with."""
        self._chip.setText(f"vs {symbol}" if symbol else _IDLE)
        self._chip.setChecked(bool(symbol))

    def open(self) -> None:
        """Let a ticker be typed; nothing, and Enter, is none."""
        self._open(opened=True)
        self._field.selectAll()
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Esc, and keep what Enter did from the window."""
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def _take(self) -> None:
        symbol = self._find(self._field.text())
        if symbol or not self._field.text().strip():
            self._close()
            self.chosen.emit(symbol)

    def _close(self) -> None:
        self._open(opened=False)
        self.left.emit()

    def _open(self, *, opened: bool) -> None:
        self._chip.setVisible(not opened)
        self._field.setVisible(opened)
        self._meant.setVisible(opened)
