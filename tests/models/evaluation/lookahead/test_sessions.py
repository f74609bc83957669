import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.data.table import BarTable
from models.evaluation.lookahead.sessions import check_sessions
from shared.markets import MARKETS

NEW_YORK = ZoneInfo("America/New_York")


def table(closes: list[datetime.datetime], interval: str, market: str = "us") -> BarTable:
    bar_ms = [round(close.timestamp() * 1000) for close in closes]
    return BarTable(
        symbols=("AAA",),
        row=np.zeros(len(closes), np.int32),
        bar_ms=np.array(bar_ms, np.int64),
        ohlcv=np.ones((len(closes), 5)),
        interval=interval,
        market=MARKETS[market],
        repaired={},
    )


def sessions(shift_minutes: int, days: int = 5) -> list[datetime.datetime]:
    """Five-minute closes from 9:35 to 16:00 of a few days around the change of the clock."""
    return [
        datetime.datetime(2026, 3, 5, 9, 35, tzinfo=NEW_YORK)
        + datetime.timedelta(days=day, minutes=5 * bar + shift_minutes)
        for day in range(days)
        for bar in range(78)
    ]


def test_closes_that_end_with_the_session_are_closes() -> None:
    (check,) = check_sessions(table(sessions(0), "5m"))
    assert (check.part, check.name, check.leaks) == ("bar times", "session", False)
    assert (check.compared, check.difference) == (5, 0)


def test_opens_that_were_taken_for_closes_are_found() -> None:
    (check,) = check_sessions(table(sessions(-5), "5m"))
    assert check.leaks
    assert check.difference == 5


def test_a_day_that_ends_early_is_no_leak() -> None:
    closes = sessions(0)
    del closes[-1]  # the last bar is missing
    (check,) = check_sessions(table(closes, "5m"))
    assert (check.leaks, check.difference) == (False, 1)


@pytest.mark.parametrize(("hour", "leaks"), [(16, False), (0, True), (9, True)])
def test_a_daily_bar_is_complete_when_the_session_ends(hour: int, leaks: bool) -> None:
    days = [datetime.datetime(2026, 3, day, hour, tzinfo=NEW_YORK) for day in range(2, 7)]
    (check,) = check_sessions(table(days, "1d"))
    assert check.leaks == leaks


def test_the_clock_tells_nothing_of_a_market_that_never_rests() -> None:
    assert check_sessions(table(sessions(-5), "5m", "crypto")) == []
