"""The watch-list as Qt sees it: an order over the rows of a `Table`."""

import dataclasses
import enum
import threading
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt

from client.clock import now_ms
from client.state import text
from client.state.table import SortColumn, Table
from client.ui.watchlist.row import Row
from client.ui.watchlist.row_list import AnyIndex
from shared.columns import UP_WINS
from shared.contract import Bool, Class, Int64

_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTER: Final = Qt.AlignmentFlag.AlignCenter


class Shown(enum.IntEnum):
    """The columns on screen, from left to right."""

    TICKER = 0
    NAME = 1
    LAST = 2
    CHANGE = 3
    CLASS = 4
    UP = 5
    BAR = 6
    FLAT = 7
    DOWN = 8
    CHANGED = 9
    AGE = 10


@dataclasses.dataclass(frozen=True)
class Heading:
    """What stands above a column.

    Attributes:
        title: The words.
        sort: What a click sorts by.
        align: Where the words and the values stand.
        falling: Whether the first click sorts from high to low.
    """

    title: str
    sort: SortColumn
    align: Qt.AlignmentFlag = _RIGHT
    falling: bool = True


HEADINGS: Final = {
    Shown.TICKER: Heading("Ticker", SortColumn.SYMBOL, _LEFT, falling=False),
    Shown.NAME: Heading("Name", SortColumn.NAME, _LEFT, falling=False),
    Shown.LAST: Heading("Last", SortColumn.LAST),
    Shown.CHANGE: Heading("Change", SortColumn.CHANGE),
    Shown.CLASS: Heading("Class", SortColumn.CLASS, _CENTER),
    Shown.UP: Heading("Up confidence", SortColumn.UP),
    Shown.BAR: Heading("Up · flat · down", SortColumn.UP, _LEFT),
    Shown.FLAT: Heading("Flat", SortColumn.FLAT),
    Shown.DOWN: Heading("Down", SortColumn.DOWN),
    Shown.CHANGED: Heading("Changed", SortColumn.CHANGED),
    Shown.AGE: Heading("Age", SortColumn.AGE, falling=False),
}


_WORDS: Final[dict[Shown, Callable[[Row], str]]] = {
    Shown.TICKER: lambda r: r.symbol,
    Shown.NAME: lambda r: f"{r.name} {r.segment}".strip(),
    Shown.LAST: lambda r: r.last,
    Shown.CHANGE: lambda r: f"{text.arrow(r.change)} {text.change(r.change)}".lstrip(),
    Shown.CLASS: lambda r: text.class_arrow(r.winner()),
    Shown.UP: lambda r: r.share(Class.UP),
    Shown.BAR: lambda r: " · ".join(r.share(c) for c in reversed(Class)),
    Shown.FLAT: lambda r: r.share(Class.FLAT),
    Shown.DOWN: lambda r: r.share(Class.DOWN),
    Shown.CHANGED: lambda r: r.changed,
    Shown.AGE: lambda r: r.age,
}

_ROOT: Final = QModelIndex()


def assert_main_thread() -> None:
    """Fail off the main thread, where no Qt object may be touched.

    Raises:
        RuntimeError: Another thread called.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("a Qt model was touched off the main thread")


class WatchlistModel(QAbstractTableModel):
    """Rows of a table, filtered and sorted; main thread only.

    `table` is changed from outside; `refresh` must follow every change.

    Attributes:
        table: The values.
        held: While true, `refresh` leaves every row where it is.
    """

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.table = table
        self.held = False
        self._sort, self._falling = SortColumn.UP, True
        self._filter = ""
        self._buys_only = False
        self._order: Int64 = np.empty(0, np.int64)

    @property
    def rows(self) -> Int64:
        """(n,) int64, the row of the table behind each row on screen."""
        return self._order

    def symbol(self, row: int) -> str:
        """Return the ticker on a row of the screen."""
        return self.table.symbols[int(self._order[row])]

    def row_of(self, symbol: str) -> int | None:
        """Return where a ticker is on screen; None when it is not."""
        found = np.flatnonzero(self._order == self.table.row_of.get(symbol, -1))
        return int(found[0]) if len(found) else None

    def shown(self, first: int, last: int) -> list[Row]:
        """Return rows `first` to `last` of the screen, taken from the columns all at once."""
        table = self.table
        if table.universe is None:
            return []
        # By column and not by cell, because reading numpy's values one by one is slow.
        rows = self._order[first : last + 1]
        now, zone = now_ms(), text.zone_of(table.universe.timezone)
        values = zip(
            rows.tolist(),
            table.last[rows].tolist(),
            table.change[rows].tolist(),
            table.probabilities[rows].tolist(),
            table.decided[rows].tolist(),
            table.changed_ms[rows].tolist(),
            strict=True,
        )
        return [
            Row(
                symbol=table.symbols[row],
                name=text.distinct(table.names[row], table.symbols[row]),
                segment=table.segments[row],
                last=text.price(price, table.universe.decimals),
                change=change,
                probabilities=(shares[0], shares[1], shares[2]) if decided else None,
                changed=text.moment(changed, now, zone),
                age=text.age(now - changed) if changed else text.NOTHING,
            )
            for row, price, change, shares, decided, changed in values
        ]

    def refresh(self, *, restarted: bool = False) -> None:
        """Show what the table holds now; with `restarted`, the table has other rows than before."""
        assert_main_thread()
        if restarted:
            self._reset()
            return
        # Held, the rows stay and only their values change: what is about to be clicked must not
        # move away. The order of then is made up for when the hold ends.
        if not self.held:
            self.arrange()
        # One signal for the whole list: one a cell would cost more than painting all that is seen.
        if len(self._order):
            last = self.index(len(self._order) - 1, len(Shown) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def arrange(self) -> None:
        """Filter and sort now; selected rows go with their tickers."""
        assert_main_thread()
        order = self._wanted_order()
        # Rows that come or go have no way to be followed; a mere change of order has, and keeps the
        # selection and the scroll position where a reset would lose both.
        if len(order) != len(self._order):
            self._reset()
        elif not np.array_equal(order, self._order):
            self.layoutAboutToBeChanged.emit()
            before = self.persistentIndexList()
            symbols = [self._order[i.row()] for i in before]
            self._order = order
            place = np.full(len(self.table), -1)
            place[order] = np.arange(len(order))
            after = [
                self.index(int(place[symbol]), i.column()) if place[symbol] >= 0 else QModelIndex()
                for symbol, i in zip(symbols, before, strict=True)
            ]
            self.changePersistentIndexList(before, after)
            self.layoutChanged.emit()

    def set_filter(self, words: str) -> None:
        """Show only tickers whose symbol or name holds `words`."""
        self._filter = words.strip()
        self.arrange()

    def set_buys_only(self, buys_only: bool) -> None:
        """Show only tickers that are in class 2 now, or all."""
        self._buys_only = buys_only
        self.arrange()

    def _reset(self) -> None:
        self.beginResetModel()
        self._order = self._wanted_order()
        self.endResetModel()

    def _wanted_order(self) -> Int64:
        order = self.table.order(self._sort, descending=self._falling)
        if self._filter:
            order = order[self.table.matches(self._filter)[order]]
        if self._buys_only:
            up_wins: Bool = (self.table.flags & UP_WINS) != 0
            order = order[up_wins[order]]
        return order

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """Return how many tickers are on screen."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(Shown)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words of a cell, or where they stand."""
        if not index.isValid():
            return None
        column = Shown(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return _WORDS[column](self.shown(index.row(), index.row())[0])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return HEADINGS[column].align
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the words above a column, where they stand, and how a first click sorts."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Shown):
            return None
        heading = HEADINGS[Shown(section)]
        if role == Qt.ItemDataRole.DisplayRole:
            return heading.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return heading.align
        if role == Qt.ItemDataRole.InitialSortOrderRole:
            falling = heading.falling
            return Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column from now on."""
        if 0 <= column < len(Shown):
            self._sort = HEADINGS[Shown(column)].sort
            self._falling = order == Qt.SortOrder.DescendingOrder
            self.arrange()
