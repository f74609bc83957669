"""The history of the three confidences, on the bar axis of the candles."""

import itertools
import math
from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from client.state import text
from client.state.series import EMPTY, Series
from client.ui.bar_chart import NO_BAR, BarChart, ChartAxis
from client.ui.look import Look, faded
from shared.contract import Class, Float32

_AIR_PX: Final = 9


class ConfidenceChart(BarChart):
    """Up, flat and down over time, with lines at 0, 50 and 100 percent."""

    def __init__(self, axis: ChartAxis, look: Look) -> None:
        super().__init__(axis, look)
        self._shares: Float32 = EMPTY.decision_of_bar()
        self.setAccessibleName("Confidence history")
        self.setMinimumHeight(90)

    def show_series(self, series: Series) -> None:
        """Show the decisions of other bars; the axis is to be told their number next."""
        self._shares = series.decision_of_bar()
        self.repaint_layer()

    def paint_layer(self, painter: QPainter) -> None:
        """Paint the grid and a line a class, with up on top."""
        tokens = self.look.tokens
        for share in (0.0, 0.5, 1.0):
            y = round(self._y(share))
            line = faded(tokens.hairline, 0.7)
            painter.fillRect(QRectF(0, y, self.plot().width(), 1), line)
            painter.setPen(QColor(*tokens.muted))
            box = QRectF(self.plot().right() + 10, y - 9, self.axis.gutter, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text.percent(share))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self.plot())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        lines = (
            (Class.DOWN, tokens.down_line),
            (Class.FLAT, tokens.flat_line),
            (Class.UP, tokens.accent),
        )
        for part, color in lines:
            painter.setPen(QPen(QColor(*color), 1.8 if part == Class.UP else 1.4))
            painter.drawLines(self._segments(part))

    def paint_pointer(self, painter: QPainter) -> None:
        """Paint the line through the bar, and a dot on the up confidence there."""
        super().paint_pointer(painter)
        bar = self.axis.bar
        if bar != NO_BAR and bar < len(self._shares) and not np.isnan(self._shares[bar, 0]):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(*self.look.tokens.accent_text))
            y = self._y(float(self._shares[bar, Class.UP]))
            painter.drawEllipse(QPointF(self.x_of(bar), y), 3, 3)

    def _y(self, share: float) -> float:
        room = self.height() - 2 * _AIR_PX
        return _AIR_PX + (1 - share) * room

    def _segments(self, part: Class) -> list[QLineF]:
        # Lines between neighbors in sight that were both decided on. Single lines, because Qt
        # strokes a joined one of this width fifteen times as slowly.
        shares = self._shares[:, part]
        sight = self.axis.shown.visible(len(shares))
        first = max(sight.start - 1, 0)
        points = [
            None if math.isnan(share) else QPointF(self.x_of(i), self._y(share))
            for i, share in enumerate(shares[first : sight.stop + 1].tolist(), start=first)
        ]
        return [
            QLineF(a, b) for a, b in itertools.pairwise(points) if a is not None and b is not None
        ]
