"""The watch-list on screen: a table view that paints whole rows, and holds still for a pointer."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import QAbstractItemView, QToolTip

from client.state import captions, text
from client.state.glances import MOST_IN_SIGHT
from client.state.list_cells import LIST_CELLS, section
from client.ui.theme.theme import Theme
from client.ui.watchlist.order_hold import OrderHold
from client.ui.watchlist.row_list import AnyIndex, dress_rows
from client.ui.watchlist.row_painter import PICTURES, ROW_PX, RowPainter, TextSpan
from client.ui.watchlist.ticker_rows import TickerRows
from client.ui.watchlist.watchlist_header import WatchlistHeader
from client.ui.watchlist.watchlist_model import WatchlistModel
from shared.plain_text import plain_text

_STAR, _TREND = section("star"), section("trend")
# Of which the maps of the rows in sight are followed, and what was said of them before.
_GLANCING: Final = ("trend", "why", "reason")
_BESIDE: Final = 12  # rows above and below of which that is so, too
# How long the list stands still before its rows count as looked at.
_LOOK_MS: Final = 120


class WatchlistView(TickerRows):
    """The watch-list.

    Signals:
        in_sight: Other rows than before are looked at; carries their tickers, from top to bottom.
        starred: The star of a ticker was clicked.
    """

    in_sight = Signal(object)
    starred = Signal(str)

    def __init__(self, model: WatchlistModel, theme: Theme) -> None:
        super().__init__(model)
        self._theme = theme
        self._painter = RowPainter(theme)
        self._hint = ""
        self.hold = OrderHold(model, self)
        self._looking = QTimer(self, singleShot=True, interval=_LOOK_MS)
        self._looking.timeout.connect(self._look)
        self._seen: tuple[str, ...] = ()
        self.heading = WatchlistHeader(theme, self)
        self.setHorizontalHeader(self.heading)
        self.follow()
        self.sortByColumn(section("up"), Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        self._dress()
        model.modelReset.connect(self.place_columns)
        model.layoutChanged.connect(self._look_soon)
        self.heading.arranged.connect(self.place_columns)
        self.hold.turned.connect(self._tell_held)
        self.heading.sortIndicatorChanged.connect(self._keep_sort)
        self.verticalScrollBar().valueChanged.connect(self._looking.start)
        theme.changed.connect(self.viewport().update)
        self._sort_by_keys()

    def set_stale(self, stale: bool) -> None:
        """Grey every row, or color them again."""
        if stale != self._painter.stale:
            self._painter.stale = stale
            self.viewport().update()

    def set_hint(self, hint: str) -> None:
        """Say why the list is empty, when it is."""
        words = plain_text(hint)
        if words != self._hint:
            self._hint = words
            self.viewport().update()

    def refresh_ages(self) -> None:
        """Repaint the one column that changes by itself."""
        age = section("age")
        left, width = self.columnViewportPosition(age), self.columnWidth(age)
        self.viewport().update(left, 0, width, self.viewport().height())

    def place_columns(self) -> None:
        """Share the room among the columns that have something to say."""
        table = self._model.table
        empty = {e.cell.name for e in LIST_CELLS if len(table) and not table.has_content(e)}
        self.heading.place(self.viewport().width(), empty)
        self.viewport().update()
        self._look_soon()

    def tip(self, at: QPoint) -> str:
        """Return what the tool-tip of a cell says; empty where nothing is to be said."""
        row, column = self.rowAt(at.y()), self.columnAt(at.x())
        if row < 0 or column < 0:
            return ""
        return captions.cell_tip(self._model.table, int(self._model.rows[row]), LIST_CELLS[column])

    def _dress(self) -> None:
        dress_rows(self, "Watch-list", ROW_PX)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(ROW_PX)

    def _sort_by_keys(self) -> None:
        heading, order = self.heading, Qt.SortOrder
        keys = {
            "Alt+Left": partial(heading.step_sort, -1),
            "Alt+Right": partial(heading.step_sort, 1),
            "Alt+Up": partial(heading.turn_sort, order.AscendingOrder),
            "Alt+Down": partial(heading.turn_sort, order.DescendingOrder),
        }
        for key, act in keys.items():
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)

    def is_whole(self) -> bool:
        """Return whether map and trend of each decided row in sight are here, or are not shown."""
        if not self._glancing():
            return True
        sight, table = self.rows_in_sight(), self._model.table
        rows = self._model.rows[sight.start : sight.stop]
        rows = rows[table.decided[rows]]
        mapped = all(table.last_glance(int(row)) is not None for row in rows)
        return mapped and bool(table.trends.are_recalled(rows).all())

    def _glancing(self) -> bool:
        return not all(self.isColumnHidden(section(name)) for name in _GLANCING)

    def _look_soon(self) -> None:
        if not self._looking.isActive():
            self._looking.start()

    def _look(self) -> None:
        if not self._model.table.decided.any():
            return  # rows that are still to be sorted: others will be in sight
        glancing = self._glancing()
        seen = tuple(self._model.symbol(row) for row in self._rows_to_follow() if glancing)
        if set(seen) != set(self._seen):
            self._seen = seen
            self.in_sight.emit(seen)

    def _rows_to_follow(self) -> Sequence[int]:
        # Those beside them too, which the next bar or a turn of the wheel brings in sight.
        sight, rows = self.rows_in_sight(), self._model.rowCount()
        below = range(sight.stop, min(sight.stop + _BESIDE, rows))
        above = range(max(sight.start - _BESIDE, 0), sight.start)
        return (*sight, *below, *above)[:MOST_IN_SIGHT]

    def _tell_held(self) -> None:
        sight = self.rows_in_sight()
        held = self._model.held
        self.heading.show_held(self._model.moved(sight.start, sight.stop - 1) if held else None)

    def _keep_sort(self, column: int) -> None:
        # A click on what cannot be sorted by leaves the arrow where it was.
        if not LIST_CELLS[column].cell.sorts:
            sorted_by, falling = self._model.sorted_by
            order = Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
            self.heading.setSortIndicator(LIST_CELLS.index(sorted_by), order)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the exposed part of the visible rows, each in one go."""
        # A painter that an exception leaves open would end the process.
        with QPainter(self.viewport()) as painter:
            if self._model.rowCount():
                self._paint_rows(painter, event.rect())
                self._paint_selection(painter)
            else:
                painter.setPen(QColor(*self._theme.tokens.muted))
                painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self._hint)

    def _paint_rows(self, painter: QPainter, exposed: QRect) -> None:
        # Not by Qt's delegates, which ask the model for every role of every cell: the tint spans
        # whole rows, and a list of 3,000 has to be repainted with each cycle.
        first = max(self.rowAt(max(exposed.top(), 0)), 0)
        last = self.rowAt(exposed.bottom())
        columns = self._exposed_columns(exposed)
        trend = columns.pop(_TREND, None)
        width = self.viewport().width()
        last = last if last >= 0 else self._model.rowCount() - 1
        shown = self._model.shown(first, last, tuple(columns), silent=PICTURES)
        self._painter.ratio = self.devicePixelRatioF()
        self._painter.prepare(shown)
        for i, row in enumerate(shown, start=first):
            area = QRect(0, self.rowViewportPosition(i), width, ROW_PX)
            self._painter.paint(painter, row, columns, area)
        if trend is not None and shown:
            which, top = self._model.rows[first : last + 1], self.rowViewportPosition(first)
            table = self._model.table
            base = None if table.spread is None else table.spread.base_rate
            self._painter.paint_trends(painter, shown, table.trends, which, trend, top, base)

    def _exposed_columns(self, exposed: QRect) -> dict[int, TextSpan]:
        every = (c for c in range(len(LIST_CELLS)) if not self.isColumnHidden(c))
        spans = {c: TextSpan(self.columnViewportPosition(c), self.columnWidth(c)) for c in every}
        left, right = exposed.left(), exposed.right()
        return {c: s for c, s in spans.items() if s.left <= right and s.right >= left}

    def _paint_selection(self, painter: QPainter) -> None:
        line, width = QColor(*self._theme.tokens.accent_text), self.viewport().width()
        chosen = self.selectionModel()
        for row in self.rows_in_sight():
            if chosen.isRowSelected(row, QModelIndex()):
                top = self.rowViewportPosition(row)
                painter.fillRect(0, top - 1, width, 1, line)
                painter.fillRect(0, top + ROW_PX - 1, width, 1, line)

    def dataChanged(self, _first: AnyIndex, _last: AnyIndex, _roles: object = ()) -> None:
        """Repaint all: Qt would work out the cells, and gets it wrong where columns are hidden."""
        self.viewport().update()
        self._tell_held()
        self._look_soon()

    def viewportEvent(self, event: QEvent) -> bool:
        """Hold the order while the pointer is here; tell the prediction set."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), text.tip(self.tip(event.pos())), self)
            return True
        self.hold.note(event)
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hold the order while keys move the selection."""
        self.hold.note_key()
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Give a ticker its star or take it away, where the click is on one; else select."""
        at = event.position().toPoint()
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self.columnAt(at.x()) == _STAR and self.rowAt(at.y()) >= 0:
            self.starred.emit(self._model.symbol(self.rowAt(at.y())))
            return
        super().mousePressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width among the columns."""
        super().resizeEvent(event)
        self.place_columns()
