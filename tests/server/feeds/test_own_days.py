"""The scripted day of both venues from programs of one's own: what is told is what was traded."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pytest

from server.feeds.base import BarBatch, FeedReport, ListingChange
from server.feeds.live.clock import LiveClock
from server.feeds.push.feed import PushFeed
from server.feeds.push.settings import PushSettings
from server.feeds.watch.feed import WatchFeed
from server.feeds.watch.settings import WatchSettings
from tests.kit.made_vendors import SYMBOLS, between
from tests.kit.played_day import PlayedDay
from tests.kit.scripted_socket import ScriptedSocket
from tests.kit.traded_days import (
    DAY,
    GONE,
    LATE_TRADE,
    MINUTE_MS,
    NEXT_DAY,
    Bars,
    MadeTrades,
    seoul_ms,
)

SPAN: Final = (seoul_ms(DAY, "08:10"), seoul_ms(NEXT_DAY, "09:06:30"))
LATE: Final = seoul_ms(DAY, LATE_TRADE[0]) // MINUTE_MS * MINUTE_MS + MINUTE_MS
Step = tuple[int, Callable[[], object]]


class OwnProgram:
    """A program of one's own with a clock that leaps: what it does, and when.

    Attributes:
        now_ms: What time it is, ms since 1970 UTC.
    """

    def __init__(self, steps: list[Step]) -> None:
        self.now_ms = SPAN[0]
        self._steps = sorted(steps, key=lambda step: step[0])

    def wait(self, wait_s: float) -> None:
        """Wait so many seconds, or until it did something."""
        next_ms = self._steps[0][0] if self._steps else SPAN[1]
        self.now_ms = max(self.now_ms, min(self.now_ms + round(1_000 * wait_s), next_ms))
        while self._steps and self._steps[0][0] <= self.now_ms:
            self._steps.pop(0)[1]()


def in_time(ms: int) -> int:
    """When a source that is gone for three minutes tells what it knew at `ms`."""
    return GONE[1] if GONE[0] <= ms < GONE[1] else ms


def truth(trades: MadeTrades, row: int) -> Bars:
    whole = trades.minutes(row)
    wanted = between(whole, seoul_ms(DAY, "09:00"), seoul_ms(DAY, "15:31"))
    return wanted | between(whole, seoul_ms(NEXT_DAY, "09:00"), SPAN[1])


def hold(day: PlayedDay, trades: MadeTrades, symbols: tuple[str, ...], *corrected: int) -> None:
    """Check that what was told is what was traded, and which bars were corrected."""
    assert (day.early, day.twice) == ([], [])
    assert day.forming > 20
    for row, symbol in enumerate(symbols):
        assert day.of(row, SPAN[1]) == truth(trades, SYMBOLS.index(symbol))
    assert {ms for _, ms in day.corrected} == set(corrected)


def rows_of(trades: MadeTrades, end_ms: int, now_ms: int) -> str:
    """The rows of one minute, as far as its trades are known at a moment."""
    mine = (trades.ms < end_ms) & (trades.ms >= end_ms - MINUTE_MS) & (trades.known_ms <= now_ms)
    known = trades.take(mine)
    return "".join(
        f"{symbol},{np.datetime64(end, 'ms')}Z,{','.join(map(str, bar))}\n"
        for row, symbol in enumerate(SYMBOLS)
        for end, bar in known.minutes(row).items()
    )


@pytest.mark.slow
def test_a_day_of_a_file_that_grows_is_told_as_it_was_written(
    trades: MadeTrades, tmp_path: Path
) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("symbol,time,open,high,low,close,volume\n", "utf-8")
    ends = np.unique(trades.ms // MINUTE_MS * MINUTE_MS + MINUTE_MS).tolist()

    def write(end: int, now: int) -> Step:
        def add() -> None:
            with path.open("a", encoding="utf-8") as file:
                file.write(rows_of(trades, end, now))

        return in_time(now) + 300, add

    # The running bar once, the bar as it ended, and once more the one of which a trade came late.
    when = sorted([(end - 20_000, end) for end in ends] + [(end, end) for end in ends])
    when.append((LATE + 50_000, LATE))
    steps = [write(end, now) for now, end in when]
    for at_ms, add in steps:
        if at_ms <= SPAN[0]:
            add()
    steps.append((SPAN[1], lambda: feed.stop()))
    program = OwnProgram([step for step in steps if step[0] > SPAN[0]])
    settings = WatchSettings(market="krx", stamp="close", look=3_600, interval="1m")
    feed = WatchFeed(path, settings, LiveClock(now_ms=lambda: program.now_ms), program.wait)
    day, symbols = PlayedDay(), feed.listing.symbols
    for event in feed.events():
        if isinstance(event, BarBatch):
            day.take(event, program.now_ms)
        elif isinstance(event, ListingChange):
            symbols += tuple(ticker.symbol for ticker in event.added)
        elif isinstance(event, FeedReport):
            day.sentences.add(event.sentence)
    # The bar that ended as the program went away was closed by the clock, as it was known.
    hold(day, trades, symbols, LATE, GONE[0])
    assert not any("stands several times" in sentence for sentence in day.sentences)


def frames_of(trades: MadeTrades) -> list[tuple[int, bytes]]:
    """What a program sends of a day: each trade as it knows it, and how far it is."""

    def say(at_ms: int, **fields: object) -> tuple[int, bytes]:
        return at_ms, msgspec.msgpack.encode({"version": 1, **fields})

    def sent(
        at_ms: int, where: list[int], since_ms: int = 0, until_ms: int = 0
    ) -> tuple[int, bytes]:
        return say(
            in_time(at_ms),
            type="trades",
            symbols=SYMBOLS,
            of=trades.row[where].tolist(),
            ms=trades.ms[where].tolist(),
            price=trades.price[where].tolist(),
            volume=trades.volume[where].tolist(),
            since_ms=since_ms,
            until_ms=until_ms,
        )

    frames = [say(SPAN[0], type="listing", symbols=SYMBOLS), sent(SPAN[0] + 1, [], SPAN[0])]
    frames += [
        sent(int(ms), [n], 0, int(ms)) for n, ms in enumerate(trades.known_ms) if ms > SPAN[0]
    ]
    ends = np.unique(trades.ms // MINUTE_MS * MINUTE_MS + MINUTE_MS)
    frames += [sent(int(end) + 400, [], 0, int(end)) for end in ends if end > SPAN[0]]
    return [*frames, sent(SPAN[1], [], 0, SPAN[1])]


@pytest.mark.slow
def test_a_day_of_trades_that_are_pushed_is_told_as_it_was_traded(
    trades: MadeTrades, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = ScriptedSocket(frames_of(trades), lambda: feed.stop(), SPAN[0])
    monkeypatch.setattr("server.feeds.push.feed.PullSocket", lambda *_: socket)
    feed = PushFeed("tcp://127.0.0.1:*", PushSettings(market="krx"), lambda: socket.now_ms)
    day, refused = PlayedDay(), set[str]()
    for event in feed.events():
        if isinstance(event, BarBatch):
            day.take(event, socket.now_ms)
        elif isinstance(event, FeedReport):
            refused |= set(event.reasons)
    hold(day, trades, SYMBOLS, LATE)
    assert refused == {"outside_session"}
