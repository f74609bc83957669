import dataclasses
from collections.abc import Callable

from PySide6.QtCore import QPoint

from client.state.attribution_map import View, live_map
from client.state.bar_axis import NO_BAR
from client.state.colors import Rgb
from client.state.series import EMPTY, TickerSeries
from client.ui.charts.bar_view import Timeline
from client.ui.charts.price_chart import PriceChart
from client.ui.theme.theme import Theme
from models.data.features.price_volume import PRICE_VOLUME
from tests.kit.chart_pointer import color_at, double_click, point, rgb, spot, turn
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
    fell = series.ohlcv.copy()
    fell[-1, :4] = [1_500.0, 1_570.0, 1_490.0, 1_560.0]  # above its open, below the close before
    chart = show(dataclasses.replace(series, ohlcv=fell))
    image = chart.grab().toImage()
    last_column = {rgb(image.pixelColor(chart.width() - 8, y)) for y in range(chart.height())}
    assert theme.palette.down in last_column
    assert theme.palette.up not in last_column
