import numpy as np

from client.state.read_out import read_out
from client.state.series import series_of
from shared.contract import Class
from shared.protocol.past import INTERRUPTED, OPEN, PastBuys
from tests.kit.made_market import SYMBOL, MadeMarket
from tests.kit.maker import Maker
from tests.kit.messages import a_message


def test_what_was_said_is_read_out_where_something_was_said(make: Maker) -> None:
    market = MadeMarket(make)
    series = series_of(market.bars(SYMBOL))
    assert read_out(series, 59, market.universe()).endswith("up 50% · flat 30% · down 20%")
    assert read_out(series, 0, market.universe()).endswith("V 1,000")


def test_of_a_past_buy_it_is_read_out_what_came_of_it(make: Maker) -> None:
    market = MadeMarket(make)
    series = series_of(market.bars(SYMBOL))
    buys = a_message(
        PastBuys,
        symbol=SYMBOL,
        count=4,
        bar_ms=series.bar_ms[:4],
        confidence=np.array([0.41, 0.42, 0.43, 0.44], np.float32),
        outcome=np.array([Class.UP, Class.DOWN, OPEN, INTERRUPTED]),
        result=np.array([0.012, -0.02, 0, 0], np.float32),
    )
    ends = ["▲ 1.20%", "down came true, ▼ 2.00%", "still open", "interrupted by a jump or a gap"]
    for bar, end in enumerate(ends):
        said = read_out(series, bar, market.universe(), buys)
        assert said.endswith(end)
        assert f"buy 4{bar + 1}%: " in said
    assert "buy" not in read_out(series, 5, market.universe(), buys)
