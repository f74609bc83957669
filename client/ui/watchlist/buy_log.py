"""The buy log at the foot of the desk: who entered class 2, newest first."""

import enum
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QElapsedTimer,
    QModelIndex,
    QPointF,
    Qt,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QTableView

from client.clock import now_ms
from client.state import text
from client.state.buys import Buys, NamedBuy, gap_words
from client.state.table import Table
from client.state.update import BUYS_KEPT, BuyGap, Update
from client.ui.theme.theme import Theme, font, mono
from client.ui.watchlist.row_list import AnyIndex, dress_rows
from client.ui.widgets.prepared_text import PreparedText
from shared.contract import interval_seconds
from shared.protocol.answers import Universe

ROW_PX: Final = 24
_FADE_MS: Final = 700
_CALM_MS: Final = 3_000  # buys that come sooner one after the other do not fade in


class BuyColumn(enum.IntEnum):
    """The columns of the log."""

    TIME = 0
    NAME = 1
    CONFIDENCE = 2
    STRENGTH = 3
    PRICE = 4


_WIDTHS: Final = {
    BuyColumn.TIME: 114,
    BuyColumn.NAME: 220,
    BuyColumn.CONFIDENCE: 44,
    BuyColumn.STRENGTH: 88,
    BuyColumn.PRICE: 110,
}
_ROOT: Final = QModelIndex()
_WORDS: Final = Qt.ItemDataRole.DisplayRole
_TITLES: Final = ("Time", "Name", "Confidence", "Strength", "Price")


class BuyLogModel(QAbstractTableModel):
    """The log as Qt sees it; main thread only.

    Attributes:
        buys: The entries.
        market_ms: What time it is in the market, ms since 1970 UTC; 0 where that is not known.
    """

    buys: Buys
    market_ms: int

    def __init__(self, buys: Buys, table: Table) -> None:
        super().__init__()
        self.buys, self.market_ms, self._table = buys, 0, table
        self._universe: Universe | None = None

    def take(self, update: Update) -> None:
        """Add the new entries of `update` at the top, or start over with its universe."""
        rows = self.buys.rows
        if update.universe is not None or len(rows) + len(update.buys) > BUYS_KEPT:
            self.beginResetModel()
            self._universe = update.universe or self._universe
            self.buys.apply(update)
            self.endResetModel()
        elif update.buys:
            self.beginInsertRows(QModelIndex(), 0, len(update.buys) - 1)
            self.buys.apply(update)
            self.endInsertRows()

    def words(self, buy: NamedBuy | BuyGap, column: BuyColumn) -> str:
        """Return what a cell says; what is missing stands in the first."""
        universe = self._universe
        if universe is None:
            return ""
        zone = text.zone_of(universe.timezone)
        if isinstance(buy, BuyGap):
            return gap_words(buy, now_ms(), zone) if column == BuyColumn.TIME else ""
        match column:
            case BuyColumn.TIME:
                seconds = interval_seconds(universe.interval)
                return text.bar_stamp(buy.entry.bar_ms, self.market_ms, seconds, zone)
            case BuyColumn.NAME:
                return f"{buy.name} · late" if buy.entry.late else buy.name
            case BuyColumn.CONFIDENCE:
                return text.percent(buy.entry.confidence)
            case BuyColumn.STRENGTH:
                spread = self._table.spread
                if spread is None:
                    return ""
                return text.strength(float(spread.strength(buy.entry.confidence)))
            case BuyColumn.PRICE:
                return text.price(buy.entry.last, universe.decimals)

    def is_weak(self, buy: NamedBuy) -> bool:
        """Return whether a buy is not worth a look."""
        return not self._table.worth.is_strong(buy.entry.confidence, self._table.spread)

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """Return how many entries there are."""
        return 0 if parent.isValid() else len(self.buys.rows)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(BuyColumn)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words of a cell, or when a buy was said."""
        if not index.isValid():
            return None
        buy = self.buys.rows[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(buy) if isinstance(buy, NamedBuy) else None
        return self.words(buy, BuyColumn(index.column())) if role == _WORDS else None

    def _tip(self, buy: NamedBuy) -> str:
        universe, entry = self._universe, buy.entry
        if universe is None:
            return ""
        seconds, zone = interval_seconds(universe.interval), text.zone_of(universe.timezone)
        bar = text.bar_time(entry.bar_ms, seconds, zone)
        return text.tip(f"bar of {bar}", f"said {text.wall_clock(entry.made_ms)}")

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the title of a column, for screen readers."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        return None


class BuyLogView(QTableView):
    """The log on screen; what is new fades in once.

    Signals:
        opened: A ticker was double-clicked, or Enter was pressed on it.
    """

    opened = Signal(str)

    def __init__(self, model: BuyLogModel, theme: Theme) -> None:
        super().__init__()
        self._model, self._theme = model, theme
        self._mono, self._plain = PreparedText(mono(12)), PreparedText(font(13))
        self._bold = PreparedText(font(13, QFont.Weight.DemiBold))
        self._new = 0
        self._since = QElapsedTimer()
        self._stale = False
        self._fade = QVariantAnimation(self, startValue=0.0, endValue=1.0, duration=_FADE_MS)
        self._fade.valueChanged.connect(self._fade_on)
        self.setModel(model)
        self._dress()
        self.doubleClicked.connect(self._open)
        model.rowsInserted.connect(self._begin_fade)
        theme.changed.connect(self.viewport().update)

    def set_stale(self, stale: bool) -> None:
        """Grey every entry, or color them again."""
        if stale != self._stale:
            self._stale = stale
            self.viewport().update()

    def _dress(self) -> None:
        dress_rows(self, "Buys", ROW_PX)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setVisible(False)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)

    def _open(self, index: QModelIndex) -> None:
        buy = self._model.buys.rows[index.row()]
        if isinstance(buy, NamedBuy):
            self.opened.emit(buy.entry.symbol)

    def _begin_fade(self, parent: QModelIndex, first: int, last: int) -> None:
        self._fade.stop()
        # In a fast replay the log would be half lit for good: what comes so often calls nobody.
        calm = not self._since.isValid() or self._since.elapsed() > _CALM_MS
        self._since.start()
        if calm and not self._stale:  # nor does what is not of now
            self._new = last + 1
            self._fade.start()

    def _fade_on(self) -> None:
        height = self._new * ROW_PX
        self.viewport().update(0, 0, self.viewport().width(), height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the exposed entries, or that there are none."""
        fading = self._fade.state() == QVariantAnimation.State.Running
        with QPainter(self.viewport()) as painter:
            if not self._model.buys.rows:
                painter.setPen(QColor(*self._theme.tokens.muted))
                painter.drawText(QPointF(16, 17), "No buys yet")
            exposed = event.rect()
            first, last = self.rowAt(exposed.top()), self.rowAt(exposed.bottom())
            last = last if last >= 0 else len(self._model.buys.rows) - 1
            for row in range(max(first, 0), last + 1):
                new = fading and row < self._new
                painter.setOpacity(float(self._fade.currentValue()) if new else 1.0)
                self._paint_row(painter, row)

    def _paint_row(self, painter: QPainter, row: int) -> None:
        tokens, buy = self._theme.tokens, self._model.buys.rows[row]
        top = self.rowViewportPosition(row)
        middle = top + ROW_PX / 2
        if row == self.currentIndex().row():
            painter.fillRect(0, top, self.viewport().width(), ROW_PX, QColor(*tokens.raised))
        words = {column: self._model.words(buy, column) for column in BuyColumn}
        if isinstance(buy, BuyGap):
            painter.setPen(QColor(*tokens.muted))
            self._plain.draw(painter, words[BuyColumn.TIME], 16, middle)
            return
        quiet = self._stale or self._model.is_weak(buy)
        painter.setPen(QColor(*(tokens.muted if quiet else tokens.text)))
        self._mono.draw(painter, words[BuyColumn.TIME], 16, middle)
        room = _WIDTHS[BuyColumn.NAME] - 12
        left = _WIDTHS[BuyColumn.TIME]
        name = self._bold.elided(words[BuyColumn.NAME], room)
        self._bold.draw(painter, name, left, middle)
        for column in (BuyColumn.CONFIDENCE, BuyColumn.STRENGTH, BuyColumn.PRICE):
            right = self.columnViewportPosition(column) + _WIDTHS[column]
            self._plain.draw_to(painter, words[column], right, middle)
            painter.setPen(QColor(*tokens.muted))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open a ticker on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)
