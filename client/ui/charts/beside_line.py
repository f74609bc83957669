"""Another ticker's closes over the candles, as if both had cost the same where they begin."""

import math
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from client.state.bar_axis import BarRange
from client.state.beside import TickerBeside, beside
from client.state.price_scale import PriceScale
from client.state.series import TickerSeries
from client.ui.charts.bar_view import BarView
from client.ui.theme.theme import Look
from shared.contract import Float64

_WIDTH: Final = 1.8


class BesideLine:
    """A line in a view of candles, in the color of text, which no price has; none by itself.

    Args:
        view: Where it is.
        look: Its colors.

    Attributes:
        shown: What it shows; None without another ticker.
    """

    shown: TickerBeside | None

    def __init__(self, view: BarView, look: Look) -> None:
        self._look, self.shown = look, None
        self._other: TickerSeries | None = None
        self._heights: Float64 = np.empty(0)
        self._line = pg.PlotCurveItem(connect="finite", antialias=True)
        self._line.setSegmentedLineMode("on")  # Qt strokes a joined line many times as slowly
        self._line.setZValue(1)
        view.addItem(self._line, ignoreBounds=True)
        look.changed.connect(self._dress)
        self._dress()

    def show_other(self, other: TickerSeries | None) -> None:
        """Take another ticker, to be placed next, or none."""
        self._other = other

    def place(self, series: TickerSeries, scale: PriceScale, shown: BarRange) -> None:
        """Draw it over other bars, on a scale, beginning with the bars in sight."""
        self.shown = None if self._other is None else beside(series, self._other, shown)
        self._line.setVisible(self.shown is not None)
        self._heights = np.empty(0)
        if self.shown is not None:
            self._heights = scale.heights(self.shown.alike())
            self._line.setData(np.arange(len(series)), self._heights)

    def extent_in(self, shown: BarRange) -> tuple[float, float] | None:
        """Return the lowest and highest height in a part of the axis, or None without any."""
        heights = self._heights[shown.visible(len(self._heights))]
        if not len(heights) or np.isnan(heights).all():
            return None
        return float(np.nanmin(heights)), float(np.nanmax(heights))

    def newest(self) -> float | None:
        """Return its height at the newest bar that it has."""
        known = self._heights[~np.isnan(self._heights)]
        return float(known[-1]) if len(known) and math.isfinite(known[-1]) else None

    def _dress(self) -> None:
        pen = QPen(QColor(*self._look.tokens.text), _WIDTH)
        pen.setCosmetic(True)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)  # others darken the joints
        self._line.setPen(pen)
