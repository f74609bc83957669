"""The moving means of the close that the model sees: of 5 and of 20 bars."""

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QPen

from client.state.price_scale import PriceScale
from client.state.series import TickerSeries
from client.ui.charts.bar_view import BarView
from client.ui.theme.theme import Look, faded

MEANS: Final = (5, 20)  # as `vs MA5` and `vs MA20` of the features
_ALPHAS: Final = {5: 0.75, 20: 0.4}
_WIDTH: Final = 1.1


class MeanLines:
    """Two lines in a view of candles; both in the color of text, which no price has.

    Args:
        view: Where they are.
        look: Its colors.
    """

    def __init__(self, view: BarView, look: Look) -> None:
        self._look = look
        self._lines = {bars: pg.PlotCurveItem(connect="finite", antialias=True) for bars in MEANS}
        for line in self._lines.values():
            line.setSegmentedLineMode("on")  # Qt strokes a joined line many times as slowly
            view.addItem(line, ignoreBounds=True)
        look.changed.connect(self.dress)
        self.dress()

    def show_series(self, series: TickerSeries, scale: PriceScale) -> None:
        """Show the means of other bars, on a scale."""
        for bars, line in self._lines.items():
            line.setData(np.arange(len(series)), scale.heights(series.mean_close(bars)))

    def set_visible(self, *, visible: bool) -> None:
        """Show them, or leave the room to another line."""
        for line in self._lines.values():
            line.setVisible(visible)

    def dress(self) -> None:
        """Take on the colors of the theme."""
        for bars, line in self._lines.items():
            pen = QPen(faded(self._look.tokens.text, _ALPHAS[bars]), _WIDTH)
            pen.setCosmetic(True)
            line.setPen(pen)
