import numpy as np
import pytest

from server.feeds.forming.grid import BarGrid, trading_of
from server.feeds.live.merging import page_of
from shared.markets import MARKETS
from tests.kit.traded_days import DAY, MINUTE_MS, seoul_ms

OPEN = seoul_ms(DAY, "09:00")


@pytest.fixture(scope="module")
def grid() -> BarGrid:
    return BarGrid(300, trading_of(MARKETS["krx"], 300, extended=False))


def test_minutes_make_whole_bars_alone(grid: BarGrid) -> None:
    close_ms = OPEN + MINUTE_MS * np.array([3, 4, 5, 6, 8, 10, 11])
    price = np.array([3.0, 9, 5, 6, 8, 10, 11])
    ohlcv = np.column_stack([price, price + 1, price - 1, price, np.full(7, 2.0)])
    reached = OPEN + 2 * MINUTE_MS  # minutes before are on the next page
    page = page_of(grid, close_ms, ohlcv, reached, (OPEN - 1, OPEN + 11 * MINUTE_MS))
    assert page.bar_ms.tolist() == [OPEN + 10 * MINUTE_MS]  # the first may lack, the last runs
    assert page.ohlcv.tolist() == [[6, 11, 5, 10, 6]]
    assert page.from_ms == OPEN + 5 * MINUTE_MS


def test_what_lies_outside_of_the_session_makes_no_bar_and_the_auction_one_of_its_own(
    grid: BarGrid,
) -> None:
    end = seoul_ms(DAY, "15:30")
    close_ms = np.array([OPEN - MINUTE_MS, end + MINUTE_MS, seoul_ms(DAY, "15:41")])
    page = page_of(grid, close_ms, np.ones((3, 5)), 0, (0, end + 3_600_000))
    assert page.bar_ms.tolist() == [end + 5 * MINUTE_MS]
    assert page.from_ms == 0
