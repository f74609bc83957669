"""Whatever the wire lets through can be painted; pytest-qt fails a test in which a paint raised."""

from typing import Final

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from client.ui.shell.main_window import MainWindow
from client.ui.theme.theme import Theme
from shared.contract import STEPS
from shared.limits import LAST_MS, MAX_CYCLE_MS, MAX_PRICE, MAX_VALUE, MAX_VOLUME, MIN_PRICE
from shared.protocol.answers import Bars, Universe
from shared.protocol.messages import Heatmap
from tests.kit.fake_link import FakeLink
from tests.kit.made_market import SYMBOL, MadeMarket
from tests.kit.messages import a_message
from tests.kit.updates import row_changes

COUNT: Final = 30
UP: Final = np.array([[0.1, 0.2, 0.7]] * 3, np.float32)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("interval", ["1s", "9999d"])
@pytest.mark.parametrize("newest_ms", [STEPS + COUNT, LAST_MS])
@pytest.mark.parametrize("price", [MIN_PRICE, MAX_PRICE])
def test_the_greatest_and_least_of_all_can_be_painted(
    link: FakeLink,
    theme: Theme,
    market: MadeMarket,
    qtbot: QtBot,
    zone: str,
    interval: str,
    newest_ms: int,
    price: float,
) -> None:
    window = MainWindow(link, theme)
    qtbot.addWidget(window)
    universe = a_message(
        Universe,
        stamp=market.make.stamp(),
        symbols=market.make.symbols,
        names=("n" * 200,) * 3,
        markets=("m" * 200,) * 3,
        timezone=zone,
        interval=interval,
        decimals=10,
    )
    rows = row_changes(
        (0, 1, 2),
        UP,
        last=np.full(3, price),
        change=np.array([-1, 0, 3e38], np.float32),
        bar_ms=np.full(3, newest_ms),
    )
    window.apply(market.update(universe=universe, rows=rows))
    window.apply(
        market.update(
            status=market.status(
                market_ms=newest_ms, cycle_ms=MAX_CYCLE_MS, accepted=2**53, played=True
            ),
            buys=(market.buy(SYMBOL),),
        )
    )
    window.open_ticker(SYMBOL)
    times = newest_ms - np.arange(COUNT, dtype=np.int64)[::-1]
    bar = np.array([price, price, price, price, MAX_VOLUME])
    bars = a_message(
        Bars,
        symbol=SYMBOL,
        count=COUNT,
        decisions=1,
        forming=False,
        bar_ms=times,
        ohlcv=np.tile(bar, (COUNT, 1)),
        decision_ms=times[-1:],
        probabilities=UP[:1],
    )
    grid = np.full((STEPS, 8), MAX_VALUE, np.float32)
    grid[::2] *= -1
    heatmap = a_message(
        Heatmap,
        symbol=SYMBOL,
        saliency=grid,
        raw=grid,
        scaled=grid / np.float32(MAX_VALUE),
        probabilities=UP[0],
        bar_ms=times[-STEPS:],
    )
    window.apply(market.update(bars={SYMBOL: bars}, heatmaps={SYMBOL: heatmap}))
    window.show()
    ticker = window.tickers[SYMBOL]
    ticker.timeline.point(COUNT - 1)
    assert ticker.maps.first.view.attribution is not None
    for top in (window, ticker):
        assert not top.grab().isNull()
