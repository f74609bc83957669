"""The 6 × 8 heatmap: features by name down, bars by time across."""

import dataclasses
from html import escape
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from client.state import colors, text
from client.ui.look import Look, font
from shared.answers import Universe
from shared.contract import CLASS_NAMES, FEATURES, STEPS, interval_seconds
from shared.messages import Heatmap

_LABELS_PX: Final = 88
_TOP_PX: Final = 24
_LEGEND_PX: Final = 86
_GAP_PX: Final = 3
_ROW_PX: Final = 30


@dataclasses.dataclass(frozen=True)
class Cell:
    """One of the 48 cells.

    Attributes:
        step: The bar, 0 is the oldest.
        feature: The row, in the order of the contract.
    """

    step: int
    feature: int


class HeatmapView(QWidget):
    """The saliency of one window.

    Signals:
        bar_hovered: The close of the bar under the pointer in ms since 1970 UTC, as an object
            because it is wider than a C int; None when the pointer left.
    """

    bar_hovered = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._heatmap: Heatmap | None = None
        self._universe: Universe | None = None
        self._refusal = ""
        self._cell: Cell | None = None
        self.setFont(font(12))
        self.setMouseTracking(True)
        self.setAccessibleName("Heatmap")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def show_heatmap(self, heatmap: Heatmap, universe: Universe) -> None:
        """Show a heatmap of a ticker of `universe`."""
        self._heatmap, self._universe, self._refusal = heatmap, universe, ""
        self.update()

    def show_refusal(self, sentence: str) -> None:
        """Say why there is no heatmap."""
        self._heatmap, self._refusal = None, sentence
        self.update()

    @property
    def heatmap(self) -> Heatmap | None:
        """What is shown."""
        return self._heatmap

    def cell_rect(self, cell: Cell) -> QRectF:
        """Return where a cell is."""
        width = (self.width() - _LABELS_PX - _LEGEND_PX) / STEPS
        left = round(_LABELS_PX + cell.step * width)
        right = round(_LABELS_PX + (cell.step + 1) * width)
        top = _TOP_PX + cell.feature * _ROW_PX
        return QRectF(left, top, right - left - _GAP_PX, _ROW_PX - _GAP_PX)

    def cell_at(self, point: QPointF) -> Cell | None:
        """Return the cell under a point."""
        cells = (Cell(s, f) for s in range(STEPS) for f in range(len(FEATURES)))
        return next((c for c in cells if self.cell_rect(c).contains(point)), None)

    def tip(self, cell: Cell) -> str:
        """Return what the tool-tip of a cell says, as rich text; empty without a heatmap."""
        heatmap, universe = self._heatmap, self._universe
        if heatmap is None or universe is None:
            return ""
        feature, at = FEATURES[cell.feature], (cell.step, cell.feature)
        zone, seconds = text.zone_of(universe.timezone), interval_seconds(universe.interval)
        saliency = float(heatmap.saliency[at])
        speaks = "for" if saliency >= 0 else "against"
        lines = (
            f"raw {text.raw_feature(float(heatmap.raw[at]), feature)}",
            f"scaled {text.signed(float(heatmap.scaled[at]))} σ",
            f"saliency {text.significant(saliency)}, {speaks} {CLASS_NAMES[heatmap.winner]}",
        )
        when = text.bar_time(int(heatmap.bar_ms[cell.step]), seconds, zone)
        title = f"<b>{escape(feature.label)}</b> · {self._column(cell.step)} · {when}"
        return "<br>".join((title, *map(escape, lines)))

    def sizeHint(self) -> QSize:
        """Return the room for eight rows."""
        return QSize(440, _TOP_PX + len(FEATURES) * _ROW_PX + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint labels, cells and the color bar, or the sentence in their place."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._heatmap is None:
                painter.setPen(QColor(*self._look.tokens.muted))
                wrap = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(self.rect().adjusted(24, 0, -24, 0), wrap, self._refusal)
                return
            limit = float(np.abs(self._heatmap.saliency).max())
            self._labels(painter)
            self._cells(painter, self._heatmap, limit)
            self._legend(painter, limit)

    def _column(self, step: int) -> str:
        return text.column_label(STEPS - 1 - step)

    def _labels(self, painter: QPainter) -> None:
        tokens = self._look.tokens
        painter.setPen(QColor(*tokens.text))
        for i, feature in enumerate(FEATURES):
            box = QRectF(0, self.cell_rect(Cell(0, i)).top(), _LABELS_PX - 10, _ROW_PX - _GAP_PX)
            middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, middle, feature.label)
        painter.setPen(QColor(*tokens.muted))
        painter.setFont(font(11))
        for step in range(STEPS):
            cell = self.cell_rect(Cell(step, 0))
            box = QRectF(cell.left(), 0, cell.width(), _TOP_PX - 4)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._column(step))

    def _cells(self, painter: QPainter, heatmap: Heatmap, limit: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for step, row in enumerate(heatmap.saliency.tolist()):
            for feature, value in enumerate(row):
                painter.setBrush(QColor(*colors.saliency_color(value, limit, self._look.ramp)))
                painter.drawRoundedRect(self.cell_rect(Cell(step, feature)), 3, 3)
        if self._cell is not None:
            painter.setPen(QPen(QColor(*self._look.tokens.text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.cell_rect(self._cell), 3, 3)

    def _legend(self, painter: QPainter, limit: float) -> None:
        top = self.cell_rect(Cell(0, 0)).top()
        bottom = self.cell_rect(Cell(0, len(FEATURES) - 1)).bottom()
        left = self.width() - _LEGEND_PX + 14
        gradient = QLinearGradient(0, bottom, 0, top)
        ramp = self._look.ramp
        for share in np.linspace(0, 1, 17).tolist():
            gradient.setColorAt(share, QColor(*ramp[round(share * (len(ramp) - 1))]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(QRectF(left, top, 10, bottom - top), 2, 2)
        painter.setPen(QColor(*self._look.tokens.muted))
        painter.setFont(font(10))
        middle = (top + bottom) / 2
        for y, words in (
            (top + 7, "+ for"),
            (top + 21, text.significant(limit)),
            (middle, "0"),
            (bottom - 21, text.significant(-limit)),
            (bottom - 7, "− against"),
        ):
            box = QRectF(left + 16, y - 8, _LEGEND_PX, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)

    def event(self, event: QEvent) -> bool:
        """Show the tool-tip of the cell under the pointer."""
        if isinstance(event, QHelpEvent):
            cell = self.cell_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.tip(cell) if cell else "", self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Outline the cell under the pointer and tell which bar it is."""
        self._hover(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Outline nothing."""
        self._hover(None)

    def _hover(self, cell: Cell | None) -> None:
        if cell != self._cell:
            self._cell = cell
            self.update()
            if cell is None or self._heatmap is None:
                self.bar_hovered.emit(None)
            else:
                self.bar_hovered.emit(int(self._heatmap.bar_ms[cell.step]))
