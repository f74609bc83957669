"""A scripted day of both venues through each Korean source: what is told is the vendor's truth."""

import contextlib
import datetime as dt
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from server.feeds.base import BarBatch, FeedReport
from server.feeds.live.clock import LiveClock
from server.feeds.live.feed import LiveFeed
from server.feeds.live.settings import LiveSettings
from tests.kit.kis_exchange import KisExchange
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.made_vendors import SYMBOLS, between, made_kis, made_toss
from tests.kit.played_day import PlayedDay
from tests.kit.traded_days import (
    DAY,
    GONE,
    LATE_TRADE,
    MINUTE_MS,
    NEXT_DAY,
    MadeTrades,
    crowd,
    seoul_ms,
)

pytestmark = pytest.mark.usefixtures("vendor_keys")

# The feed is started anew for each part, and has what the parts before left on disk.
PARTS = [
    (seoul_ms(day, begin), seoul_ms(day, end))
    for day, begin, end in (
        (DAY, "08:58", "09:08:30"),
        (DAY, "09:58:10", "10:07"),
        (DAY, "11:02", "11:11"),
        (DAY, "12:57", "13:07"),
        (DAY, "15:16", "15:34"),
        (NEXT_DAY, "08:59", "09:05:30"),
    )
]
MakeVendor = Callable[..., contextlib.AbstractAsyncContextManager[tuple[Any, Any]]]


def play_part(
    make: MakeVendor,
    span: tuple[int, int],
    trades: MadeTrades,
    folder: Path,
    symbols: tuple[str, ...] = SYMBOLS,
    watched: tuple[int, ...] = (),
    off_ms: int = 0,
) -> tuple[PlayedDay, Any]:
    """Play a part of the day; somebody looks at some rows, and this machine's clock may be off."""
    loop, stack, day = LeapingLoop(span[0]), contextlib.AsyncExitStack(), PlayedDay()
    universe = folder / "mine.csv"
    universe.write_text("symbol,name\n" + "".join(f"{s},{s}\n" for s in symbols), "utf-8")
    live = LiveSettings(universe=str(universe), cache=str(folder / "bars"), history=30)
    vendor, source = loop.run_until_complete(
        stack.enter_async_context(make(loop, trades, symbols, off_ms))
    )
    vendor.gone = GONE
    feed = LiveFeed(
        source, live, LiveClock(now_ms=lambda: loop.now_ms() + off_ms, new_loop=lambda: loop)
    )
    feed.attend(np.array(watched, np.int64))
    loop.call_later((span[1] - span[0]) / 1_000, feed.stop)
    for event in feed.events():
        match event:
            case BarBatch():
                day.take(event, loop.now_ms())
            case FeedReport():
                day.sentences.add(event.sentence)
    loop.run_until_complete(stack.aclose())
    feed.close()
    return day, vendor


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "venues"), [(functools.partial(made_toss, sweep=15), "both"), (made_kis, "krx")]
)
def test_a_day_is_told_once_as_the_vendor_has_it_whatever_happens(
    trades: MadeTrades, tmp_path: Path, make: MakeVendor, venues: str
) -> None:
    truth = trades if venues == "both" else trades.take(trades.krx)
    corrected, sentences = set(), set()
    for begin, end in PARTS:
        day, vendor = play_part(make, (begin, end), trades, tmp_path)
        until = end // MINUTE_MS * MINUTE_MS - MINUTE_MS
        for row in range(len(SYMBOLS)):
            whole = truth.minutes(row)
            wanted = between(whole, seoul_ms(DAY, "09:00"), seoul_ms(DAY, "15:31"))
            wanted |= between(whole, seoul_ms(NEXT_DAY, "09:00"), until)
            found = day.of(row, until)
            assert found == {ms: bar for ms, bar in wanted.items() if min(found) <= ms <= until}
        assert (day.early, day.twice) == ([], [])
        assert day.forming > 5
        assert (vendor.refused, vendor.tokens) == (0, 1)
        corrected |= {ms for _, ms in day.corrected}
        sentences |= day.sentences
    assert len(day.of(0, until)) > 30
    late = seoul_ms(DAY, LATE_TRADE[0]) // MINUTE_MS * MINUTE_MS + MINUTE_MS
    assert corrected == {late}
    assert any("trouble" in s for s in sentences)


@pytest.mark.slow
def test_a_crowd_is_within_limits_and_whoever_is_watched_is_confirmed_first(
    tmp_path: Path,
) -> None:
    # As 3,000 with 20 candles a second: more of them trade in a minute than can be asked about.
    symbols, a_second = tuple(f"{n:06d}" for n in range(80)), 1
    begin, opens = seoul_ms(DAY, "08:58"), seoul_ms(DAY, "09:00")
    trades = crowd(80, opens, opens + 2 * MINUTE_MS, every_s=15)
    limits = {"MARKET_DATA_CHART": a_second}
    make = functools.partial(made_toss, limits=limits, connections=0, sweep=3)
    watched = (7, 70)
    span = (begin, opens + 5 * MINUTE_MS)
    day, vendor = play_part(make, span, trades, tmp_path, symbols, watched)
    assert (vendor.refused, day.early, day.twice) == (0, [], [])
    for row in range(80):
        assert day.of(row, span[1]) == trades.minutes(row)
    waits = {key: at - key[1] for key, at in day.at_ms.items()}
    first = [wait for (row, _), wait in waits.items() if row in watched]
    assert max(first) < 20_000
    assert max(waits.values()) > MINUTE_MS  # the others waited longer, and were counted meanwhile
    assert any("not confirmed yet" in s for s in day.sentences)


@pytest.mark.parametrize("off_min", [-4, 4])
@pytest.mark.parametrize("make", [functools.partial(made_toss, sweep=15), made_kis])
def test_a_clock_that_is_minutes_off_closes_no_bar_early_and_misses_none(
    trades: MadeTrades, tmp_path: Path, make: MakeVendor, off_min: int
) -> None:
    opens = seoul_ms(DAY, "09:00")
    span = (opens - 30_000, opens + 5 * MINUTE_MS)
    day, vendor = play_part(make, span, trades, tmp_path, off_ms=off_min * MINUTE_MS)
    truth = trades.take(trades.krx) if isinstance(vendor, KisExchange) else trades
    until = span[1] - MINUTE_MS
    for row in range(len(SYMBOLS)):
        assert day.of(row, until) == between(truth.minutes(row), opens, until)
    assert (day.early, day.twice) == ([], [])
    waits = {at - key[1] for key, at in day.at_ms.items()}
    assert max(waits) < 10_000


@pytest.mark.parametrize("make", [made_toss, made_kis])
def test_a_day_that_the_vendors_calendar_has_otherwise_is_told(
    trades: MadeTrades, tmp_path: Path, make: MakeVendor
) -> None:
    # The stand-ins know of no Christmas.
    begin = seoul_ms(dt.date(2026, 12, 24), "16:00")
    day, _ = play_part(make, (begin, begin + MINUTE_MS), trades, tmp_path)
    assert any("2026-12-25 is open, our calendar says closed" in s for s in day.sentences)
