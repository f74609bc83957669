"""The line at the head of the desk: which list is shown, and the field that filters it."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLineEdit, QToolButton

from client.ui.widgets.market_badge import MarketBadge
from client.ui.widgets.plain_label import PlainLabel

_LEAVING: Final = (Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)


_FIELD_PX, _LEAST_FIELD_PX, _NARROW_PX = 320, 72, 640  # of the field, and of the window


class FilterField(QLineEdit):
    """Filters as one types; Esc clears it, and leaves it when it is empty.

    Signals:
        left: The user is done here, and goes on in the list.
    """

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Clear on Esc, go to the list on Down or Enter."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() in _LEAVING:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class TopBar(QFrame):
    """Program name, lists, badge and filter.

    Signals:
        buys_only_changed: The list of buys was chosen, or that of all tickers.

    Attributes:
        field: The filter.
    """

    buys_only_changed = Signal(bool)

    field: FilterField

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "top")
        self.field = FilterField()
        self.field.setPlaceholderText("Find a ticker")
        self.field.setAccessibleName("Find a ticker")
        self.field.setMinimumWidth(_LEAST_FIELD_PX)
        self.field.setMaximumWidth(_FIELD_PX)
        self._all, self._buys = _list_button(), _list_button()
        self._all.setChecked(True)
        self._lists = QButtonGroup(self)
        self._lists.addButton(self._all)
        self._lists.addButton(self._buys)
        self._buys.toggled.connect(self.buys_only_changed)
        self._program, self._badge = PlainLabel("tickerlens  ", "program"), MarketBadge()
        self._fill()
        self.show_counts(0, 0)

    def show_counts(self, tickers: int, buys: int) -> None:
        """Show how many tickers there are, and how many of them are in class 2."""
        self._all.setText(f"All {tickers:,}")
        self._buys.setText(f"Buys {buys:,}")

    def show_market(self, *, simulated: bool, played: bool) -> None:
        """Show whether the market is a simulated one, or one of another time."""
        self._badge.show_market(simulated=simulated, played=played)

    def _fill(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 14, 8)
        row.setSpacing(6)
        row.addWidget(self._program)
        row.addWidget(self._all)
        row.addWidget(self._buys)
        row.addSpacing(8)
        row.addWidget(self._badge)
        row.addStretch(1)
        row.addWidget(self.field, 10)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the program's name where there is no room to spare."""
        self._program.setVisible(event.size().width() >= _NARROW_PX)
        super().resizeEvent(event)


def _list_button() -> QToolButton:
    button = QToolButton()
    button.setProperty("role", "list")
    button.setCheckable(True)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button
