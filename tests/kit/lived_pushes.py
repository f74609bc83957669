"""Lives of `push`, into which a program of one's own sends; it sends its history to each."""

from collections.abc import Callable, Iterable
from typing import Final
from unittest import mock

import msgspec
import numpy as np

from server.feeds.push.feed import PushFeed
from server.feeds.push.settings import PushSettings
from tests.kit.lives import Life, LivedDays
from tests.kit.made_vendors import SYMBOLS
from tests.kit.scripted_socket import ScriptedSocket
from tests.kit.traded_days import MINUTE_MS, MadeTrades, traded_in_session

_AWAY_MS: Final = 3 * MINUTE_MS

Frame = tuple[int, bytes]
Accident = Callable[["Sender", list[Frame], int], list[Frame]]


class Sender:
    """A program that knows what is traded, and sends it trade by trade.

    Args:
        trades: What is traded.
    """

    def __init__(self, trades: MadeTrades) -> None:
        self._trades = trades

    def frames(self, life: Life) -> list[Frame]:
        """Return what it sends to a life: its history first, then each trade as it is known."""
        trades, begin_ms, end_ms = self._trades, life.begin_ms, life.end_ms
        found = self.beginning(begin_ms)
        mine = np.flatnonzero((trades.known_ms > begin_ms) & (trades.known_ms < end_ms))
        found += [self._sent(int(trades.known_ms[n]), [int(n)]) for n in mine]
        ends = np.unique(trades.ms // MINUTE_MS * MINUTE_MS + MINUTE_MS)
        found += [self._sent(int(end) + 400, []) for end in ends if begin_ms < end < end_ms - 400]
        return sorted([*found, self._sent(end_ms, [])], key=lambda frame: frame[0])

    def beginning(self, at_ms: int) -> list[Frame]:
        """Return what it says as it begins: who there is, their bars, and the minute that runs."""
        minute_ms = at_ms // MINUTE_MS * MINUTE_MS
        past = self._trades.take(self._trades.known_ms < minute_ms)
        bars = [
            (row, end, *bar)
            for row in range(len(SYMBOLS))
            for end, bar in traded_in_session(past, row).items()
            if end <= minute_ms
        ]
        names = ("of", "close_ms", "open", "high", "low", "close", "volume")
        columns = dict(zip(names, map(list, zip(*bars, strict=True)), strict=True)) if bars else {}
        running = (self._trades.ms >= minute_ms) & (self._trades.known_ms <= at_ms)
        frames = [_say(at_ms, type="listing", symbols=SYMBOLS)]
        if bars:
            frames += [_say(at_ms, type="bars", symbols=SYMBOLS, history=True, **columns)]
        return [*frames, self._sent(at_ms, np.flatnonzero(running).tolist(), minute_ms)]

    def _sent(self, at_ms: int, where: list[int], since_ms: int = 0) -> Frame:
        trades = self._trades
        return _say(
            at_ms,
            type="trades",
            symbols=SYMBOLS,
            of=trades.row[where].tolist(),
            ms=trades.ms[where].tolist(),
            price=trades.price[where].tolist(),
            volume=trades.volume[where].tolist(),
            id=where,
            since_ms=since_ms,
            until_ms=at_ms if not since_ms else 0,
        )


def live_pushed(
    lived: LivedDays, life: Life, sender: Sender, accidents: Iterable[tuple[int, Accident]]
) -> None:
    """Hear a program, to which accidents happen at their times, ms since 1970 UTC."""
    frames = sender.frames(life)
    for at_ms, accident in accidents:
        if life.begin_ms < at_ms < life.end_ms - _AWAY_MS:
            frames = accident(sender, frames, at_ms)
    socket = ScriptedSocket(frames, lambda: feed.stop(), life.begin_ms)
    with mock.patch("server.feeds.push.feed.PullSocket", return_value=socket):
        feed = PushFeed("tcp://127.0.0.1:*", PushSettings(market="krx"), lambda: socket.now_ms)
    lived.live(feed, lambda: socket.now_ms)
    feed.close()


def _say(at_ms: int, **fields: object) -> Frame:
    return at_ms, msgspec.msgpack.encode({"version": 1, **fields})


def _is_within(frame: Frame, at_ms: int) -> bool:
    return at_ms <= frame[0] < at_ms + _AWAY_MS


def _nonsense(_: Sender, frames: list[Frame], at_ms: int) -> list[Frame]:
    return [*frames, (at_ms, b"\xc1nonsense"), (at_ms, msgspec.msgpack.encode({"type": "bars"}))]


def _twice(_: Sender, frames: list[Frame], at_ms: int) -> list[Frame]:
    return [f for frame in frames for f in [frame] * (1 + _is_within(frame, at_ms))]


def _held_back(_: Sender, frames: list[Frame], at_ms: int) -> list[Frame]:
    # What it would have sent within some minutes comes behind them, all at once.
    return [
        (at_ms + _AWAY_MS if _is_within(frame, at_ms) else frame[0], frame[1]) for frame in frames
    ]


def _begun_again(sender: Sender, frames: list[Frame], at_ms: int) -> list[Frame]:
    return [*frames, *sender.beginning(at_ms)]


PUSH_ACCIDENTS: Final[tuple[Accident, ...]] = (_held_back, _nonsense, _twice, _begun_again)
