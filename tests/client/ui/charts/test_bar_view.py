import pytest
from PySide6.QtCore import QEvent, QPoint

from client.state import bar_axis
from client.state.bar_axis import NO_BAR, BarRange
from client.state.series import EMPTY
from client.ui.charts.bar_view import Timeline
from client.ui.charts.price_chart import PriceChart
from tests.kit.chart_pointer import LEFT, double_click, mouse, point, spot, turn
from tests.kit.made_market import MadeMarket


def test_the_wheel_zooms_about_the_bar_under_the_pointer(
    chart: PriceChart, timeline: Timeline
) -> None:
    timeline.show_range(BarRange(10.0, 40.0))
    turn(chart, spot(chart, chart.candles, 20), QPoint(0, 120))
    first, last = timeline.shown
    assert last - first < 29
    assert (20 - first) / (last - first) == pytest.approx(10 / 30, abs=0.01)


def test_the_wheel_turned_sideways_pans(chart: PriceChart, timeline: Timeline) -> None:
    timeline.show_range(BarRange(20.0, 40.0))
    turn(chart, spot(chart, chart.volumes, 30), QPoint(120, 0))
    assert timeline.shown == pytest.approx((18.0, 38.0))


def test_the_view_never_leaves_the_bars(chart: PriceChart, timeline: Timeline) -> None:
    timeline.show_range(BarRange(-500.0, -400.0))
    assert timeline.shown.first == pytest.approx(bar_axis.whole(60).first)
    timeline.show_range(BarRange(30.0, 31.0))
    first, last = timeline.shown
    assert last - first == pytest.approx(bar_axis.FEWEST_BARS)


def test_dragging_moves_the_chart_and_a_double_click_brings_it_back(
    chart: PriceChart, timeline: Timeline
) -> None:
    timeline.show_range(BarRange(20.0, 50.0))
    start, end = spot(chart, chart.candles, 30), spot(chart, chart.candles, 35)
    mouse(chart, QEvent.Type.MouseButtonPress, start, LEFT)
    mouse(chart, QEvent.Type.MouseMove, end, LEFT)
    mouse(chart, QEvent.Type.MouseButtonRelease, end)
    assert timeline.shown == pytest.approx((15, 45), abs=0.2)
    double_click(chart, start)
    assert timeline.shown == pytest.approx(bar_axis.latest(60))


def test_the_pointer_follows_bars_that_move_under_it(chart: PriceChart, timeline: Timeline) -> None:
    timeline.show_range(BarRange(20.0, 40.0))
    point(chart, spot(chart, chart.candles, 30))
    timeline.pan(-5)
    assert timeline.bar == 25


def test_a_new_bar_is_followed_but_a_zoom_of_the_past_is_kept(
    chart: PriceChart, timeline: Timeline, market: MadeMarket
) -> None:
    timeline.show_bars(market.times(61))
    assert timeline.shown == pytest.approx(bar_axis.latest(61))
    past = BarRange(5.0, 25.0)
    timeline.show_range(past)
    timeline.show_bars(market.times(62))
    assert timeline.shown == pytest.approx(past)


def test_forgotten_bars_shift_the_view_with_the_bars(
    chart: PriceChart, timeline: Timeline, market: MadeMarket
) -> None:
    timeline.show_range(BarRange(20.0, 40.0))
    timeline.show_bars(market.times(70)[10:])
    assert timeline.shown == pytest.approx((10.0, 30.0))


def test_a_zoom_outlasts_a_time_without_bars(
    chart: PriceChart, timeline: Timeline, market: MadeMarket
) -> None:
    timeline.show_range(BarRange(20.0, 40.0))
    timeline.show_bars(EMPTY.bar_ms)
    timeline.show_bars(market.times(60))
    assert timeline.shown == pytest.approx((20.0, 40.0))


def test_a_lit_bar_is_seen_and_goes_out(chart: PriceChart, timeline: Timeline) -> None:
    dark = chart.grab().toImage()
    timeline.lit.emit(40)
    assert chart.grab().toImage() != dark
    timeline.lit.emit(NO_BAR)
    assert chart.grab().toImage() == dark
