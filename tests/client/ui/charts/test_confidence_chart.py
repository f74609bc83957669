import pytest
from PySide6.QtCore import QPoint

from client.state.bar_axis import NO_BAR, BarRange
from client.ui.charts.bar_view import Timeline
from client.ui.charts.confidence_chart import ConfidenceChart
from client.ui.charts.price_chart import PriceChart
from client.ui.theme.theme import Theme
from tests.kit.chart_pointer import color_at, point, spot, turn


def test_all_views_show_the_same_bars(
    chart: PriceChart, history: ConfidenceChart, timeline: Timeline
) -> None:
    for shown in (BarRange(20.0, 40.0), BarRange(1.0, 50.0)):
        timeline.show_range(shown)
        for view in (chart.volumes, history.view):
            assert view.viewRange()[0] == pytest.approx(shown)
    turn(history, spot(history, history.view, 30), QPoint(0, 120))
    assert history.view.viewRange()[0] == pytest.approx(timeline.shown)
    assert timeline.shown.first > 1.5


def test_charts_follow_the_theme(chart: PriceChart, history: ConfidenceChart, theme: Theme) -> None:
    for widget in (chart, history):
        theme.toggle()
        assert color_at(widget, QPoint(1, 1)) == theme.tokens.panel


def test_the_pointer_snaps_to_a_bar_in_every_chart(
    chart: PriceChart, history: ConfidenceChart, timeline: Timeline
) -> None:
    still = history.grab().toImage()
    point(chart, spot(chart, chart.candles, 30.3))
    assert timeline.bar == 30
    assert history.grab().toImage() != still
    point(chart, QPoint(790, 100))
    assert timeline.bar == NO_BAR
    assert history.grab().toImage() == still


def test_the_height_fits_the_lines_and_the_base_rate(
    history: ConfidenceChart, timeline: Timeline
) -> None:
    timeline.show_range(BarRange(20.0, 59.5))
    low, high = history.view.viewRange()[1]
    history.show_base_rate(low - 0.2)
    below = history.view.viewRange()[1]
    assert below[0] < low - 0.2
    history.show_base_rate(None)
    assert history.view.viewRange()[1] == pytest.approx([low, high])
