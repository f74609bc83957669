"""The history of the three confidences, on the bar axis of the candles."""

import math
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from client.state.bar_axis import NO_BAR, BarRange
from client.state.series import EMPTY, TickerSeries
from client.ui.charts.bar_view import BarView, Chart, Timeline
from client.ui.charts.chart_axes import ShareAxis
from client.ui.theme.theme import Look, faded
from shared.contract import Class, Float32

_AIR: Final = 0.08  # of the height, above and below the lines
_LEAST_HEIGHT: Final = 0.1  # of a chart, so that noise does not look like news
_WIDTHS: Final = {Class.DOWN: 1.4, Class.FLAT: 1.4, Class.UP: 1.8}


class ConfidenceChart(Chart):
    """Up, flat and down over time; the height fits the lines, the base rate of up is dotted.

    Attributes:
        view: The view of the lines.
    """

    view: BarView
    _base_rate: float | None

    def __init__(self, timeline: Timeline, look: Look) -> None:
        super().__init__(look)
        self._timeline = timeline
        self._shares: Float32 = EMPTY.decision_of_bar()
        self.view = BarView(timeline, look)
        self._axis = ShareAxis(self.view, look)
        self._base, self._base_rate = pg.InfiniteLine(angle=0), None
        self._base.hide()
        self._lines = {part: pg.PlotCurveItem(connect="finite", antialias=True) for part in _WIDTHS}
        self._other = pg.PlotCurveItem(connect="finite", antialias=True)
        self._other.setSegmentedLineMode("on")
        self._others: Float32 = np.empty(0, np.float32)
        self._dot = pg.ScatterPlotItem(size=6, pen=QPen(Qt.PenStyle.NoPen), antialias=True)
        for item in (*self._lines.values(), self._other, self._dot):
            self.view.addItem(item)
        for line in self._lines.values():
            line.setSegmentedLineMode("on")  # Qt strokes a joined line many times as slowly
        self.view.addItem(self._base, ignoreBounds=True)
        self.view.fit_to(self._extent_in)
        self.grid.addItem(self.view, 0, 0)
        self.grid.addItem(self._axis, 0, 1)
        timeline.pointed.connect(self._show_dot)
        self.dress()
        self.setAccessibleName("Confidence history")
        self.setMinimumHeight(90)

    def set_gutter(self, width: int) -> None:
        """Leave `width` pixels right of the view, as the candles do."""
        self._axis.setWidth(width)

    def show_series(self, series: TickerSeries) -> None:
        """Show the decisions of other bars; the timeline is to be told of them next."""
        before, self._shares = self._shares, series.decision_of_bar()
        if not np.array_equal(before, self._shares, equal_nan=True):
            for part, line in self._lines.items():
                line.setData(np.arange(len(series)), self._shares[:, part])
            self._show_dot(self._timeline.bar)
            self.view.fit()

    def show_other(self, shares: Float32) -> None:
        """Show another ticker's confidence that it goes up, dashed.

        Args:
            shares: (n,) float32, at each bar, NaN without one; empty for no other ticker.
        """
        self._others = shares
        self._other.setData(np.arange(len(shares)), shares)
        self.view.fit()

    def show_base_rate(self, share: float | None) -> None:
        """Show how often class 2 comes true, whatever is said; None where nobody knows."""
        self._base_rate = share
        self._base.setVisible(share is not None)
        self._base.setValue(share or 0.0)
        self.view.fit()

    def _extent_in(self, shown: BarRange) -> tuple[float, float] | None:
        first, last = max(math.floor(shown.first), 0), math.ceil(shown.last) + 1
        said = self._shares[first:last]
        said = said[~np.isnan(said[:, Class.UP])]
        if not len(said):
            return None
        ends = [float(said.min()), float(said.max())]
        others = self._others[first:last]
        ends += others[~np.isnan(others)].tolist()
        if self._base_rate is not None:
            ends.append(self._base_rate)
        low, high = min(ends), max(ends)
        air = max(_AIR * (high - low), (_LEAST_HEIGHT - (high - low)) / 2)
        return low - air, high + air

    def dress(self) -> None:
        """Take on the colors of the theme."""
        super().dress()
        tokens = self.look.tokens
        lines = {
            Class.DOWN: tokens.down_line,
            Class.FLAT: tokens.flat_line,
            Class.UP: tokens.accent,
        }
        for part, color in lines.items():
            pen = QPen(QColor(*color), _WIDTHS[part])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)  # others darken the joints
            pen.setCosmetic(True)
            self._lines[part].setPen(pen)
        pen = QPen(faded(tokens.text, 0.7), _WIDTHS[Class.FLAT])
        pen.setDashPattern([3, 3])
        pen.setCosmetic(True)
        self._other.setPen(pen)
        pen = QPen(faded(tokens.accent_text, 0.7), 0)
        pen.setDashPattern([1, 4])
        self._base.setPen(pen)
        self._dot.setBrush(QBrush(QColor(*tokens.accent_text)))

    def _show_dot(self, bar: int) -> None:
        known = NO_BAR < bar < len(self._shares) and not np.isnan(self._shares[bar, Class.UP])
        self._dot.setVisible(known)
        if known:
            self._dot.setData([bar], [float(self._shares[bar, Class.UP])])
