import dataclasses
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint

from client.state.bar_axis import BarRange
from client.state.series import TickerSeries, series_of
from client.ui.charts.bar_view import Timeline
from client.ui.charts.price_chart import PriceChart
from client.ui.theme.theme import Theme
from tests.kit.chart_pointer import color_at, spot
from tests.kit.made_market import MadeMarket


def test_the_bars_in_sight_fill_the_height(chart: PriceChart, timeline: Timeline) -> None:
    timeline.show_range(BarRange(20.0, 40.0))
    low, high = chart.candles.viewRange()[1]
    assert low < 1_191 < 1_409 < high  # lows and highs of bars 20 to 40
    assert high - low < 1.2 * (1_409 - 1_191)
    assert chart.volumes.viewRange()[1] == [0, 1_400]


def test_a_flat_market_has_a_scale_too(
    show: Callable[[TickerSeries], PriceChart], series: TickerSeries
) -> None:
    chart = show(dataclasses.replace(series, ohlcv=np.full((60, 5), 100.0)))
    low, high = chart.candles.viewRange()[1]
    assert low < 100 < high


def test_a_forming_bar_is_drawn_hollow(
    chart: PriceChart, timeline: Timeline, market: MadeMarket, theme: Theme
) -> None:
    timeline.show_range(BarRange(48.0, 60.5))
    body = spot(chart, chart.candles, 59)
    price = 1_587.5  # the middle of the body
    low, high = chart.candles.viewRange()[1]
    box = chart.candles.sceneBoundingRect()
    body.setY(round(box.top() + (high - price) / (high - low) * box.height()))
    body += QPoint(3, 0)
    assert color_at(chart, body) == theme.palette.up
    chart.show_series(series_of(market.bars("AAPL", 60, forming=True)), market.universe())
    assert color_at(chart, body) != theme.palette.up
