"""What was measured on a chart: a box from one place to another, and its words."""

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QBrush, QColor, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from client.state.measure import ChartPoint, measured
from client.state.price_scale import PriceScale
from client.state.series import EMPTY, TickerSeries
from client.ui.charts.bar_view import BarView
from client.ui.theme.theme import Look, faded, font
from shared.protocol.answers import Universe

_IN_FRONT: Final = 10  # of the candles


class MeasureMark(pg.GraphicsObject):
    """A box in a view of candles; hidden until something is measured.

    Args:
        view: Where it is.
        look: Its colors.
    """

    def __init__(self, view: BarView, look: Look) -> None:
        super().__init__()
        self._view, self._look = view, look
        self._box = QRectF()
        self._series, self._scale = EMPTY, PriceScale()
        self._universe: Universe | None = None
        self._start = self._end = ChartPoint(0, 0.0)
        self._words = pg.TextItem()
        self._words.setFont(font(12))
        self._said = ""
        for item in (self, self._words):
            view.addItem(item, ignoreBounds=True)
            item.setZValue(_IN_FRONT)
        self.clear()
        view.measured.connect(self._measure_between)
        view.clicked.connect(self.clear)
        look.changed.connect(self._dress)
        self._dress()

    @property
    def words(self) -> str:
        """What is measured; empty without anything."""
        return self._said

    def show_series(self, series: TickerSeries, universe: Universe, scale: PriceScale) -> None:
        """Measure other bars, on a scale; what was measured stays while the first bar does."""
        kept = np.array_equal(self._series.bar_ms[:1], series.bar_ms[:1])
        kept = kept and scale.kind == self._scale.kind
        self._series, self._universe, self._scale = series, universe, scale
        if not kept:
            self.clear()

    def step(self, bars: int) -> None:
        """Measure from close to close, `bars` further than before; it begins at the newest bar."""
        closes = self._series.ohlcv[:, 3]
        if not len(closes):
            return
        newest = len(closes) - 1
        if not self._said:
            self._start = self._end = ChartPoint(newest, float(closes[-1]))
        bar = min(max(self._end.bar + bars, 0), newest)
        self._measure(self._start, ChartPoint(bar, float(closes[bar])))

    def clear(self) -> None:
        """Show nothing."""
        self._said = ""
        self._set_visible(visible=False)

    def _measure_between(self, start: QPointF, end: QPointF) -> None:
        first, last = (ChartPoint(round(at.x()), self._scale.price(at.y())) for at in (start, end))
        self._measure(first, last)

    def _measure(self, first: ChartPoint, last: ChartPoint) -> None:
        if self._universe is None:
            return
        self._start, self._end = first, last
        heights = self._scale.heights(np.array([first.price, last.price])).tolist()
        start, end = QPointF(first.bar, heights[0]), QPointF(last.bar, heights[1])
        self._said = measured(self._series, self._universe, first, last)
        self.prepareGeometryChange()
        self._box = QRectF(start, end).normalized()
        across, up = self._view.viewRange()
        # Towards the middle of the view, where there is room.
        right, high = end.x() > sum(across) / 2, end.y() > sum(up) / 2
        self._words.setAnchor((1.0 if right else 0.0, 0.0 if high else 1.0))
        self._words.setText(self._said)
        self._words.setPos(end)
        self._set_visible(visible=True)
        self.update()

    def boundingRect(self) -> QRectF:
        """Return where the box is."""
        return self._box

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw the box."""
        painter.fillRect(self._box, faded(self._look.tokens.text, 0.12))

    def _set_visible(self, *, visible: bool) -> None:
        for item in (self, self._words):
            item.setVisible(visible)

    def _dress(self) -> None:
        tokens = self._look.tokens
        self._words.setColor(QColor(*tokens.text))
        self._words.fill = QBrush(QColor(*tokens.raised))
        self._words.update()
        self.update()
