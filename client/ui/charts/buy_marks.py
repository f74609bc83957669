"""Past buys below the bars that they were said of: filled where up came true."""

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF, QTransform

from client.ui.charts.bar_items import BarItem
from client.ui.theme.theme import Look, faded
from shared.contract import Class, Float64, Int64
from shared.protocol.past import OPEN, PastBuys

_HALF_PX: Final = 5
_HIGH_PX: Final = 8
_BELOW_PX: Final = 5
_FAINT: Final = 0.45  # of what is not known yet


class BuyMarks(BarItem):
    """One triangle a buy: filled where up came true, hollow where not, faint while it is open."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._outcome: Int64 = np.empty(0, np.int64)
        self._at: Int64 = np.empty(0, np.int64)
        self._buys: PastBuys | None = None

    def show_buys(self, buys: PastBuys | None) -> None:
        """Show other buys, of the ticker whose bars are shown."""
        self._buys = buys
        self._place()
        self.update()

    def extent(self, ohlcv: Float64) -> tuple[float, float]:
        """Return the lowest low and the highest high: marks have no height in prices."""
        return float(ohlcv[:, 2].min()), float(ohlcv[:, 1].max())

    def boundingRect(self) -> QRectF:
        """Return where all bars are, and the room of a mark below."""
        bounds = super().boundingRect()
        return bounds.adjusted(0, -bounds.height(), 0, 0)

    def draw(self, painter: QPainter, part: slice, to_px: QTransform) -> None:
        """Draw the marks of a part of the bars."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = self._scale(to_px)
        accent = self.look.tokens.accent
        for bar, outcome in zip(self._at.tolist(), self._outcome.tolist(), strict=True):
            if not part.start <= bar < part.stop:
                continue
            color = faded(accent, _FAINT) if outcome == OPEN else QColor(*accent)
            hollow = outcome not in (OPEN, Class.UP)
            painter.setPen(QPen(color, 1.2 * scale) if hollow else QPen(Qt.PenStyle.NoPen))
            painter.setBrush(QBrush(Qt.BrushStyle.NoBrush) if hollow else QBrush(color))
            low = float(self.series.ohlcv[bar, 2])
            x = round(to_px.m11() * bar + to_px.dx()) + 0.5
            y = round(to_px.m22() * low + to_px.dy()) + _BELOW_PX * scale
            painter.drawPolygon(_triangle(x, y, scale))

    def _scale(self, to_px: QTransform) -> float:
        # A page has many of its dots to a pixel of the window.
        view = self.getViewBox()
        if view is None or not view.size().width():  # no room at all, while a window is laid out
            return 1.0
        first, last = view.viewRange()[0]
        return to_px.m11() * (last - first) / view.size().width()

    def _set_bounds(self) -> None:
        super()._set_bounds()
        self._place()

    def _place(self) -> None:
        # Where the bars of the buys stand now; buys of bars that are not shown are left out.
        buys = self._buys
        if buys is None:
            self._at = self._outcome = np.empty(0, np.int64)
            return
        _, bars, which = np.intersect1d(self.series.bar_ms, buys.bar_ms, return_indices=True)
        self._at, self._outcome = bars.astype(np.int64), buys.outcome[which]


def _triangle(x: float, top: float, scale: float) -> QPolygonF:
    foot, half = top + _HIGH_PX * scale, _HALF_PX * scale
    return QPolygonF([QPointF(x, top), QPointF(x + half, foot), QPointF(x - half, foot)])
