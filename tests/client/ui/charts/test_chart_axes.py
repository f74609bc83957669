from PySide6.QtCore import QPoint

from client.state.bar_axis import BarRange
from client.ui.charts.bar_view import Timeline
from client.ui.charts.price_chart import PriceChart
from client.ui.theme.theme import Theme
from tests.kit.chart_pointer import color_at, point, rgb, spot


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
    chart.show_change(0.01)
    image = chart.grab().toImage()
    x = 800 - chart.gutter + 5
    column = {rgb(image.pixelColor(x, y)) for y in range(300)}
    assert theme.palette.up in column


def test_dates_are_written_below_the_bars(chart: PriceChart, timeline: Timeline) -> None:
    timeline.show_range(BarRange(-20.0, -1.0))
    empty = chart.grab().copy(0, 380, 700, 20).toImage()
    timeline.show_range(BarRange(10.0, 50.0))
    assert chart.grab().copy(0, 380, 700, 20).toImage() != empty
