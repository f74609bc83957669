import datetime as dt

import pytest

from server.feeds.forming.grid import trading_of
from server.feeds.live.opening import until_open
from shared.markets import MARKETS
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.made_vendors import play
from tests.kit.traded_days import DAY, seoul_ms

SATURDAY = dt.date(2026, 11, 28)


@pytest.mark.parametrize(
    ("now_ms", "is_open", "slept_s"),
    [
        (seoul_ms(DAY, "08:58:50"), False, 10),
        (seoul_ms(DAY, "08:59"), True, 0),
        (seoul_ms(DAY, "12:00"), True, 0),
        (seoul_ms(DAY, "15:34"), True, 0),  # the auction, and what is told late
        (seoul_ms(DAY, "15:36"), False, 30),
        (seoul_ms(SATURDAY, "12:00"), False, 30),
    ],
)
def test_a_closed_market_is_waited_for_in_naps(now_ms: int, is_open: bool, slept_s: int) -> None:
    trading = trading_of(MARKETS["krx"], 60, extended=False)
    assert trading is not None

    async def work(loop: LeapingLoop) -> tuple[bool, float]:
        return await until_open(trading, now_ms), loop.time()

    assert play(now_ms, work) == (is_open, slept_s)
