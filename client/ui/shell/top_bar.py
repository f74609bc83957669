"""The line at the head of the desk: which list is shown, and the field that filters it."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QToolButton

from client.state import text
from client.ui.shell.filter_field import FilterField
from client.ui.widgets.market_badge import MarketBadge
from client.ui.widgets.panel import ElidedLabel
from client.ui.widgets.plain_label import PlainLabel

_FIELD_PX, _LEAST_FIELD_PX, _NARROW_PX = 320, 72, 640  # of the field, and of the window


class TopBar(QFrame):
    """Program name, lists, badge and filter.

    Signals:
        buys_only_changed: The list of buys was chosen, or that of all tickers.

    Attributes:
        field: The filter.

    Args:
        complete: Returns what a filter may become, the likeliest first.
    """

    buys_only_changed = Signal(bool)

    field: FilterField

    def __init__(self, complete: Callable[[str], tuple[str, ...]]) -> None:
        super().__init__()
        self.setProperty("role", "top")
        self.field = FilterField(complete)
        self._complaint = ElidedLabel("caution")
        self._complaint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
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

    def complain(self, sentence: str) -> None:
        """Say what is wrong with the filter; empty where nothing is."""
        self._complaint.show_words(sentence)
        self.field.setToolTip(text.tip(sentence))
        if bool(self.field.property("wrong")) != bool(sentence):
            self.field.setProperty("wrong", bool(sentence))
            self.field.style().polish(self.field)

    def _fill(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 14, 8)
        row.setSpacing(6)
        row.addWidget(self._program)
        row.addWidget(self._all)
        row.addWidget(self._buys)
        row.addSpacing(8)
        row.addWidget(self._badge)
        row.addWidget(self._complaint, 10)
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
