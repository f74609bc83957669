"""A source of live bars that a test scripts: its truth, and what goes wrong with it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping

import numpy as np

from server.feeds.live.faults import SourceError
from server.feeds.live.limiter import RateLimiter
from server.feeds.live.source import (
    Alive,
    HistoryPage,
    LiveBars,
    LiveEvent,
    SourceTraits,
    UniverseTicker,
)
from shared.contract import Float64, Int64
from shared.errors import SettingsError
from shared.markets import MARKETS
from tests.kit.leaping_loop import LeapingLoop

MINUTE_MS = 60_000
TRAITS = SourceTraits(
    name="made",
    intervals=("1m",),
    depth="as far as asked",
    stamp="open",
    daily_bar="midnight to midnight UTC",
    adjusted=True,
    limits=("20 pages a second",),
    closed_by="clock",
    grace_s=2,
    settles_s=10,
    tells="bars",
    silent_s=30,
    terms="none",
)


class MadeSource:
    """One-minute bars of a market that never closes: each ticker has one each minute, but for some.

    Attributes:
        traits: May be exchanged.
        asked: The tickers of all pages, as they were asked for.
        listened: How often `live` was asked for.
        faults: Raised one after the other by the next questions for pages.
        down: While it is set, nothing is answered and the stream is cut.
        dumb: While it is set, the stream says nothing.
        scale: What all prices are multiplied by, as a split does.
        ahead_ms: What the exchange's clock shows more than this machine's.
        broken: Of these tickers pages are nonsense.
        contract: What the stream counts as one, in shares, by ticker.
        late: Bars that the stream tells of wrongly, by ticker and close: the page has the truth.
    """

    market = MARKETS["crypto"]

    def __init__(self, loop: LeapingLoop, symbols: tuple[str, ...]) -> None:
        self.traits = TRAITS
        self.limiters = {"pages": RateLimiter(20)}
        self.symbols = symbols
        self.asked: list[str] = []
        self.listened = 0
        self.faults: list[SourceError] = []
        self.down = asyncio.Event()
        self.dumb = False
        self.scale = 1.0
        self.ahead_ms = 0
        self.broken: set[str] = set()
        self.contract: dict[str, float] = {}
        self.late: set[tuple[str, int]] = set()
        self.opened = self.closed = 0
        self._loop = loop

    async def open(self) -> None:
        self.opened += 1
        if self.down.is_set():
            raise SourceError("unreachable", "made")

    async def close(self) -> None:
        self.closed += 1

    async def universe(self, name: str) -> tuple[UniverseTicker, ...]:
        if name != "all":
            raise SettingsError(f"made knows the list all, was {name!r}")
        return tuple(UniverseTicker(symbol=s) for s in self.symbols)

    async def server_ms(self) -> int:
        return self._loop.now_ms() + self.ahead_ms

    def bars(self, symbol: str, from_ms: int, to_ms: int) -> tuple[Int64, Float64]:
        """Return the truth: bars that closed within (`from_ms`, `to_ms`]."""
        first, last = from_ms // MINUTE_MS + 1, to_ms // MINUTE_MS
        minute = np.arange(first, last + 1)
        seed = sum(symbol.encode())
        minute = minute[(minute + seed) % 7 != 0]  # no trade, no bar
        close = 1_000 + seed + 20 * np.sin(minute / 9) + (minute % 5)
        spread = np.stack([close - 1, close + 2, close - 3, close], axis=1) * self.scale
        return minute * MINUTE_MS, np.column_stack([spread, 10.0 + minute % 13])

    async def page(self, symbol: str, from_ms: int, to_ms: int) -> HistoryPage:
        await self.limiters["pages"].take()
        await asyncio.sleep(0.05)
        self.asked.append(symbol)
        if self.faults:
            raise self.faults.pop(0)
        if self.down.is_set():
            raise SourceError("unreachable", "made")
        if symbol in self.broken:
            raise SourceError("nonsense", "made", symbol)
        first = max(from_ms, to_ms - 100 * MINUTE_MS)
        bar_ms, ohlcv = self.bars(symbol, first, to_ms)
        return HistoryPage(bar_ms=bar_ms, ohlcv=ohlcv, from_ms=first)

    async def live(self, rows: Mapping[str, int]) -> AsyncGenerator[LiveEvent, None]:
        self.listened += 1
        yield Alive()
        while True:
            await asyncio.sleep(7)
            if self.down.is_set():
                raise SourceError("cut", "made")
            if not self.dumb:
                for symbol, row in rows.items():
                    if (bars := self._now(symbol, row)) is not None:
                        yield bars

    def _now(self, symbol: str, row: int) -> LiveBars | None:
        # The running bar as it stands: its range grows to what it will be.
        now_ms = self._loop.now_ms()
        close_ms = now_ms // MINUTE_MS * MINUTE_MS + MINUTE_MS
        bar_ms, ohlcv = self.bars(symbol, close_ms - 1, close_ms)
        if not len(bar_ms):
            return None
        if now_ms < close_ms - 10_000 or (symbol, close_ms) in self.late:
            ohlcv[:, 3] -= 1
            ohlcv[:, 4] -= 1
        ohlcv[:, 4] /= self.contract.get(symbol, 1.0)
        return LiveBars(rows=np.array([row]), bar_ms=bar_ms, ohlcv=ohlcv)
