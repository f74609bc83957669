"""The watch-list on screen: a table view that paints whole rows, and holds still for a pointer."""

from typing import Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QToolTip, QWidget

from client.state import captions
from client.state.list_cells import LIST_CELLS, section
from client.ui.theme.theme import Theme, font
from client.ui.watchlist.row_list import AnyIndex, dress_rows
from client.ui.watchlist.row_painter import PAD_PX, ROW_PX, RowPainter, TextSpan
from client.ui.watchlist.watchlist_model import WatchlistModel
from shared.plain_text import plain_text

_TICKER: Final = section("ticker")
# How long the order still holds: after a key, or after the pointer left; and under a pointer that
# rests, because one that was forgotten there must not keep the list unsorted.
_SETTLE_MS: Final = 1_500
_REST_MS: Final = 30_000
_POINTING: Final = (
    QEvent.Type.Enter,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.Wheel,
)


def column_widths(room: int) -> list[int]:
    """Return the width of every column in pixels, so that together they fill `room` if they can."""
    cells = [listed.cell for listed in LIST_CELLS]
    spare = max(room - sum(cell.width for cell in cells), 0)
    parts = sum(cell.stretch for cell in cells)
    widths = [cell.width + spare * cell.stretch // parts for cell in cells]
    widths[section("name")] += max(room - sum(widths), 0) if spare else 0
    return widths


class WatchlistHeader(QHeaderView):
    """Quiet column titles; the sorted one is bright and carries an arrow."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.setFont(font(11))
        self.setSectionsClickable(True)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(24)

    def sizeHint(self) -> QSize:
        """Return a fixed height."""
        return QSize(super().sizeHint().width(), 28)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Paint one title."""
        tokens = self._theme.tokens
        painter.fillRect(rect, QColor(*tokens.panel))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(*tokens.hairline))
        model = self.model()
        title = str(model.headerData(section, self.orientation()))
        align = model.headerData(section, self.orientation(), Qt.ItemDataRole.TextAlignmentRole)
        sorted_by = section == self.sortIndicatorSection()
        if sorted_by:
            falling = self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
            title += " ▾" if falling else " ▴"
        left = PAD_PX * 2 if section == _TICKER else PAD_PX
        painter.setPen(QColor(*(tokens.text if sorted_by else tokens.muted)))
        painter.drawText(rect.adjusted(left, 0, -PAD_PX, 0), align, title)


class WatchlistView(QTableView):
    """The watch-list.

    Signals:
        opened: A ticker was double-clicked, or Enter was pressed on it.
    """

    opened = Signal(str)

    def __init__(self, model: WatchlistModel, theme: Theme) -> None:
        super().__init__()
        self._model, self._theme = model, theme
        self._painter = RowPainter(theme)
        self._hint = ""
        self._chosen = ""  # outlives a reset, which takes the selection away
        self._settle = QTimer(self, singleShot=True)
        self._settle.timeout.connect(self._release)
        self.setHorizontalHeader(WatchlistHeader(theme, self))
        self.setModel(model)
        self.sortByColumn(section("up"), Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        self._dress()
        self.doubleClicked.connect(self._open)
        model.modelReset.connect(self._recall)
        theme.changed.connect(self.viewport().update)

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

    def enter(self) -> None:
        """Take the focus, with the first ticker selected if none is."""
        self.setFocus()
        if not self.currentIndex().isValid() and self._model.rowCount():
            self.selectRow(0)

    def chosen(self) -> str:
        """Return the selected ticker; empty without one."""
        index = self.currentIndex()
        return self._model.symbol(index.row()) if index.isValid() else ""

    def tip(self, y: int) -> str:
        """Return what the tool-tip of the row at `y` says; empty where nothing is to be said."""
        row = self.rowAt(y)
        return captions.row_tip(self._model.table, int(self._model.rows[row])) if row >= 0 else ""

    def _dress(self) -> None:
        dress_rows(self, "Watch-list", ROW_PX)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(ROW_PX)

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self._model.symbol(index.row()))

    def _recall(self) -> None:
        row = self._model.row_of(self._chosen)
        if row is not None:
            # Without scrolling: the user did not ask to be taken there.
            self.selectionModel().setCurrentIndex(
                self._model.index(row, 0),
                self.selectionModel().SelectionFlag.ClearAndSelect
                | self.selectionModel().SelectionFlag.Rows,
            )

    def _hold(self, limit_ms: int) -> None:
        # Each move and each key starts the time anew; when it ends, all that was put off is sorted
        # in at once.
        self._model.held = True
        self._settle.start(limit_ms)

    def _release(self) -> None:
        self._model.held = False
        self._model.arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the exposed part of the visible rows, each in one go."""
        # A painter that an exception leaves open would end the process.
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
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
        width = self.viewport().width()
        last = last if last >= 0 else self._model.rowCount() - 1
        for i, row in enumerate(self._model.shown(first, last, tuple(columns)), start=first):
            area = QRectF(0, self.rowViewportPosition(i), width, ROW_PX)
            self._painter.paint(painter, row, columns, area)

    def _exposed_columns(self, exposed: QRect) -> dict[int, TextSpan]:
        every = range(len(LIST_CELLS))
        spans = {c: TextSpan(self.columnViewportPosition(c), self.columnWidth(c)) for c in every}
        left, right = exposed.left(), exposed.right()
        return {c: s for c, s in spans.items() if s.left <= right and s.right >= left}

    def _paint_selection(self, painter: QPainter) -> None:
        index = self.currentIndex()
        if index.isValid():
            top = self.rowViewportPosition(index.row())
            line = QColor(*self._theme.tokens.accent_text)
            width = self.viewport().width()
            painter.fillRect(0, top - 1, width, 1, line)
            painter.fillRect(0, top + ROW_PX - 1, width, 1, line)

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:
        """Remember the ticker that was chosen."""
        super().currentChanged(current, previous)
        if current.isValid():
            self._chosen = self._model.symbol(current.row())

    def viewportEvent(self, event: QEvent) -> bool:
        """Hold the order while the pointer is here; tell the prediction set."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip(event.pos().y()), self)
            return True
        if event.type() in _POINTING:
            self._hold(_REST_MS)
        elif event.type() == QEvent.Type.Leave:
            self._hold(_SETTLE_MS)
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open a ticker, or hold the order while keys move the selection."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
            return
        self._hold(_SETTLE_MS)
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width among the columns."""
        super().resizeEvent(event)
        for column, width in enumerate(column_widths(self.viewport().width())):
            self.setColumnWidth(column, width)
