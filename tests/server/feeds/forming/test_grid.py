import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.data.calendars.markets import market_named
from server.feeds.forming.grid import OUTSIDE, Auction, BarGrid, trading_of
from shared.errors import SettingsError
from shared.markets import Market


def grid_of(
    market: str, interval_s: int, *, extended: bool = False, auction: Auction = "own"
) -> tuple[Market, BarGrid]:
    place = market_named(market)
    return place, BarGrid(interval_s, trading_of(place, interval_s, extended=extended), auction)


def bar_at(place: Market, grid: BarGrid, local: str) -> str:
    """Return begin, close and end of what belongs to the bar of a local time, as local times."""
    zone = ZoneInfo(place.timezone)
    ms = int(datetime.datetime.fromisoformat(local).replace(tzinfo=zone).timestamp() * 1000)
    number = grid.number(np.array([ms]))
    if number[0] == OUTSIDE:
        return "none"
    times = (grid.begin_ms(number), grid.close_ms(number), grid.over_ms(number))
    return " ".join(
        f"{datetime.datetime.fromtimestamp(int(t[0]) / 1000, zone):%H:%M:%S}" for t in times
    )


def closing_at(place: Market, grid: BarGrid, clocks: tuple[str, ...]) -> tuple[bool, ...]:
    """Return whether a bar closes at each time of a day."""
    zone = ZoneInfo(place.timezone)
    times = [
        datetime.datetime.fromisoformat(f"2026-11-27T{c}").replace(tzinfo=zone) for c in clocks
    ]
    return tuple(grid.is_close(np.array([int(t.timestamp() * 1000) for t in times])).tolist())


def test_a_trade_on_the_minute_belongs_to_the_one_that_begins() -> None:
    krx = grid_of("krx", 60)
    assert bar_at(*krx, "2026-11-27T09:00:00") == "09:00:00 09:01:00 09:01:00"
    assert bar_at(*krx, "2026-11-27T09:00:59.999") == "09:00:00 09:01:00 09:01:00"
    assert bar_at(*krx, "2026-11-27T09:01:00") == "09:01:00 09:02:00 09:02:00"
    assert bar_at(*krx, "2026-11-27T08:59:59.999") == "none"
    assert bar_at(*krx, "2026-11-28T10:00:00") == "none"  # a Saturday
    # Exams: the session is an hour later.
    assert bar_at(*krx, "2026-11-19T09:30:00") == "none"
    assert bar_at(*krx, "2026-11-19T16:29:00") == "16:29:00 16:30:00 16:30:00"
    assert bar_at(*grid_of("crypto", 300), "2026-11-28T00:00:00") == "00:00:00 00:05:00 00:05:00"


def test_the_print_of_an_auction_belongs_where_the_source_says() -> None:
    own, last = grid_of("krx", 60), grid_of("krx", 60, auction="last")
    assert bar_at(*own, "2026-11-27T15:30:00") == "15:30:00 15:31:00 15:31:00"
    assert bar_at(*own, "2026-11-27T15:31:00") == "none"
    assert bar_at(*last, "2026-11-27T15:30:29") == "15:29:00 15:30:00 15:31:00"
    assert bar_at(*last, "2026-11-27T15:31:00") == "none"
    ten = grid_of("krx", 10)
    assert bar_at(*ten, "2026-11-27T15:30:29") == "15:30:20 15:30:30 15:30:30"
    assert bar_at(*ten, "2026-11-27T15:30:59") == "15:30:50 15:31:00 15:31:00"
    # A longer bar of its own closes when nothing is traded any more.
    five, hour = grid_of("krx", 300), grid_of("krx", 3600, extended=True)
    assert closing_at(*five, ("15:30", "15:35", "15:36", "09:00")) == (True, True, False, False)
    assert closing_at(*hour, ("15:30", "16:00", "15:45", "16:30")) == (True, True, False, True)
    # Lunch has no auction, and currencies have none at all.
    assert bar_at(*grid_of("XTKS", 60), "2026-11-27T11:30:00") == "none"
    forex = grid_of("24/5", 3600)
    assert bar_at(*forex, "2026-11-24T17:00:00") == "17:00:00 18:00:00 18:00:00"


def test_no_bar_spans_a_session_or_its_break() -> None:
    hours = grid_of("krx", 3600, extended=True)
    assert bar_at(*hours, "2026-11-27T15:29:59") == "15:00:00 15:30:00 15:30:00"
    assert bar_at(*hours, "2026-11-27T15:30:20") == "15:30:00 16:00:00 16:00:00"
    assert bar_at(*hours, "2026-11-27T15:45:00") == "none"
    assert bar_at(*hours, "2026-11-27T16:00:00") == "16:00:00 17:00:00 17:00:00"
    assert bar_at(*hours, "2026-11-27T20:00:00") == "none"
    tokyo = grid_of("XTKS", 3600)
    assert bar_at(*tokyo, "2026-11-27T11:15:00") == "11:00:00 11:30:00 11:30:00"
    assert bar_at(*tokyo, "2026-11-27T12:30:00") == "12:30:00 13:30:00 13:30:00"


def test_a_bar_of_a_day_is_the_session_and_not_the_date() -> None:
    regular, evening = grid_of("krx", 86_400), grid_of("krx", 86_400, extended=True)
    assert bar_at(*regular, "2026-11-27T15:30:10") == "09:00:00 15:30:00 15:31:00"
    assert bar_at(*regular, "2026-11-27T16:30:00") == "none"
    assert bar_at(*evening, "2026-11-27T16:30:00") == "09:00:00 20:00:00 20:00:00"
    assert bar_at(*grid_of("XTKS", 86_400), "2026-11-27T12:30:00").startswith("09:00:00")
    assert bar_at(*grid_of("crypto", 86_400), "2026-11-27T15:00:00") == "00:00:00 00:00:00 00:00:00"
    with pytest.raises(SettingsError, match="up to a day"):
        BarGrid(7 * 86_400, None)


@pytest.mark.parametrize(("market", "interval_s"), [("krx", 3600), ("XTKS", 7), ("crypto", 60)])
def test_bars_follow_each_other_by_their_numbers(market: str, interval_s: int) -> None:
    _, grid = grid_of(market, interval_s, extended=True)
    begin = datetime.datetime(2026, 11, 17, tzinfo=datetime.UTC)
    first = grid.newest_over(int(begin.timestamp() * 1000))
    number = np.arange(first, first + 5_000)
    begins, closes, over = grid.begin_ms(number), grid.close_ms(number), grid.over_ms(number)
    assert (begins < closes).all()
    assert (closes <= over).all()
    assert (over[:-1] <= begins[1:]).all()
    assert (grid.number(begins) == number).all()
    last = grid.number(closes - 1)
    assert ((last == number) | (last == OUTSIDE)).all()  # long after an auction nothing counts
    for one in range(0, 5_000, 97):
        assert grid.newest_over(int(over[one])) == number[one]
        assert grid.newest_over(int(over[one]) - 1) == number[one] - 1
