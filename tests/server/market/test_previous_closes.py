import datetime

import numpy as np
import pytest

from models.data.features.price_volume import PRICE_VOLUME
from models.data.rules import rules_for
from models.data.windows import Windows
from server.market.previous_closes import PreviousCloses
from shared.markets import MARKETS

NEW_YORK = datetime.timezone(datetime.timedelta(hours=-5))


class Played:
    """Bars of one ticker, as the state takes them."""

    def __init__(self, market: str, interval_s: int) -> None:
        rules = rules_for(MARKETS[market], interval_s, 0.31)
        self.windows = Windows(1, rules, PRICE_VOLUME)
        self.closes = PreviousCloses(1, rules)

    def play(self, day: int, time: str, close: float, *, closed: bool = True) -> float:
        """The close of the session before, after a bar of January 2024."""
        hour, minute = map(int, time.split(":"))
        at = datetime.datetime(2024, 1, day, hour, minute, tzinfo=NEW_YORK)
        ms = np.array([round(at.timestamp() * 1000)])
        bars = self.windows.push(
            np.array([0]), ms, np.array([[close, close, close, close, 1.0]]), closed=closed
        )
        if bars.corrects.any():
            self.closes.correct(bars)
            bars = self.windows.newest(bars.rows)
        return float(self.closes.take(bars, closed=closed)[0])


def test_it_is_the_regular_close_of_the_session_before() -> None:
    us = Played("us", 300)
    assert us.play(4, "15:55", 99.0) == 0.0
    assert us.play(4, "16:00", 100.0) == 0.0
    assert us.play(4, "18:00", 104.0) == 0.0  # after hours
    # A forming bar before the opening is of the new day already.
    assert us.play(5, "08:00", 103.0, closed=False) == 100.0
    assert us.play(5, "09:35", 102.0) == 100.0
    assert us.play(5, "16:00", 101.0) == 100.0
    # Over a weekend, and where a split lies between the two closes.
    assert us.play(8, "09:35", 50.0) == 0.0
    assert us.play(8, "16:00", 51.0) == 0.0
    assert us.play(9, "09:35", 52.0) == 51.0


def test_a_close_that_is_corrected_is_the_corrected_one() -> None:
    us = Played("us", 300)
    us.play(4, "15:55", 99.0)
    us.play(4, "16:00", 100.0)
    assert us.play(5, "09:35", 102.0) == 100.0
    assert us.play(4, "16:00", 98.0) == 98.0
    assert us.play(5, "09:40", 103.0) == 98.0


@pytest.mark.parametrize(("market", "interval_s"), [("crypto", 300), ("krx", 86_400)])
def test_what_never_closes_turns_at_midnight_and_a_day_is_a_session(
    market: str, interval_s: int
) -> None:
    played = Played(market, interval_s)
    assert played.play(4, "19:00", 100.0) == 0.0  # midnight UTC
    assert played.play(5, "19:00", 103.0) == 100.0
    assert played.play(6, "19:00", 104.0) == 103.0


def test_bars_taken_at_once_leave_what_they_leave_one_by_one() -> None:
    rules, random = rules_for(MARKETS["us"], 300, 0.31), np.random.default_rng(2)
    first = datetime.datetime(2024, 1, 3, 9, 0, tzinfo=NEW_YORK)
    ms = round(first.timestamp() * 1000) + 300_000 * np.arange(1, 1_200)  # over four nights
    ms = ms[((ms // 300_000) % 288 < 252) & (random.random(len(ms)) < 0.7)]  # evenings included
    close = 100 + random.normal(size=len(ms)).cumsum() * 0.1
    close[len(ms) // 2 :] /= 2
    ohlcv = np.stack([close] * 4 + [np.ones(len(ms))], axis=1)
    row = np.zeros(1, np.int64)
    for cut in (1, 40, 200, len(ms) - 1):
        one, many = Windows(1, rules, PRICE_VOLUME), Windows(1, rules, PRICE_VOLUME)
        wanted, found = PreviousCloses(1, rules), PreviousCloses(1, rules)
        for part in (slice(0, cut), slice(cut, len(ms))):
            _, verdict = many.fill(row, ms[None, part], ohlcv[None, part])
            found.fill(row, ms[None, part], verdict)
            for time, bar in zip(ms[part], ohlcv[part], strict=True):
                wanted.take(one.push(row, time[None], bar[None]), closed=True)
            for name, array in wanted.saved().items():
                assert np.array_equal(found.saved()[name], array), (cut, part, name)
