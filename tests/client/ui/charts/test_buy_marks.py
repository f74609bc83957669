import numpy as np

from client.state.colors import Rgb
from client.ui.charts.price_chart import PriceChart
from client.ui.theme.theme import Theme
from shared.contract import Class
from shared.protocol.past import OPEN, PastBuys
from tests.kit.chart_pointer import rgb, spot
from tests.kit.made_market import SYMBOL, MadeMarket
from tests.kit.messages import a_message


def buy(market: MadeMarket, bar: int, outcome: int) -> PastBuys:
    return a_message(
        PastBuys,
        symbol=SYMBOL,
        count=2,
        bar_ms=np.append(market.times(1) - 1, market.times(bar + 1)[-1]),
        confidence=np.full(2, 0.5, np.float32),
        outcome=np.full(2, outcome),
        result=np.zeros(2, np.float32),
    )


def test_a_buy_is_marked_below_its_bar_by_what_came_of_it(
    chart: PriceChart, market: MadeMarket, theme: Theme
) -> None:
    def under(bar: int) -> list[Rgb]:
        image = chart.grab().toImage()
        x = spot(chart, chart.candles, bar).x()
        return [rgb(image.pixelColor(x, y)) for y in range(10, 320)]

    accent = theme.tokens.accent
    plain = under(40)
    counts = {}
    for outcome in (Class.UP, Class.DOWN, OPEN):
        chart.show_buys(buy(market, 40, outcome))
        counts[outcome] = under(40).count(accent)
        assert under(40) != plain
    assert counts[Class.UP] > counts[Class.DOWN] >= 0 == counts[OPEN]
    chart.show_buys(None)
    assert under(40) == plain


def test_a_chart_without_any_width_is_painted_with_its_buys(
    chart: PriceChart, market: MadeMarket
) -> None:
    chart.show_buys(buy(market, 58, OPEN))
    chart.resize(chart.gutter, 300)  # an error within a paint would end the process
    assert not chart.grab().isNull()
