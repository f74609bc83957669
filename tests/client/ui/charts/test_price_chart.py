import math
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt

from client.state.attribution_map import View, live_map
from client.state.bar_axis import NO_BAR, BarRange
from client.state.colors import Rgb
from client.state.series import EMPTY, TickerSeries
from client.ui.charts.bar_view import Timeline
from client.ui.charts.price_axis import PriceAxis
from client.ui.charts.price_chart import PriceChart
from client.ui.theme.theme import Theme
from models.data.features.price_volume import PRICE_VOLUME
from tests.kit.chart_pointer import (
    LEFT,
    NO_BUTTON,
    color_at,
    double_click,
    mouse,
    point,
    rgb,
    spot,
    turn,
)
from tests.kit.made_market import MadeMarket
from tests.kit.methods import LIVE


def test_the_window_is_shaded_under_its_six_bars(chart: PriceChart, market: MadeMarket) -> None:
    def ground(bar: int) -> tuple[int, int, int]:
        return color_at(chart, spot(chart, chart.candles, bar, height=0.9))

    plain = ground(53)
    chart.show_window(int(market.times(59)[-1]))
    assert ground(52) == plain
    assert ground(53) == ground(58) != plain
    chart.show_window(None)
    assert ground(53) == plain


def test_the_band_shows_what_each_bar_of_the_window_contributed(
    chart: PriceChart, market: MadeMarket, theme: Theme
) -> None:
    def oldest() -> set[Rgb]:
        image = chart.grab().toImage()
        x = spot(chart, chart.candles, 53).x()
        return {rgb(image.pixelColor(x, y)) for y in range(340, 400)}

    # Of the six, the first bar speaks against most.
    attribution = live_map(market.heatmap("AAPL", newest=58), LIVE, PRICE_VOLUME.features)
    chart.show_attribution(attribution, View.SIGNED)
    assert theme.signed.colors[0] in oldest()
    chart.show_attribution(attribution, View.ABSOLUTE)
    assert theme.strength.colors[-1] in oldest()
    chart.show_attribution(None, View.ABSOLUTE)
    assert theme.strength.colors[-1] not in oldest()


def test_charts_without_bars_paint_nothing_and_survive_the_pointer(
    show: Callable[[TickerSeries], PriceChart], timeline: Timeline
) -> None:
    chart = show(EMPTY)
    point(chart, QPoint(50, 50))
    turn(chart, QPoint(50, 50), QPoint(0, -120))
    double_click(chart, QPoint(50, 50))
    assert timeline.bar == NO_BAR
    assert not chart.grab().isNull()


def test_the_time_of_the_bar_that_is_pointed_at_stands_out_below(
    chart: PriceChart, timeline: Timeline
) -> None:
    foot = spot(chart, chart.candles, 30)
    foot.setY(chart.height() - 10)
    plain = chart.grab().toImage()
    timeline.point(30)
    tagged = {rgb(chart.grab().toImage().pixelColor(foot.x() + x, foot.y())) for x in range(20)}
    assert chart.look.tokens.raised in tagged
    timeline.point(NO_BAR)
    assert chart.grab().toImage() == plain


def test_the_newest_price_has_the_color_of_its_change(
    show: Callable[[TickerSeries], PriceChart], series: TickerSeries, theme: Theme
) -> None:
    chart = show(series)  # above its open, and above the close before
    chart.show_change(-0.01)  # of the day
    image = chart.grab().toImage()
    last_column = {rgb(image.pixelColor(chart.width() - 8, y)) for y in range(chart.height())}
    assert theme.palette.down in last_column
    assert theme.palette.up not in last_column


def axis_words(chart: PriceChart) -> list[str]:
    axis = next(item for item in chart.scene().items() if isinstance(item, PriceAxis))
    low, high = chart.candles.viewRange()[1]
    (spacing, heights), *_ = axis.tickValues(low, high, 300)
    assert all(low <= height <= high for height in heights)
    return axis.tickStrings(heights, 1, spacing)


def test_prices_are_on_three_scales(chart: PriceChart, timeline: Timeline) -> None:
    timeline.show_range(BarRange(-0.4, 59.4))
    assert "1,200" in axis_words(chart)
    straight = chart.candles.viewRange()[1]
    chart.next_scale()
    low, high = (math.exp(height) for height in chart.candles.viewRange()[1])
    assert (low < 1_000, 1_590 < high < straight[1] * 1.1) == (True, True)
    assert "1,200" in axis_words(chart)
    chart.next_scale()
    assert "+20%" in axis_words(chart)  # of the first close in sight, 1,000
    timeline.show_range(BarRange(29.6, 59.4))
    assert {"+0%", "+20%"} < set(axis_words(chart))  # of 1,300
    chart.next_scale()
    assert chart.candles.viewRange()[1][0] > 1_000


def test_heights_are_stretched_by_the_axis_until_they_are_freed(
    chart: PriceChart, timeline: Timeline
) -> None:
    fitting = chart.candles.viewRange()[1]
    at = QPoint(chart.width() - chart.gutter // 2, 100)
    mouse(chart, QEvent.Type.MouseButtonPress, at, LEFT)
    mouse(chart, QEvent.Type.MouseMove, at + QPoint(0, 60), LEFT)
    mouse(chart, QEvent.Type.MouseButtonRelease, at + QPoint(0, 60))
    low, high = chart.candles.viewRange()[1]
    assert high - low > 1.2 * (fitting[1] - fitting[0])
    timeline.pan(-20)
    assert chart.candles.viewRange()[1] == pytest.approx([low, high])
    double_click(chart, at)
    assert chart.candles.is_auto
    timeline.reset()
    assert chart.candles.viewRange()[1] == pytest.approx(fitting)


def test_a_drag_with_shift_measures_until_a_click(chart: PriceChart, timeline: Timeline) -> None:
    timeline.show_range(BarRange(10.0, 50.0))
    start, end = spot(chart, chart.candles, 20, 0.7), spot(chart, chart.candles, 32, 0.3)
    shift = Qt.KeyboardModifier.ShiftModifier
    mouse(chart, QEvent.Type.MouseButtonPress, start, LEFT, shift)
    mouse(chart, QEvent.Type.MouseMove, end, LEFT, shift)
    assert timeline.shown == pytest.approx((10, 50))
    assert chart.measure.words.startswith("12 bars · ▲ ")
    assert chart.measure.words.endswith(" · 12 d")
    mouse(chart, QEvent.Type.MouseButtonRelease, end, NO_BUTTON, shift)
    chart.measure.clear()
    chart.measure.step(-1)
    chart.measure.step(-1)
    assert chart.measure.words == "2 bars back · ▼ 1.26% · \N{MINUS SIGN}20 · 2 d"
