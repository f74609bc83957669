"""The watch-list as Qt sees it: an order over the rows of a `Table`."""

import threading
from collections.abc import Container, Sequence
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QMimeData, QModelIndex, Qt

from client.state import captions, cell_text, text
from client.state.cell_text import Circumstances
from client.state.filter_language import RowFilter
from client.state.list_cells import LIST_CELLS, MOST_CONFIDENT, ListCell
from client.state.moved_rows import moves
from client.state.table import Table
from client.ui.watchlist.row import Row
from client.ui.watchlist.row_list import AnyIndex
from shared.cells import CellFormat
from shared.contract import Class, Int64
from shared.plain_text import plain_text

_ALIGNED: Final = {
    "left": Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
    "center": Qt.AlignmentFlag.AlignCenter,
    "right": Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
}


_GLANCED: Final = (CellFormat.MAP, CellFormat.REASON)
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
        market_ms: What time it is in the market, ms since 1970 UTC; 0 where that is not known.
    """

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.table = table
        self.held = False
        self.market_ms = 0
        self._sort, self._falling = MOST_CONFIDENT, True
        self._filter = RowFilter()
        self._list = RowFilter()
        self._order: Int64 = np.empty(0, np.int64)
        self._wanted: Int64 = self._order  # the order if nothing were held
        # Of the rows that are on screen: until a reset ends, the table may have others already.
        self._symbols = table.symbols

    @property
    def rows(self) -> Int64:
        """(n,) int64, the row of the table behind each row on screen."""
        return self._order

    @property
    def sorted_by(self) -> tuple[ListCell, bool]:
        """The column that rows are sorted by, and whether from high to low."""
        return self._sort, self._falling

    def symbol(self, row: int) -> str:
        """Return the ticker on a row of the screen."""
        return self._symbols[int(self._order[row])]

    def row_of(self, symbol: str) -> int | None:
        """Return where a ticker is on screen; None when it is not."""
        found = np.flatnonzero(self._order == self.table.row_of.get(symbol, -1))
        return int(found[0]) if len(found) else None

    def shown(
        self,
        first: int,
        last: int,
        sections: Sequence[int],
        silent: Container[CellFormat] = (),
    ) -> list[Row]:
        """Return rows `first` to `last` of the screen with the cells of these columns.

        Args:
            first: The first row.
            last: The last row.
            sections: The columns.
            silent: Formats whose words nobody will read.
        """
        table = self.table
        if table.universe is None:
            return []
        # By column and not by cell, because reading numpy's values one by one is slow.
        rows = self._order[first : last + 1]
        among = Circumstances.of(table.universe, self.market_ms)
        behind = table.are_behind(rows, among.interval_s, among.market_ms).tolist()
        spoken = [s for s in sections if LIST_CELLS[s].cell.reads not in silent]
        words = [cell_text.words(table, LIST_CELLS[s], rows, among) for s in spoken]
        glancing = any(LIST_CELLS[s].cell.reads in _GLANCED for s in sections)
        numeric = [s for s in sections if LIST_CELLS[s].cell.reads is not CellFormat.TEXT]
        values = [table.values(LIST_CELLS[s], rows).tolist() for s in numeric]
        scale = table.scale
        known = rows.tolist()
        glances = [table.last_glance(row) if glancing else None for row in known]
        shares, decided = table.probabilities[rows].tolist(), table.decided[rows].tolist()
        return [
            Row(
                name=text.distinct(table.names[row], table.symbols[row]),
                segment=table.segments[row],
                stale=behind[i],
                probabilities=(shares[i][0], shares[i][1], shares[i][2]) if decided[i] else None,
                words={s: column[i] for s, column in zip(spoken, words, strict=True)},
                values={s: column[i] for s, column in zip(numeric, values, strict=True)},
                glance=glances[i],
                late=(newest := glances[i]) is not None and not table.explains(newest.heatmap, row),
                pinned=bool(table.pinned[row]),
                muted=bool(table.muted[row]),
                noted=table.symbols[row] in table.marks.notes,
                tint=scale.percent(shares[i][Class.UP]),
            )
            for i, row in enumerate(known)
        ]

    def refresh(self, *, restarted: bool = False) -> None:
        """Show what the table holds now; with `restarted`, the table has other rows than before."""
        assert_main_thread()
        if restarted:
            self._reset()
            return
        # Held, the rows stay and only their values change: what is about to be clicked must not
        # move away. The order of then is made up for when the hold ends.
        self._wanted = self._wanted_order()
        if not self.held:
            self._arrange_as(self._wanted)
        # One signal for the whole list: one a cell would cost more than painting all that is seen.
        if len(self._order):
            last = self.index(len(self._order) - 1, len(LIST_CELLS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def arrange(self) -> None:
        """Filter and sort now; selected rows go with their tickers."""
        assert_main_thread()
        self._wanted = self._wanted_order()
        self._arrange_as(self._wanted)

    def moved(self, first: int, last: int) -> int:
        """Return how many of rows `first` to `last` would be others if nothing were held."""
        return moves(self._order[first : last + 1], self._wanted[first : last + 1])

    def _arrange_as(self, order: Int64) -> None:
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

    def tabbed(self, rows: Sequence[int], sections: Sequence[int]) -> str:
        """Return rows of the screen as text, a line each, with tabs between these columns."""
        spoken = [s for s in sections if LIST_CELLS[s].cell.reads is not CellFormat.MAP]
        lines = (self.shown(row, row, spoken)[0].words for row in rows)
        return "\n".join("\t".join(plain_text(words[s]) for s in spoken) for words in lines)

    def exported(self) -> list[tuple[str, str, str, str]]:
        """Return symbol, name, market and note of every row on screen."""
        table = self.table
        notes, rows = table.marks.notes, self._order.tolist()
        return [
            (s, table.names[row], table.segments[row], notes.get(s, ""))
            for row, s in ((row, table.symbols[row]) for row in rows)
        ]

    def set_filter(self, wanted: RowFilter) -> None:
        """Show only tickers that fit."""
        self._filter = wanted
        self.arrange()

    def set_list(self, wanted: RowFilter) -> None:
        """Show only tickers that are in a list; the filter holds beside it."""
        self._list = wanted
        self.arrange()

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Let rows be dragged."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else flags

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the tickers of rows, a line each, for who drags them."""
        rows = sorted({index.row() for index in indexes})
        data = QMimeData()
        data.setText("\n".join(self.symbol(row) for row in rows))
        return data

    def _reset(self) -> None:
        self.beginResetModel()
        self._symbols = self.table.symbols
        self._order = self._wanted = self._wanted_order()
        self.endResetModel()

    def _wanted_order(self) -> Int64:
        table = self.table
        order = table.order(self._sort, descending=self._falling)
        for wanted in (self._list, self._filter):
            if wanted.terms:
                order = order[wanted.fits(table)[order]]
        if table.pinned.any() or table.muted.any():
            place = np.where(table.muted, 1, np.where(table.pinned, -1, 0))
            order = order[np.argsort(place[order], kind="stable")]
        return order

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """Return how many tickers are on screen."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(LIST_CELLS)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words of a cell, or where they stand."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            column = index.column()
            return self.shown(index.row(), index.row(), (column,))[0].words[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNED[LIST_CELLS[index.column()].cell.align]
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the words above a column, where they stand, and how a first click sorts."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(LIST_CELLS):
            return None
        cell = LIST_CELLS[section].cell
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.heading
        if role == Qt.ItemDataRole.ToolTipRole:
            return text.tip(captions.heading_tip(self.table, LIST_CELLS[section]))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNED[cell.align]
        if role == Qt.ItemDataRole.InitialSortOrderRole:
            falling = cell.falling
            return Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column from now on."""
        if 0 <= column < len(LIST_CELLS) and LIST_CELLS[column].cell.sorts:
            self._sort = LIST_CELLS[column]
            self._falling = order == Qt.SortOrder.DescendingOrder
            self.arrange()
