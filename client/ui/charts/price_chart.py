"""Candles and volume, with the window that was decided on and what each of its bars contributed."""

import dataclasses
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QBrush, QFontMetricsF, QPen

from client.state import text
from client.state.attribution_map import AttributionMap, View, values
from client.state.bar_axis import NO_BAR, BarRange
from client.state.beside import TickerBeside
from client.state.price_scale import PriceScale, ScaleKind
from client.state.ramp import limit_of
from client.state.series import EMPTY, TickerSeries
from client.ui.charts.bar_items import CandleItem, VolumeItem
from client.ui.charts.bar_shade import BarShade
from client.ui.charts.bar_view import BarView, Chart, Timeline
from client.ui.charts.beside_line import BesideLine
from client.ui.charts.buy_marks import BuyMarks
from client.ui.charts.chart_axes import DateAxis
from client.ui.charts.mean_lines import MeanLines
from client.ui.charts.measure_mark import MeasureMark
from client.ui.charts.price_axis import PriceAxis, Tag
from client.ui.charts.scale_chips import ScaleChips
from client.ui.theme.theme import Look, faded, font
from shared.contract import STEPS, interval_seconds
from shared.protocol.answers import Universe
from shared.protocol.past import PastBuys

_AIR: Final = 0.06  # above and below the candles, where marks have their room
_BAND_PX: Final = 10
_GAP_PX: Final = 5


class PriceChart(Chart):
    """Candles, volume, a band of the window's saliency, and dates.

    Signals:
        based: Both tickers that are shown begin at another bar.

    Attributes:
        candles: The view of the candles.
        volumes: The view of the volumes.
        gutter: Room for prices right of the views, in pixels.
        timeline: The bars in sight.
        measure: What was measured.
    """

    based = Signal()

    timeline: Timeline
    measure: MeasureMark
    candles: BarView
    volumes: BarView
    gutter: int

    def __init__(self, timeline: Timeline, look: Look) -> None:
        super().__init__(look)
        self.timeline = timeline
        self._universe: Universe | None = None
        self._series, self._scale, self._change = EMPTY, PriceScale(), 0.0
        self._decided_ms: int | None = None
        self._attribution: AttributionMap | None = None
        self._view = View.SIGNED
        self._pointed: Tag | None = None
        self.candles = BarView(timeline, look, padding=_AIR)
        self.volumes = BarView(timeline, look)
        self._band = BarView(timeline, look)
        self._prices, self._dates = PriceAxis(self.candles, look), DateAxis(look)
        self._candles, self._volumes = CandleItem(look), VolumeItem(look)
        self._marks, self._means = BuyMarks(look), MeanLines(self.candles, look)
        self._beside = BesideLine(self.candles, look)
        self.measure = MeasureMark(self.candles, look)
        self._chips = ScaleChips(self)
        self.gutter = self._chips.sizeHint().width()
        self._height = pg.InfiniteLine(angle=0)
        self._windows = [BarShade() for _ in range(2)]
        self._saliency = pg.ImageItem(axisOrder="row-major")
        self._fill_views()
        self._lay_out()
        self.dress()
        self.setAccessibleName("Candles and volume")
        self.setMinimumHeight(220)

    def show_series(self, series: TickerSeries, universe: Universe) -> None:
        """Show other bars; the timeline is to be told of them next."""
        before, self._series, self._universe = self._series, series, universe
        if not np.array_equal(before.bar_ms, series.bar_ms):
            self._label_bars(universe)
        self._volumes.show_series(series)
        self.volumes.fit()
        self._draw_prices()
        self._place_window()
        self._place_band()
        self._show_tags()

    def show_change(self, change: float) -> None:
        """Show the newest price in the color of a change, as a share."""
        if change != self._change:
            self._change = change
            self._show_tags()

    def show_scale(self, kind: ScaleKind) -> None:
        """Show prices on another scale, and let them fill the height."""
        self._scale = PriceScale(kind, self._base())
        self._draw_prices()
        self.free_heights()

    def show_other(self, other: TickerSeries | None) -> None:
        """Show another ticker beside this one, in percent since the first bar in sight, or none."""
        self._beside.show_other(other)
        self._means.set_visible(visible=other is None)
        if other is None or self._scale.kind == ScaleKind.PERCENT:
            self._draw_prices()
        else:
            self.show_scale(ScaleKind.PERCENT)

    @property
    def beside(self) -> TickerBeside | None:
        """The other ticker, as far as it is shown."""
        return self._beside.shown

    def next_scale(self) -> None:
        """Show prices on the next scale."""
        kinds = list(ScaleKind)
        self.show_scale(kinds[(kinds.index(self._scale.kind) + 1) % len(kinds)])

    def stretch(self, factor: float) -> None:
        """Show `factor` times the heights."""
        self.candles.stretch(factor)
        self._show_tags()

    def free_heights(self) -> None:
        """Let the bars in sight fill the height again."""
        self.candles.free()
        self._show_tags()

    def show_buys(self, buys: PastBuys | None) -> None:
        """Mark the bars of past buys by what came of them."""
        self._marks.show_buys(buys)

    def show_window(self, newest_ms: int | None) -> None:
        """Shade the window whose newest bar closed at `newest_ms`, ms since 1970 UTC, or none."""
        self._decided_ms = newest_ms
        self._place_window()

    def show_attribution(self, attribution: AttributionMap | None, view: View) -> None:
        """Show what each bar adds up to in a map that is looked at in this way."""
        self._attribution, self._view = attribution, view
        self._place_band()

    def dress(self) -> None:
        """Take on the colors of the theme."""
        super().dress()
        tokens = self.look.tokens
        self._height.setPen(QPen(faded(tokens.muted, 0.6), 0))
        for window in self._windows:
            window.set_brush(QBrush(faded(tokens.accent, 0.13)))
        self._place_band()
        self._show_tags()

    def _fill_views(self) -> None:
        self._height.hide()
        for view, item, window in zip(
            (self.candles, self.volumes), (self._candles, self._volumes), self._windows, strict=True
        ):
            view.addItem(window, ignoreBounds=True)
            view.addItem(item)
        self.volumes.fit_to(self._volumes.extent_in)
        self.candles.fit_to(self._extent_in)
        self.candles.addItem(self._marks, ignoreBounds=True)
        self.candles.addItem(self._height, ignoreBounds=True)
        self._band.addItem(self._saliency, ignoreBounds=True)
        self._band.setYRange(0, 1, padding=0)
        self.candles.hovered.connect(self._point)
        self.candles.sigXRangeChanged.connect(self._rebase)
        self.timeline.pointed.connect(self._tag_date)
        self._prices.stretched.connect(self.stretch)
        self._prices.freed.connect(self.free_heights)
        self._chips.chosen.connect(self.show_scale)
        self._chips.freed.connect(self.free_heights)

    def _lay_out(self) -> None:
        self._dates.linkToView(self.candles)
        for row, item in enumerate((self.candles, self.volumes, self._band, self._dates)):
            self.grid.addItem(item, row, 0)
        self.grid.addItem(self._prices, 0, 1)
        self._prices.setWidth(self.gutter)
        self.grid.setRowStretchFactor(0, 5)
        self.grid.setRowStretchFactor(1, 1)
        self.grid.setRowFixedHeight(2, _BAND_PX)
        self.grid.setRowSpacing(1, _GAP_PX)

    def _label_bars(self, universe: Universe) -> None:
        zone, seconds = text.zone_of(universe.timezone), interval_seconds(universe.interval)
        times = self._series.bar_ms.tolist()
        self._dates.show_times([text.bar_moment(ms, seconds, zone) for ms in times])
        self._prices.set_decimals(universe.decimals)
        if times:
            widest = text.price(float(self._series.ohlcv[:, 1].max()), universe.decimals)
            width = QFontMetricsF(font(11)).horizontalAdvance(widest)
            self.gutter = max(self._chips.sizeHint().width(), round(width) + 22)
            self._prices.setWidth(self.gutter)

    def _place_window(self) -> None:
        decided = self._decided_ms
        newest = None if decided is None else self._series.index_of(decided)
        for window in self._windows:
            if newest is None:
                window.hide()
            else:
                window.show_bars(newest - STEPS + 1, newest)

    def _place_band(self) -> None:
        attribution = self._attribution
        newest = None if attribution is None else self._series.index_of(int(attribution.bar_ms[-1]))
        self._saliency.setVisible(newest is not None)
        if attribution is None or newest is None:
            return
        by_bar = values(attribution, self._view).sum(axis=1)
        limit, ramp = limit_of(by_bar), self.look.ramp(self._view)
        cells = [ramp.color(value, limit) for value in by_bar.tolist()]
        self._saliency.setImage(np.array([cells], np.uint8), autoLevels=False)
        self._saliency.setRect(QRectF(newest - STEPS + 0.5, 0, STEPS, 1))

    def _point(self, place: QPointF | None) -> None:
        self._height.setVisible(place is not None)
        if place is not None:
            self._height.setValue(place.y())
        self._pointed = None if place is None else Tag(place.y(), self.look.tokens.raised)
        self._show_tags()

    def _tag_date(self, bar: int) -> None:
        universe = self._universe
        if universe is None or not 0 <= bar < len(self._series):
            self._dates.show_tag(NO_BAR, "")
            return
        seconds, zone = interval_seconds(universe.interval), text.zone_of(universe.timezone)
        self._dates.show_tag(bar, text.bar_time(int(self._series.bar_ms[bar]), seconds, zone))

    def _show_tags(self) -> None:
        tags = []
        if len(self._series):
            (closed,) = self._scale.heights(self._series.ohlcv[-1:, 3]).tolist()
            tags.append(Tag(closed, self.look.direction(self._change)))
        other = self._beside.newest()
        if other is not None:
            tags.append(Tag(other, self.look.tokens.text))
        if self._pointed is not None:
            tags.append(self._pointed)
        self._prices.show_tags(tags)
        self._chips.show_scale(self._scale.kind, is_auto=self.candles.is_auto)

    def _draw_prices(self) -> None:
        self._scale = PriceScale(self._scale.kind, self._base())
        heights = self._series.ohlcv.copy()
        heights[:, :4] = self._scale.heights(heights[:, :4])
        drawn = dataclasses.replace(self._series, ohlcv=heights)
        self._candles.show_series(drawn)
        self._marks.show_series(drawn)
        self._means.show_series(self._series, self._scale)
        self._beside.place(self._series, self._scale, self.timeline.shown)
        self._prices.set_scale(self._scale)
        if self._universe is not None:
            self.measure.show_series(self._series, self._universe, self._scale)
        self.candles.fit()

    def _base(self) -> float:
        # What percent are of: the close of the first bar in sight.
        closes = self._series.ohlcv[self.timeline.shown.visible(len(self._series)), 3]
        return float(closes[0]) if len(closes) and closes[0] > 0 else 1.0

    def _rebase(self) -> None:
        if self._scale.kind == ScaleKind.PERCENT:
            self._scale = PriceScale(self._scale.kind, self._base())
            self._prices.set_scale(self._scale)
            self._beside.place(self._series, self._scale, self.timeline.shown)
            self._show_tags()
            if self.beside is not None:
                self.based.emit()

    def _extent_in(self, shown: BarRange) -> tuple[float, float] | None:
        ends = (self._candles.extent_in(shown), self._beside.extent_in(shown))
        known = [end for end in ends if end is not None]
        lows, highs = [low for low, _ in known], [high for _, high in known]
        return (min(lows), max(highs)) if known else None
