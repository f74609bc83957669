"""A table view whose selection is of tickers: it outlives every reset, and keys lead through it."""

import itertools
import time
from collections.abc import Container

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTableView

from client.state.type_ahead import TypeAhead
from client.ui.watchlist.row_list import AnyIndex
from client.ui.watchlist.row_painter import ROW_PX
from client.ui.watchlist.watchlist_model import WatchlistModel

_ROWS = QItemSelectionModel.SelectionFlag.Rows
_CHOOSE = QItemSelectionModel.SelectionFlag.ClearAndSelect | _ROWS
_Cursor = QAbstractItemView.CursorAction


class TickerRows(QTableView):
    """Rows of tickers that are chosen, copied, and found by typing.

    Signals:
        opened: A ticker was double-clicked, or Enter was pressed on it.
        chose: Keys act on another ticker than before.
    """

    opened = Signal(str)
    chose = Signal()

    def __init__(self, model: WatchlistModel) -> None:
        super().__init__()
        self._model = model
        self._typed = TypeAhead()
        # What a reset takes away: the chosen ticker, all selected ones, and where the list stood.
        self._chosen = ""
        self._kept: frozenset[str] = frozenset()
        self._stood = ("", 0)
        self.doubleClicked.connect(self._open)

    def follow(self) -> None:
        """Show the model; the header is there by now, whose own reset clears every selection."""
        self.setModel(self._model)
        self._model.modelAboutToBeReset.connect(self._remember)
        self._model.modelReset.connect(self._recall)

    def enter(self) -> None:
        """Take the focus, with the first ticker selected if none is."""
        self.setFocus()
        if not self.selectionModel().hasSelection() and self._model.rowCount():
            self.selectRow(max(self.currentIndex().row(), 0))

    def chosen(self) -> str:
        """Return the ticker that keys act on; empty without one."""
        index = self.currentIndex()
        return self._model.symbol(index.row()) if index.isValid() else ""

    def beside(self, symbol: str, rows: int, passed: Container[str] = ()) -> str:
        """Return the ticker so many rows below another one; empty where none is.

        Args:
            symbol: The other one; from one that is not listed the way begins before the first row.
            rows: How many, below 0 for above.
            passed: Tickers that do not count.
        """
        step, place = (1 if rows > 0 else -1), self._model.row_of(symbol)
        start = -1 if place is None else place
        ahead = range(start + step, self._model.rowCount() if step > 0 else -1, step)
        free = (s for row in ahead if (s := self._model.symbol(row)) not in passed)
        return next(itertools.islice(free, abs(rows) - 1, None), "")

    def go_to(self, symbol: str) -> None:
        """Select a ticker that is listed, and scroll there."""
        row = self._model.row_of(symbol)
        if row is not None:
            self.selectRow(row)

    def choose(self, symbol: str) -> None:
        """Select a ticker, now or as soon as it is listed; without scrolling there."""
        self._chosen, self._kept = symbol, frozenset({symbol})
        self._recall()

    def selected(self) -> tuple[str, ...]:
        """Return the tickers of the rows that are selected, from top to bottom."""
        return tuple(self._model.symbol(row) for row in self._selected_rows())

    def top(self) -> str:
        """Return the ticker on the first row in sight; empty where the list stands at its head."""
        row = self.rowAt(0)
        return self._model.symbol(row) if self.verticalScrollBar().value() and row >= 0 else ""

    def open_chosen(self) -> None:
        """Open the ticker that keys act on."""
        if self.currentIndex().isValid():
            self._open(self.currentIndex())

    def copy_rows(self) -> None:
        """Put the selected rows on the clipboard, as a spreadsheet takes them: tabs and lines."""
        header = self.horizontalHeader()
        order = (header.logicalIndex(visual) for visual in range(header.count()))
        columns = [column for column in order if not self.isColumnHidden(column)]
        QApplication.clipboard().setText(self._model.tabbed(self._selected_rows(), columns))

    def rows_in_sight(self) -> range:
        """Return the rows that are on screen, whole or in part."""
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        return range(max(first, 0), (last if last >= 0 else self._model.rowCount() - 1) + 1)

    def moveCursor(self, action: _Cursor, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Go to the head and the foot of the list with Home and End, and nowhere sideways."""
        here, last = self.currentIndex(), self._model.rowCount() - 1
        if action == _Cursor.MoveHome and last >= 0:
            return self._model.index(0, 0)
        if action == _Cursor.MoveEnd and last >= 0:
            return self._model.index(last, 0)
        if action in (_Cursor.MoveLeft, _Cursor.MoveRight):
            return here
        return super().moveCursor(action, modifiers)

    def keyboardSearch(self, search: str) -> None:
        """Go to the next ticker whose symbol or name begins with what was typed."""
        table, rows = self._model.table, self._model.rows.tolist()
        texts = [(table.symbols[row], table.names[row], table.names_en[row]) for row in rows]
        found = self._typed.find(search, time.monotonic(), texts, self.currentIndex().row())
        if found is not None:
            self.selectRow(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open a ticker on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_chosen()
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:
        """Remember the ticker that was chosen."""
        super().currentChanged(current, previous)
        if current.isValid():
            before, self._chosen = self._chosen, self._model.symbol(current.row())
            if self._chosen != before:
                self.chose.emit()

    def _selected_rows(self) -> list[int]:
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        here = self.currentIndex()  # which the focus alone does not select
        return rows or ([here.row()] if here.isValid() else [])

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self._model.symbol(index.row()))

    def _remember(self) -> None:
        selected = frozenset(self.selected())
        # What a filter hides comes back with its rows.
        self._kept = selected or self._kept
        self._stood = (self.top(), self.verticalScrollBar().value() % ROW_PX)

    def _recall(self) -> None:
        rows = {s: row for s in self._kept if (row := self._model.row_of(s)) is not None}
        chosen = rows.get(self._chosen, self._model.row_of(self._chosen))
        model, selection = self.selectionModel(), QItemSelection()
        for row in rows.values():
            index = self._model.index(row, 0)
            selection.merge(QItemSelection(index, index), _CHOOSE & ~_ROWS)
        # Without scrolling: the user did not ask to be taken there.
        if chosen is not None:
            model.setCurrentIndex(self._model.index(chosen, 0), _CHOOSE)
        if len(rows) > 1:
            model.select(selection, _CHOOSE)
        top, rest = self._stood
        row = self._model.row_of(top) if top else None
        if row is not None:
            self.updateGeometries()  # else the bar still has the range of before
            self.verticalScrollBar().setValue(row * ROW_PX + rest)
