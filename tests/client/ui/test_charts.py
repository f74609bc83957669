import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from client.state import bar_axis
from client.state.bar_axis import BarRange
from client.state.series import Series, series_of
from client.ui.bar_chart import NO_BAR, ChartAxis
from client.ui.confidence_chart import ConfidenceChart
from client.ui.look import Look
from client.ui.price_chart import PriceChart, scale_of
from tests.client.ui.conftest import MadeMarket


@pytest.fixture
def series(market: MadeMarket) -> Series:
    return series_of(market.bars("AAPL", 60))


@pytest.fixture
def axis(series: Series) -> ChartAxis:
    axis = ChartAxis()
    axis.start_over(len(series))
    return axis


@pytest.fixture
def chart(
    axis: ChartAxis, series: Series, look: Look, market: MadeMarket, qtbot: QtBot
) -> PriceChart:
    chart = PriceChart(axis, look)
    qtbot.addWidget(chart)
    chart.resize(800, 400)
    chart.show_series(series, market.universe())
    return chart


def turn(chart: PriceChart, x: float, eighths: QPoint) -> None:
    at = QPointF(x, 100)
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    chart.wheelEvent(QWheelEvent(at, at, QPoint(), eighths, *none, False))


def test_prices_and_pixels_are_each_others_inverse() -> None:
    bars = np.array([[10.0, 20.0, 10.0, 15.0, 1.0]])
    scale = scale_of(bars, QRectF(0, 0, 100, 220))
    assert (scale.low, scale.high) == (9.5, 20.5)
    assert scale.y(20.0) == pytest.approx(10)
    assert scale.price(scale.y(12.5)) == pytest.approx(12.5)


def test_a_flat_market_still_has_a_scale() -> None:
    scale = scale_of(np.full((3, 5), 100.0), QRectF(0, 0, 100, 100))
    assert scale.low < 100 < scale.high


def test_the_wheel_zooms_about_the_bar_under_the_pointer(chart: PriceChart) -> None:
    chart.axis.show_range(BarRange(10.0, 40.0))
    under = chart.position_at(300.0)
    turn(chart, 300.0, QPoint(0, 240))
    assert chart.axis.shown.width == pytest.approx(30 * 0.85**2)
    assert chart.position_at(300.0) == pytest.approx(under)


def test_dragging_moves_the_chart_and_a_double_click_brings_it_back(
    chart: PriceChart, qtbot: QtBot
) -> None:
    chart.axis.show_range(BarRange(20.0, 50.0))
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(chart, left, pos=QPoint(200, 100))
    QTest.mouseMove(chart, QPoint(200 + round(5 * chart.bar_px), 100))
    QTest.mouseRelease(chart, left)
    assert chart.axis.shown.first == pytest.approx(15, abs=0.1)
    QTest.mouseDClick(chart, left, pos=QPoint(200, 100))
    assert chart.axis.shown == bar_axis.latest(60)


def test_the_pointer_snaps_to_a_bar_in_every_chart(
    chart: PriceChart, axis: ChartAxis, look: Look, series: Series, qtbot: QtBot
) -> None:
    history = ConfidenceChart(axis, look)
    qtbot.addWidget(history)
    history.resize(800, 120)
    history.show_series(series)
    still = history.grab().toImage()
    QTest.mouseMove(chart, QPoint(round(chart.x_of(30) + 0.3 * chart.bar_px), 100))
    assert axis.bar == 30
    assert history.grab().toImage() != still
    QTest.mouseMove(chart, QPoint(790, 100))
    assert axis.bar == NO_BAR


def test_the_cross_hair_has_a_line_and_a_tag_at_the_pointers_height(
    chart: PriceChart, look: Look
) -> None:
    QTest.mouseMove(chart, QPoint(200, 120))
    image = chart.grab().toImage()
    tag = image.pixelColor(round(chart.plot().right()) + 6, 114)
    assert (tag.red(), tag.green(), tag.blue()) == look.tokens.raised
    assert image.pixelColor(40, 120) != image.pixelColor(40, 122)


def test_a_new_bar_is_followed_but_a_zoom_of_the_past_is_kept(axis: ChartAxis) -> None:
    axis.grow(61)
    assert axis.shown.last == bar_axis.latest(61).last
    past = BarRange(5.0, 25.0)
    axis.show_range(past)
    axis.grow(62)
    assert axis.shown == past


def test_forgotten_bars_shift_the_view_with_the_bars(axis: ChartAxis) -> None:
    axis.show_range(BarRange(20.0, 40.0))
    axis.grow(60, forgotten=10)
    assert axis.shown == BarRange(10.0, 30.0)


def test_the_window_is_shaded_under_its_six_bars(
    chart: PriceChart, look: Look, market: MadeMarket
) -> None:
    def ground(bar: int) -> tuple[int, int, int]:
        place = QPoint(round(chart.x_of(bar)), round(chart.plot().top() + 2))
        color = chart.grab().toImage().pixelColor(place)
        return color.red(), color.green(), color.blue()

    plain = ground(53)
    chart.show_heatmap(market.heatmap("AAPL", newest=58))
    assert ground(52) == plain
    assert ground(53) == ground(55) != plain


def test_a_forming_bar_is_drawn_hollow(
    chart: PriceChart, axis: ChartAxis, market: MadeMarket
) -> None:
    axis.show_range(BarRange(40.0, 60.5))
    closed = chart.grab().toImage()
    chart.show_series(series_of(market.bars("AAPL", 60, forming=True)), market.universe())
    assert chart.grab().toImage() != closed


def test_a_lit_bar_is_seen_and_goes_out(chart: PriceChart) -> None:
    dark = chart.grab().toImage()
    chart.light(40)
    assert chart.grab().toImage() != dark
    chart.light(NO_BAR)
    assert chart.grab().toImage() == dark


def test_charts_without_bars_paint_nothing_and_survive_the_pointer(
    look: Look, qtbot: QtBot
) -> None:
    chart = PriceChart(ChartAxis(), look)
    qtbot.addWidget(chart)
    chart.resize(400, 300)
    QTest.mouseMove(chart, QPoint(50, 50))
    turn(chart, 50.0, QPoint(0, -120))
    assert not chart.grab().isNull()
