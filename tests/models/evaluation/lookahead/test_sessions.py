import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.data.table import BarTable
from models.evaluation.lookahead.checks import LookaheadCheck
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


def sessions(shift_minutes: int) -> list[datetime.datetime]:
    """Five-minute closes from 9:35 to 16:00 of five sessions around the change of the clock."""
    return [
        datetime.datetime(2026, 3, day, 9, 35, tzinfo=NEW_YORK)
        + datetime.timedelta(minutes=5 * bar + shift_minutes)
        for day in (5, 6, 9, 10, 11)
        for bar in range(78)
    ]


def found(bars: BarTable, name: str = "session") -> LookaheadCheck:
    return next(check for check in check_sessions(bars) if check.name == name)


def test_closes_that_end_with_the_session_are_closes() -> None:
    check = found(table(sessions(0), "5m"))
    assert (check.part, check.name, check.leaks) == ("bar times", "session", False)
    assert (check.compared, check.difference) == (5, 0)


def test_opens_that_were_taken_for_closes_are_found() -> None:
    check = found(table(sessions(-5), "5m"))
    assert check.leaks
    assert check.difference == 5


def test_a_day_that_ends_early_is_no_leak() -> None:
    closes = sessions(0)
    del closes[-1]  # the last bar is missing
    check = found(table(closes, "5m"))
    assert (check.leaks, check.difference) == (False, 1)


@pytest.mark.parametrize(("hour", "leaks"), [(16, False), (0, True), (9, True)])
def test_a_daily_bar_is_complete_when_the_session_ends(hour: int, leaks: bool) -> None:
    days = [datetime.datetime(2026, 3, day, hour, tzinfo=NEW_YORK) for day in range(2, 7)]
    check = found(table(days, "1d"))
    assert check.leaks == leaks


def test_the_clock_tells_nothing_of_a_market_that_never_rests() -> None:
    assert check_sessions(table(sessions(-5), "5m", "crypto")) == []


@pytest.mark.parametrize(("shift", "leaks"), [(0, False), (-1, True), (1, True)])
def test_days_that_are_shifted_are_found(shift: int, leaks: bool) -> None:
    first = datetime.datetime(2026, 3, 2, 16, tzinfo=NEW_YORK)
    weekdays = [
        first + datetime.timedelta(days=7 * week + day) for week in range(4) for day in range(5)
    ]
    moved = [day + datetime.timedelta(days=shift) for day in weekdays]
    assert found(table(moved, "1d"), "calendar").leaks == leaks


@pytest.mark.parametrize(("hours", "leaks"), [(0, False), (-5, True), (9, True)])
def test_a_zone_that_was_lost_is_found(hours: int, leaks: bool) -> None:
    assert found(table(sessions(60 * hours), "5m"), "calendar").leaks == leaks


def test_a_half_day_closes_early() -> None:
    days = [datetime.datetime(2024, 11, 29, hour, tzinfo=NEW_YORK) for hour in (13,)]
    assert not found(table(days, "1d")).leaks
