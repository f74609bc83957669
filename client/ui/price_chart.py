"""Candles and volume, with the window that was decided on and what each of its bars contributed."""

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from client.state import bar_axis, colors, text
from client.state.colors import Rgb
from client.state.series import EMPTY, Series
from client.ui.bar_chart import NO_BAR, BarChart, ChartAxis
from client.ui.look import Look, faded, font
from shared.answers import Universe
from shared.contract import Float64, interval_seconds
from shared.messages import Heatmap

_DATES_PX: Final = 20
_BAND_PX: Final = 10
_LEAST_GUTTER_PX: Final = 64
_VOLUME_SHARE: Final = 0.17  # of the plot's height
_DATES_APART_PX: Final = 72
_PRICES_APART_PX: Final = 42
_TAG_PX: Final = 18


@dataclasses.dataclass(frozen=True)
class Scale:
    """Prices to pixels, for the bars in sight.

    Attributes:
        low: Price at the bottom.
        high: Price at the top.
        area: Where prices are drawn.
    """

    low: float
    high: float
    area: QRectF

    def y(self, price: float) -> float:
        """Return where a price is, in pixels from the top."""
        share = (self.high - price) / (self.high - self.low)
        return self.area.top() + share * self.area.height()

    def price(self, y: float) -> float:
        """Return which price is at pixel `y`."""
        share = (y - self.area.top()) / self.area.height()
        return self.high - share * (self.high - self.low)


def scale_of(ohlcv: Float64, area: QRectF) -> Scale:
    """Return the scale that just holds (n, 5) bars, with a little air."""
    low, high = float(ohlcv[:, 2].min()), float(ohlcv[:, 1].max())
    air = 0.05 * (high - low) or 0.01 * high
    return Scale(low - air, high + air, area)


@dataclasses.dataclass(frozen=True)
class Tag:
    """A price that stands out at the axis.

    Attributes:
        y: Where, in pixels from the top.
        price: The price there.
        color: What it stands on.
    """

    y: float
    price: float
    color: Rgb


class PriceChart(BarChart):
    """Candles, volume, dates, the shaded window and a band of its bars' saliency."""

    def __init__(self, axis: ChartAxis, look: Look) -> None:
        super().__init__(axis, look)
        self._series = EMPTY
        self._times: list[datetime.datetime] = []
        self._ticks: list[tuple[int, str]] = []
        self._apart = 0  # what the ticks were made for; 0 when they are out of date
        self._heatmap: Heatmap | None = None
        self._decimals = 0
        self._lit = NO_BAR
        self.setAccessibleName("Candles and volume")
        self.setMinimumHeight(220)

    def show_series(self, series: Series, universe: Universe) -> None:
        """Show other bars; the axis is to be told their number next."""
        before, self._series, self._decimals = self._series, series, universe.decimals
        if not np.array_equal(before.bar_ms, series.bar_ms):
            self._label_bars(universe)
        self.repaint_layer()

    def _label_bars(self, universe: Universe) -> None:
        zone, seconds = text.zone_of(universe.timezone), interval_seconds(universe.interval)
        times = self._series.bar_ms.tolist()
        self._times = [text.bar_moment(ms, seconds, zone) for ms in times]
        self._apart = 0
        if times:
            widest = self._words(float(self._series.ohlcv[:, 1].max()))
            width = round(QFontMetricsF(self.font()).horizontalAdvance(widest))
            self.axis.gutter = max(_LEAST_GUTTER_PX, width + 22)

    def show_heatmap(self, heatmap: Heatmap | None) -> None:
        """Shade the window of a heatmap and show its bars' saliency."""
        self._heatmap = heatmap
        self.repaint_layer()

    def light(self, bar: int) -> None:
        """Light one bar up, or none with `NO_BAR`."""
        self._lit = bar
        self.update()

    def plot(self) -> QRectF:
        """Return where candles and volume are drawn."""
        area = super().plot()
        return area.adjusted(0, 4, 0, -(_DATES_PX + _BAND_PX + 8))

    def paint_layer(self, painter: QPainter) -> None:
        """Paint all that neither the pointer nor a tag can cover."""
        part = self.axis.shown.visible(len(self._series))
        if part.start >= part.stop:
            return
        scale = self._scale(part)
        for price in self._round_prices(scale):
            line = QRectF(0, round(scale.y(price)), self.plot().width(), 1)
            painter.fillRect(line, faded(self.look.tokens.hairline, 0.7))
        painter.save()
        painter.setClipRect(QRectF(0, 0, self.plot().right(), self.height()))
        self._window(painter)
        self._volumes(painter, part)
        self._candles(painter, part, scale)
        painter.restore()
        self._dates(painter)

    def paint_pointer(self, painter: QPainter) -> None:
        """Paint the lit bar, a cross hair, and the prices at the axis."""
        if self._lit != NO_BAR:
            lit = QRectF(self.x_of(self._lit - 0.5), self.plot().top(), self.bar_px, 0)
            lit.setBottom(self.plot().bottom() + _BAND_PX + 6)
            painter.fillRect(lit, faded(self.look.tokens.text, 0.16))
        super().paint_pointer(painter)
        part = self.axis.shown.visible(len(self._series))
        if part.start >= part.stop:
            return
        scale = self._scale(part)
        tags = [self._last_price(scale)]
        if self.pointer is not None and self.plot().contains(self.pointer):
            y = round(self.pointer.y())
            line = QRectF(0, y, self.plot().width(), 1)
            painter.fillRect(line, faded(self.look.tokens.muted, 0.6))
            tags.append(Tag(y, scale.price(y), self.look.tokens.raised))
        self._prices(painter, scale, tags)

    def _scale(self, part: slice) -> Scale:
        area = self.plot().adjusted(0, 0, 0, -self.plot().height() * (_VOLUME_SHARE + 0.03))
        return scale_of(self._series.ohlcv[part], area)

    def _round_prices(self, scale: Scale) -> list[float]:
        most = int(scale.area.height() / _PRICES_APART_PX)
        return bar_axis.price_ticks(scale.low, scale.high, most)

    def _last_price(self, scale: Scale) -> Tag:
        opened, _, _, closed, _ = self._series.ohlcv[-1].tolist()
        return Tag(scale.y(closed), closed, self.look.direction(closed - opened))

    def _prices(self, painter: QPainter, scale: Scale, tags: Sequence[Tag]) -> None:
        painter.setPen(QColor(*self.look.tokens.muted))
        left, width = self.plot().right(), self.axis.gutter
        for price in self._round_prices(scale):
            y = round(scale.y(price))
            if all(abs(y - tag.y) > _TAG_PX for tag in tags):
                box = QRectF(left + 10, y - _TAG_PX / 2, width - 10, _TAG_PX)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self._words(price))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for tag in tags:
            if self.plot().top() <= tag.y <= self.plot().bottom():
                box = QRectF(left + 2, tag.y - _TAG_PX / 2, width - 2, _TAG_PX)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(*tag.color))
                painter.drawRoundedRect(box, 3, 3)
                painter.setPen(QColor(*colors.readable((255, 255, 255), tag.color)))
                words = self._words(tag.price)
                painter.drawText(box.adjusted(8, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words)

    def _words(self, price: float) -> str:
        return text.price(price, self._decimals)

    def _window(self, painter: QPainter) -> None:
        heatmap = self._heatmap
        if heatmap is None:
            return
        by_bar = heatmap.saliency.sum(axis=1)
        limit = float(np.abs(by_bar).max())
        shade = faded(self.look.tokens.accent, 0.13)
        plot = self.plot()
        for ms, value in zip(heatmap.bar_ms.tolist(), by_bar.tolist(), strict=True):
            bar = self._series.index_of(ms)
            if bar is not None:
                left, right = round(self.x_of(bar - 0.5)), round(self.x_of(bar + 0.5))
                width = right - left
                painter.fillRect(QRectF(left, plot.top(), width, plot.height()), shade)
                color = QColor(*colors.saliency_color(value, limit, self.look.ramp))
                band = QRectF(left, plot.bottom() + 5, width - 1, _BAND_PX)
                painter.fillRect(band, color)

    def _body_px(self) -> int:
        # An odd width puts the wick in the middle.
        return max(int(self.bar_px * 0.62) // 2 * 2 + 1, 1)

    def _split(self, part: slice) -> dict[Rgb, list[int]]:
        # Bars in sight by the color they are drawn in, so that each color is set once.
        opened, closed = self._series.ohlcv[part, 0], self._series.ohlcv[part, 3]
        rising = closed >= opened
        index = np.arange(part.start, part.stop)
        palette = self.look.palette
        return {palette.up: index[rising].tolist(), palette.down: index[~rising].tolist()}

    def _volumes(self, painter: QPainter, part: slice) -> None:
        plot, volumes = self.plot(), self._series.ohlcv[:, 4]
        most = float(volumes[part].max())
        if not most:
            return
        room, width = plot.height() * _VOLUME_SHARE, self._body_px()
        for color, bars in self._split(part).items():
            shapes = [
                QRectF(round(self.x_of(i)) - width // 2, plot.bottom() - h, width, h)
                for i, h in zip(bars, np.ceil(volumes[bars] / most * room).tolist(), strict=True)
            ]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(faded(color, 0.42))
            painter.drawRects(shapes)

    def _candles(self, painter: QPainter, part: slice, scale: Scale) -> None:
        forming = len(self._series) - 1 if self._series.forming else NO_BAR
        for color, bars in self._split(part).items():
            solid = [i for i in bars if i != forming]
            self._draw_candles(painter, solid, scale, QColor(*color), hollow=False)
            if forming in bars:
                self._draw_candles(painter, [forming], scale, QColor(*color), hollow=True)
                self._forming_label(painter, forming, scale)

    def _draw_candles(
        self, painter: QPainter, bars: Sequence[int], scale: Scale, color: QColor, *, hollow: bool
    ) -> None:
        width = self._body_px()
        wicks, bodies = [], []
        for i, (opened, high, low, closed, _) in zip(
            bars, self._series.ohlcv[bars].tolist(), strict=True
        ):
            x = round(self.x_of(i))
            top, bottom = round(scale.y(max(opened, closed))), round(scale.y(min(opened, closed)))
            bodies.append(QRectF(x - width // 2, top, width, max(bottom - top, 1)))
            wicks.append(QLineF(x, round(scale.y(high)), x, top))
            wicks.append(QLineF(x, bottom, x, round(scale.y(low))))
        painter.setPen(QPen(color, 1))
        painter.drawLines(wicks)
        if hollow:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRects([body.adjusted(0, 0, -1, -1) for body in bodies])
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRects(bodies)

    def _forming_label(self, painter: QPainter, bar: int, scale: Scale) -> None:
        painter.save()
        painter.setFont(font(10))
        painter.setPen(QColor(*self.look.tokens.muted))
        words, y = "forming", scale.y(float(self._series.ohlcv[bar, 1])) - 6
        width = QFontMetricsF(painter.font()).horizontalAdvance(words)
        x = min(self.x_of(bar) - width / 2, self.plot().right() - width)
        painter.drawText(QPointF(x, y), words)
        painter.restore()

    def _dates(self, painter: QPainter) -> None:
        apart = max(round(_DATES_APART_PX / self.bar_px), 1)
        painter.setPen(QColor(*self.look.tokens.muted))
        y = self.height() - _DATES_PX
        if apart != self._apart:
            self._apart, self._ticks = apart, bar_axis.time_ticks(self._times, apart)
        first, last = self.position_at(20), self.position_at(self.plot().right() - 20)
        for i, words in self._ticks:
            if first <= i <= last:
                box = QRectF(self.x_of(i) - 40, y, 80, _DATES_PX)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
