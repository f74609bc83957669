"""The line at the head of the desk: which list is shown, and the field that filters it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu

from client.state import text
from client.state.workspace import ALL, BUYS, EVERY_BUY
from client.ui.shell.filter_field import FilterField
from client.ui.shell.list_bar import ListBar
from client.ui.shell.tint_legend import TintLegend
from client.ui.widgets.market_badge import MarketBadge
from client.ui.widgets.panel import ElidedLabel
from client.ui.widgets.plain_label import PlainLabel

_FIELD_PX, _LEAST_FIELD_PX = 320, 72
_NARROW_PX, _WIDE_PX = 640, 1_100  # of the window


class TopBar(QFrame):
    """Program name, lists, badge and filter.

    Attributes:
        lists: Which list is shown.
        field: The filter.

    Args:
        complete: Returns what a filter may become, the likeliest first.
        fill: Puts into a menu what can be done with lists.
        legend: Of the colors of rows.
    """

    lists: ListBar
    field: FilterField

    def __init__(
        self,
        complete: Callable[[str], tuple[str, ...]],
        fill: Callable[[QMenu], object],
        legend: TintLegend,
    ) -> None:
        super().__init__()
        self.setProperty("role", "top")
        self.field = FilterField(complete)
        self._complaint = ElidedLabel("caution")
        self._complaint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.field.setMinimumWidth(_LEAST_FIELD_PX)
        self.field.setMaximumWidth(_FIELD_PX)
        self.lists = ListBar(fill)
        self._legend = legend
        self._program, self._badge = PlainLabel("tickerlens  ", "program"), MarketBadge()
        self._fill()
        self.show_counts(0, 0, 0)

    def show_counts(self, tickers: int, buys: int, weaker: int) -> None:
        """Show how many tickers there are, how many buys worth a look, and how many weaker."""
        self.lists.show_counts({ALL: tickers, BUYS: buys, EVERY_BUY: weaker})

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
        row.addWidget(self.lists)
        row.addSpacing(8)
        row.addWidget(self._badge)
        row.addWidget(self._legend)
        row.addWidget(self._complaint, 10)
        row.addWidget(self.field, 10)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the program's name and the legend where there is no room to spare."""
        width = event.size().width()
        narrow = width < _NARROW_PX
        self._program.setVisible(not narrow)
        self._legend.setVisible(not narrow)
        self.lists.set_narrow(narrow)
        self._legend.set_wide(width >= _WIDE_PX)
        super().resizeEvent(event)
