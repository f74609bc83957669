from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from client.state.series import TickerSeries, series_of
from client.ui.charts.bar_view import Timeline
from client.ui.charts.confidence_chart import ConfidenceChart
from client.ui.charts.price_chart import PriceChart
from client.ui.theme.theme import Theme
from tests.kit.made_market import MadeMarket


@pytest.fixture
def series(market: MadeMarket) -> TickerSeries:
    return series_of(market.bars("AAPL", 60))


@pytest.fixture
def timeline(qapp: QApplication) -> Timeline:
    return Timeline()


@pytest.fixture
def show(
    timeline: Timeline, theme: Theme, market: MadeMarket, qtbot: QtBot
) -> Callable[[TickerSeries], PriceChart]:
    def build(series: TickerSeries) -> PriceChart:
        chart = PriceChart(timeline, theme)
        qtbot.addWidget(chart)
        chart.resize(800, 400)
        chart.show()
        chart.show_series(series, market.universe())
        timeline.show_bars(series.bar_ms)
        return chart

    return build


@pytest.fixture
def chart(show: Callable[[TickerSeries], PriceChart], series: TickerSeries) -> PriceChart:
    return show(series)


@pytest.fixture
def history(
    chart: PriceChart, timeline: Timeline, series: TickerSeries, theme: Theme, qtbot: QtBot
) -> ConfidenceChart:
    history = ConfidenceChart(timeline, theme)
    qtbot.addWidget(history)
    history.resize(800, 120)
    history.show()
    history.set_gutter(chart.gutter)
    history.show_series(series)
    timeline.show_bars(series.bar_ms)
    return history
