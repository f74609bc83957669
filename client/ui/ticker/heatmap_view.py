"""The map of a window: features down, bars across; one row of bars where features are lost."""

from html import escape
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from client.state import text
from client.state.attribution_map import AttributionMap, View, values
from client.state.ramp import Ramp, limit_of
from client.ui.theme.theme import Look, font
from client.ui.ticker.cell import Cell, moved
from client.ui.ticker.legend import LEGEND_PX, paint_legend
from shared.contract import CLASS_NAMES, STEPS, WINDOW_SHAPE, Float32, interval_seconds
from shared.features import UNNAMED
from shared.plain_text import plain_text
from shared.protocol.answers import Universe

_ROWS: Final = WINDOW_SHAPE[1]
_LABELS_PX: Final = 88
_TOP_PX: Final = 24
_GAP_PX: Final = 3
_ROW_PX: Final = 30
_LEAST_ROW_PX: Final = 22
_MOST_ROW_PX: Final = 40
SPARE_PX: Final = _ROWS * (_MOST_ROW_PX - _ROW_PX)  # over the usual height
_FOOT_PX: Final = 4
_TIME: Final = "time"
_DIMMED: Final = 0.4  # what only stands in


class HeatmapView(QWidget):
    """One map.

    Signals:
        hovered: The `Cell` under the pointer; None when the pointer left.

    Args:
        look: Its colors.
        labels: Whether the names of the rows stand beside it.
    """

    hovered = Signal(object)

    def __init__(self, look: Look, *, labels: bool = True) -> None:
        super().__init__()
        self._look = look
        self._labels_px = _LABELS_PX if labels else 0
        self._attribution: AttributionMap | None = None
        self._view = View.SIGNED
        self._universe: Universe | None = None
        self._features = UNNAMED
        self._sentence, self._dimmed = "", False
        self._cell: Cell | None = None
        self._lit_ms: int | None = None
        self.setFont(font(12))
        self.setMouseTracking(True)
        self.setAccessibleName("Heatmap")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        look.changed.connect(self.update)

    def show_attribution(
        self,
        attribution: AttributionMap,
        view: View,
        universe: Universe,
        *,
        dimmed: bool = False,
    ) -> None:
        """Show a map of a ticker of `universe`, or dimmed where it only stands in for another."""
        self._attribution, self._view, self._universe = attribution, view, universe
        self._dimmed = dimmed
        self._features = attribution.features  # they name the rows of an empty map as well
        self._sentence = ""
        if self._cell is not None and self._cell.feature >= len(self.rows):
            self._cell = None
        self.update()

    def show_sentence(self, sentence: str) -> None:
        """Say why there is no map; without a sentence the cells stay empty."""
        self._attribution, self._sentence, self._dimmed = None, sentence, False
        self.update()

    def light(self, bar_ms: int | None) -> None:
        """Frame the cells of the bar that closes at `bar_ms`, ms since 1970 UTC, if it is here."""
        if bar_ms != self._lit_ms:
            self._lit_ms = bar_ms
            self.update()

    def outline(self, cell: Cell | None) -> None:
        """Outline a cell, or none."""
        if cell != self._cell:
            self._cell = cell
            self.update()

    @property
    def attribution(self) -> AttributionMap | None:
        """What is shown."""
        return self._attribution

    @property
    def rows(self) -> tuple[str, ...]:
        """The names of the rows."""
        if self._attribution is not None and self._attribution.time_only:
            return (_TIME,)
        return tuple(plain_text(feature.label) for feature in self._features)

    def cell_rect(self, cell: Cell) -> QRectF:
        """Return where a cell is."""
        width = (self.width() - self._labels_px - LEGEND_PX) / STEPS
        height = self._row_px()
        left = round(self._labels_px + cell.step * width)
        right = round(self._labels_px + (cell.step + 1) * width)
        top = _TOP_PX + cell.feature * height
        return QRectF(left, top, right - left - _GAP_PX, height - _GAP_PX)

    def cell_at(self, point: QPointF) -> Cell | None:
        """Return the cell under a point."""
        return next((c for c in self._cells() if self.cell_rect(c).contains(point)), None)

    def tip(self, cell: Cell) -> str:
        """Return what the tool-tip of a cell says, as rich text; empty without a map."""
        lines = [escape(plain_text(line)) for line in self._lines(cell)]
        if not lines:
            return ""
        name, mark, place = lines[0].partition(" · ")
        return "<br>".join((f"<b>{name}</b>{mark}{place}", *lines[1:]))

    def _lines(self, cell: Cell) -> list[str]:
        attribution, universe = self._attribution, self._universe
        if attribution is None or universe is None:
            return []
        zone, seconds = text.zone_of(universe.timezone), interval_seconds(universe.interval)
        when = text.bar_time(int(attribution.bar_ms[cell.step]), seconds, zone)
        head = f"{self.rows[cell.feature]} · {self._column(cell.step)} · {when}"
        return [head, *self._said(attribution, cell)]

    def _said(self, attribution: AttributionMap, cell: Cell) -> list[str]:
        at = (cell.step, cell.feature)
        shown = float(values(attribution, self._view)[at])
        name = attribution.method.title + (" × input" if self._view == View.TIMES_INPUT else "")
        line = f"{name} {text.significant(shown)}"
        if self._view != View.ABSOLUTE:
            line += f", {'for' if shown >= 0 else 'against'} {CLASS_NAMES[attribution.target]}"
        if attribution.time_only:
            return [line]
        feature = attribution.features[cell.feature]
        return [
            f"raw {text.raw_feature(float(attribution.raw[at]), feature)}",
            f"scaled {text.signed(float(attribution.scaled[at]))} σ",
            line,
        ]

    def sizeHint(self) -> QSize:
        """Return the room for eight rows, whatever is shown, so that nothing jumps."""
        return QSize(440, _TOP_PX + _ROWS * _ROW_PX + _FOOT_PX)

    def minimumSizeHint(self) -> QSize:
        """Return the room for eight low rows."""
        return QSize(240, _TOP_PX + _ROWS * _LEAST_ROW_PX + _FOOT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint labels, cells and the color bar, or the sentence in their place."""
        attribution = self._attribution
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._sentence:
                self._note(painter, QRectF(self.rect()), self._sentence)
                return
            ramp = self._look.ramp(self._view)
            shown = None if attribution is None else values(attribution, self._view)
            limit = 0.0 if shown is None else limit_of(shown)
            self._names(painter)
            painter.setOpacity(_DIMMED if self._dimmed else 1.0)
            self._paint_cells(painter, shown, ramp, limit)
            if attribution is not None:
                self._frame_lit(painter, attribution)
                paint_legend(painter, self._legend_box(), self._look, ramp, limit)
                if attribution.time_only:
                    self._note(painter, self._below(), attribution.method.note)

    def _column(self, step: int) -> str:
        return text.column_label(STEPS - 1 - step)

    def _cells(self) -> list[Cell]:
        return [Cell(step, row) for step in range(STEPS) for row in range(len(self.rows))]

    def _row_px(self) -> int:
        room = (self.height() - _TOP_PX - _FOOT_PX) // _ROWS
        return min(max(room, _LEAST_ROW_PX), _MOST_ROW_PX)

    def _names(self, painter: QPainter) -> None:
        tokens = self._look.tokens
        painter.setPen(QColor(*tokens.text))
        middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for row, name in enumerate(self.rows if self._labels_px else ()):
            cell = self.cell_rect(Cell(0, row))
            room = QRectF(0, cell.top(), _LABELS_PX - 10, cell.height())
            shown = painter.fontMetrics().elidedText(
                name, Qt.TextElideMode.ElideRight, int(room.width())
            )
            painter.drawText(room, middle, shown)
        painter.setPen(QColor(*tokens.muted))
        painter.setFont(font(11))
        for step in range(STEPS):
            cell = self.cell_rect(Cell(step, 0))
            box = QRectF(cell.left(), 0, cell.width(), _TOP_PX - 4)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._column(step))

    def _paint_cells(
        self, painter: QPainter, shown: Float32 | None, ramp: Ramp, limit: float
    ) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for cell in self._cells():
            value = 0.0 if shown is None else float(shown[cell.step, cell.feature])
            painter.setBrush(QColor(*ramp.color(value, limit)))
            painter.drawRoundedRect(self.cell_rect(cell), 3, 3)
        if self._cell is not None:
            painter.setPen(QPen(QColor(*self._look.tokens.text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.cell_rect(self._cell), 3, 3)

    def _frame_lit(self, painter: QPainter, attribution: AttributionMap) -> None:
        if self._lit_ms is None or self._lit_ms not in attribution.bar_ms:
            return
        step = attribution.bar_ms.tolist().index(self._lit_ms)
        top, bottom = (self.cell_rect(Cell(step, row)) for row in (0, len(self.rows) - 1))
        painter.setPen(QPen(QColor(*self._look.tokens.muted), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(top.united(bottom).adjusted(-1.5, -1.5, 1.5, 1.5), 4, 4)

    def _note(self, painter: QPainter, box: QRectF, sentence: str) -> None:
        painter.setPen(QColor(*self._look.tokens.muted))
        painter.setFont(font(12))
        wrap = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(box.adjusted(12, 0, -12, 0), wrap, plain_text(sentence))

    def _legend_box(self) -> QRectF:
        top, bottom = (self.cell_rect(Cell(0, row)) for row in (0, _ROWS - 1))
        left = self.width() - LEGEND_PX
        return QRectF(left, top.top(), LEGEND_PX, bottom.bottom() - top.top())

    def _below(self) -> QRectF:
        # The room that the other methods fill with features.
        first, box = self.cell_rect(Cell(0, 0)), self._legend_box()
        top = first.bottom() + 2 * _GAP_PX
        return QRectF(first.left(), top, box.left() - first.left(), box.bottom() - top)

    def event(self, event: QEvent) -> bool:
        """Show the tool-tip of the cell under the pointer."""
        if isinstance(event, QHelpEvent):
            cell = self.cell_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.tip(cell) if cell else "", self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from cell to cell by arrows; other keys are the window's."""
        cell = moved(self._cell, event.key(), len(self.rows))
        if cell is None or self._attribution is None:
            super().keyPressEvent(event)
        else:
            self._hover(cell)
            # A screen reader is told of the change by Qt.
            self.setAccessibleDescription(". ".join(self._lines(cell)))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Outline nothing: the keys go elsewhere."""
        self._hover(None)
        super().focusOutEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Outline the cell under the pointer and tell which it is."""
        self._hover(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Outline nothing."""
        self._hover(None)

    def _hover(self, cell: Cell | None) -> None:
        if cell != self._cell:
            self.outline(cell)
            self.hovered.emit(cell)
