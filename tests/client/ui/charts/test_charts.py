import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from client.state import bar_axis
from client.state.attribution_map import View, live_map
from client.state.bar_axis import NO_BAR, BarRange
from client.state.colors import Rgb
from client.state.series import EMPTY, TickerSeries, series_of
from client.ui.charts.bar_view import BarView, Chart, Timeline
from client.ui.charts.confidence_chart import ConfidenceChart
from client.ui.charts.price_chart import PriceChart
from client.ui.theme.theme import Theme
from tests.kit.made_market import MadeMarket
from tests.kit.methods import LIVE

LEFT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


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


def spot(chart: Chart, view: BarView, bar: float, height: float = 0.5) -> QPoint:
    """Return the pixel of a bar, at a share of the view's height from its top."""
    box = view.sceneBoundingRect()
    first, last = view.viewRange()[0]
    x = box.left() + (bar - first) / (last - first) * box.width()
    return chart.mapFromScene(QPointF(x, box.top() + height * box.height()))


def turn(chart: Chart, at: QPoint, eighths: QPoint) -> None:
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    place = QPointF(at)
    on_screen = QPointF(chart.mapToGlobal(at))
    event = QWheelEvent(place, on_screen, QPoint(), eighths, *none, False)
    QApplication.sendEvent(chart.viewport(), event)


def mouse(chart: Chart, kind: QEvent.Type, at: QPoint, held: Qt.MouseButton = NO_BUTTON) -> None:
    # Not QTest, which moves the cursor of all windows, and warns of what pyqtgraph handles
    # without accepting it.
    place, on_screen = QPointF(at), QPointF(chart.mapToGlobal(at))
    button = NO_BUTTON if kind == QEvent.Type.MouseMove else LEFT
    event = QMouseEvent(kind, place, on_screen, button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(chart.viewport(), event)


def point(chart: Chart, at: QPoint) -> None:
    mouse(chart, QEvent.Type.MouseMove, at)


def double_click(chart: Chart, at: QPoint) -> None:
    mouse(chart, QEvent.Type.MouseButtonDblClick, at, LEFT)
    mouse(chart, QEvent.Type.MouseButtonRelease, at)


def rgb(color: QColor) -> tuple[int, int, int]:
    return color.red(), color.green(), color.blue()


def color_at(chart: Chart, place: QPoint) -> tuple[int, int, int]:
    return rgb(chart.grab().toImage().pixelColor(place))


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


def test_the_pointer_follows_bars_that_move_under_it(chart: PriceChart, timeline: Timeline) -> None:
    timeline.show_range(BarRange(20.0, 40.0))
    point(chart, spot(chart, chart.candles, 30))
    timeline.pan(-5)
    assert timeline.bar == 25


def test_the_cross_hair_has_a_line_and_a_tag_at_the_pointers_height(
    chart: PriceChart, theme: Theme
) -> None:
    place = spot(chart, chart.candles, 30)
    point(chart, place)
    tag = QPoint(800 - chart.gutter + 6, place.y() - 5)
    assert color_at(chart, tag) == theme.tokens.raised
    beside = place + QPoint(30, 0)
    assert color_at(chart, beside) != color_at(chart, beside + QPoint(0, 3))


def test_the_last_price_has_a_tag_in_the_color_of_its_move(chart: PriceChart, theme: Theme) -> None:
    image = chart.grab().toImage()
    x = 800 - chart.gutter + 5
    column = {rgb(image.pixelColor(x, y)) for y in range(300)}
    assert theme.palette.up in column


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
    attribution = live_map(market.heatmap("AAPL", newest=58), LIVE)
    chart.show_attribution(attribution, View.SIGNED)
    assert theme.signed.colors[0] in oldest()
    chart.show_attribution(attribution, View.ABSOLUTE)
    assert theme.strength.colors[-1] in oldest()
    chart.show_attribution(None, View.ABSOLUTE)
    assert theme.strength.colors[-1] not in oldest()


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


def test_a_lit_bar_is_seen_and_goes_out(chart: PriceChart, timeline: Timeline) -> None:
    dark = chart.grab().toImage()
    timeline.lit.emit(40)
    assert chart.grab().toImage() != dark
    timeline.lit.emit(NO_BAR)
    assert chart.grab().toImage() == dark


def test_dates_are_written_below_the_bars(chart: PriceChart, timeline: Timeline) -> None:
    timeline.show_range(BarRange(-20.0, -1.0))
    empty = chart.grab().copy(0, 380, 700, 20).toImage()
    timeline.show_range(BarRange(10.0, 50.0))
    assert chart.grab().copy(0, 380, 700, 20).toImage() != empty


def test_charts_follow_the_theme(chart: PriceChart, history: ConfidenceChart, theme: Theme) -> None:
    for widget in (chart, history):
        theme.toggle()
        assert color_at(widget, QPoint(1, 1)) == theme.tokens.panel


def test_charts_without_bars_paint_nothing_and_survive_the_pointer(
    show: Callable[[TickerSeries], PriceChart], timeline: Timeline
) -> None:
    chart = show(EMPTY)
    point(chart, QPoint(50, 50))
    turn(chart, QPoint(50, 50), QPoint(0, -120))
    double_click(chart, QPoint(50, 50))
    assert timeline.bar == NO_BAR
    assert not chart.grab().isNull()
