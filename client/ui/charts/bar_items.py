"""Candles and volume bars: what is exposed is drawn, on whole pixels."""

import itertools
from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from client.state.bar_axis import BarRange
from client.state.colors import Rgb
from client.state.series import EMPTY, TickerSeries
from client.ui.theme.theme import Look, faded
from shared.contract import Bool, Float64


def _body_px(to_px: QTransform) -> int:
    # An odd width puts the wick in the middle.
    return max(int(to_px.m11() * 0.62) // 2 * 2 + 1, 1)


def _rects(left: Float64, top: Float64, width: float, height: Float64) -> list[QRectF]:
    widths = itertools.repeat(width)
    return list(map(QRectF, left.tolist(), top.tolist(), widths, height.tolist()))


def _lines(x: Float64, top: Float64, bottom: Float64) -> list[QLineF]:
    return list(map(QLineF, x.tolist(), top.tolist(), x.tolist(), bottom.tolist()))


class BarItem(pg.GraphicsObject):
    """One shape a bar.

    Pixels are computed from the bars each time, since a shape kept in bars and prices would be
    scaled to widths that differ by a pixel from bar to bar.
    """

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look, self.series = look, EMPTY
        self._bounds = QRectF()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        look.changed.connect(self.update)

    def show_series(self, series: TickerSeries) -> None:
        """Show other bars."""
        before, self.series = self.series, series
        self._set_bounds()
        # While a bar forms it comes again and again, and all before it stand: only its own strip is
        # painted anew.
        if len(before) == len(series) and np.array_equal(before.ohlcv[:-1], series.ohlcv[:-1]):
            bounds = self._bounds
            self.update(QRectF(len(series) - 1.5, bounds.top(), 1, bounds.height()))
        else:
            self.update()

    def extent(self, ohlcv: Float64) -> tuple[float, float]:
        """Return the lowest and highest value that (n, 5) bars reach."""
        raise NotImplementedError

    def draw(self, painter: QPainter, part: slice, to_px: QTransform) -> None:
        """Draw a part of the bars in pixels."""
        raise NotImplementedError

    def boundingRect(self) -> QRectF:
        """Return where all bars are."""
        return self._bounds

    def extent_in(self, shown: BarRange) -> tuple[float, float] | None:
        """Return the lowest and highest value in a part of the axis, or None without bars there."""
        part = shown.visible(len(self.series))
        return self.extent(self.series.ohlcv[part]) if part.start < part.stop else None

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw the bars that are exposed."""
        exposed: QRectF = option.exposedRect
        part = BarRange(exposed.left(), exposed.right()).visible(len(self.series))
        if part.start < part.stop:
            # In pixels from here on, where lines and bodies can be put on whole ones.
            to_px = painter.transform()
            painter.resetTransform()
            self.draw(painter, part, to_px)

    def by_color(self, bars: Float64) -> Iterator[tuple[Rgb, Bool]]:
        """Yield the color of a move, and which of (n, 5) bars have it, (n,) bool."""
        rising = bars[:, 3] >= bars[:, 0]
        yield self.look.palette.up, rising
        yield self.look.palette.down, ~rising

    def _set_bounds(self) -> None:
        bounds = QRectF()
        if len(self.series):
            low, high = self.extent(self.series.ohlcv)
            bounds = QRectF(-0.5, low, len(self.series), high - low)
        # Before the change, because the scene has to clean up where the item was.
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds


class CandleItem(BarItem):
    """Candles; one that is still forming is hollow."""

    def extent(self, ohlcv: Float64) -> tuple[float, float]:
        """Return the lowest low and the highest high."""
        return float(ohlcv[:, 2].min()), float(ohlcv[:, 1].max())

    def draw(self, painter: QPainter, part: slice, to_px: QTransform) -> None:
        """Draw wicks and bodies, a color at a time."""
        bars = self.series.ohlcv[part]
        width = _body_px(to_px)
        x = np.rint(to_px.m11() * np.arange(part.start, part.stop) + to_px.dx())
        opened, high, low, closed = np.rint(to_px.m22() * bars[:, :4].T + to_px.dy())
        top, bottom = np.minimum(opened, closed), np.maximum(opened, closed)
        height = np.maximum(bottom - top, 1)
        hollow = np.zeros(len(bars), np.bool_)
        hollow[-1] = self.series.forming and part.stop == len(self.series)
        for color, here in self.by_color(bars):
            painter.setPen(QPen(QColor(*color), 1))
            painter.drawLines(_lines(x[here], high[here], top[here]))
            painter.drawLines(_lines(x[here], bottom[here], low[here]))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            some = here & hollow
            left = x - width // 2
            painter.drawRects(_rects(left[some], top[some], width - 1, height[some] - 1))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(*color))
            some = here & ~hollow
            painter.drawRects(_rects(left[some], top[some], width, height[some]))


class VolumeItem(BarItem):
    """Traded volumes, from zero up."""

    def extent(self, ohlcv: Float64) -> tuple[float, float]:
        """Return zero and the greatest volume."""
        return 0.0, float(ohlcv[:, 4].max())

    def draw(self, painter: QPainter, part: slice, to_px: QTransform) -> None:
        """Draw bars, a color at a time."""
        bars = self.series.ohlcv[part]
        width = _body_px(to_px)
        left = np.rint(to_px.m11() * np.arange(part.start, part.stop) + to_px.dx()) - width // 2
        top = np.floor(to_px.m22() * bars[:, 4] + to_px.dy())
        height = np.rint(to_px.dy()) - top
        painter.setPen(Qt.PenStyle.NoPen)
        for color, here in self.by_color(bars):
            painter.setBrush(faded(color, 0.42))
            painter.drawRects(_rects(left[here], top[here], width, height[here]))
