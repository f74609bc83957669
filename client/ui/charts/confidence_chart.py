"""The history of the three confidences, on the bar axis of the candles."""

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from client.state import text
from client.state.bar_axis import NO_BAR
from client.state.series import EMPTY, TickerSeries
from client.ui.charts.bar_view import BarView, Chart, Timeline
from client.ui.charts.chart_axes import ValueAxis
from client.ui.theme.theme import Look
from shared.contract import Class, Float32

_AIR: Final = 0.08  # room for the words at 0 and 100 percent
_WIDTHS: Final = {Class.DOWN: 1.4, Class.FLAT: 1.4, Class.UP: 1.8}


class ConfidenceChart(Chart):
    """Up, flat and down over time, with lines at 0, 50 and 100 percent.

    Attributes:
        view: The view of the lines.
    """

    view: BarView

    def __init__(self, timeline: Timeline, look: Look) -> None:
        super().__init__(look)
        self._timeline = timeline
        self._shares: Float32 = EMPTY.decision_of_bar()
        self.view = BarView(timeline, look)
        self._axis = ValueAxis(self.view, look)
        self._lines = {part: pg.PlotCurveItem(connect="finite", antialias=True) for part in _WIDTHS}
        self._dot = pg.ScatterPlotItem(size=6, pen=QPen(Qt.PenStyle.NoPen), antialias=True)
        for item in (*self._lines.values(), self._dot):
            self.view.addItem(item)
        for line in self._lines.values():
            line.setSegmentedLineMode("on")  # Qt strokes a joined line many times as slowly
        self.view.setYRange(-_AIR, 1 + _AIR, padding=0)
        self._axis.setTicks([[(share, text.percent(share)) for share in (0.0, 0.5, 1.0)]])
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
        self._dot.setBrush(QBrush(QColor(*tokens.accent_text)))

    def _show_dot(self, bar: int) -> None:
        known = NO_BAR < bar < len(self._shares) and not np.isnan(self._shares[bar, Class.UP])
        self._dot.setVisible(known)
        if known:
            self._dot.setData([bar], [float(self._shares[bar, Class.UP])])
