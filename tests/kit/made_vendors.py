"""Sources of vendors on loopback, in an event loop whose time leaps."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any, Final, TypeVar

from server.feeds.kis.settings import KisSettings
from server.feeds.kis.source import KisSource
from server.feeds.live.source import LiveEvent, LiveSource
from server.feeds.toss.settings import TossSettings
from server.feeds.toss.source import TossSource
from tests.kit.kis_exchange import KisExchange
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.loopback import on_loopback
from tests.kit.toss_exchange import TossExchange
from tests.kit.traded_days import Bars, MadeTrades

SYMBOLS: Final = ("005930", "000660", "0101N0")

ROWS: Final = {symbol: row for row, symbol in enumerate(SYMBOLS)}

NO_LIMITS: Final[Mapping[str, int]] = {}

T = TypeVar("T")


def play(begin_ms: int, work: Callable[[LeapingLoop], Coroutine[Any, Any, T]]) -> T:
    """Return what comes of work that begins at a moment, ms since 1970 UTC; its time leaps."""
    loop = LeapingLoop(begin_ms)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(work(loop))


@contextlib.asynccontextmanager
async def made_toss(
    loop: LeapingLoop,
    trades: MadeTrades,
    symbols: tuple[str, ...] = SYMBOLS,
    off_ms: int = 0,
    limits: Mapping[str, int] = NO_LIMITS,
    **settings: Any,
) -> AsyncIterator[tuple[TossExchange, TossSource]]:
    """Give the vendor on loopback and a source that speaks to it, whose clock may be off.

    Args:
        loop: Whose time is the vendor's.
        trades: What is traded.
        symbols: Of what.
        off_ms: What the source's clock shows more.
        limits: Questions a second, by group, where they are other than usual.
        settings: Of the source.
    """
    vendor = TossExchange(symbols=symbols, trades=trades, now_ms=loop.now_ms, limits=limits)
    async with on_loopback(vendor) as (http, socket):
        there = TossSettings(address=http, socket=socket, **{"tokens": "off"} | settings)
        source = TossSource(there, lambda: loop.now_ms() + off_ms)
        source.client.limiters["charts"].told(most=limits.get("MARKET_DATA_CHART"))
        try:
            yield vendor, source
        finally:
            await source.close()


@contextlib.asynccontextmanager
async def made_kis(
    loop: LeapingLoop,
    trades: MadeTrades,
    symbols: tuple[str, ...] = SYMBOLS,
    off_ms: int = 0,
    **settings: Any,
) -> AsyncIterator[tuple[KisExchange, KisSource]]:
    """Give the vendor on loopback and a source that speaks to it, as `made_toss` does."""
    vendor = KisExchange(symbols=symbols, trades=trades, now_ms=loop.now_ms)
    async with on_loopback(vendor) as (http, socket):
        there = KisSettings(address=http, socket=socket, **{"tokens": "off"} | settings)
        source = KisSource(there, lambda: loop.now_ms() + off_ms)
        try:
            yield vendor, source
        finally:
            await source.close()


async def all_pages(source: LiveSource, symbol: str, from_ms: int, to_ms: int) -> Bars:
    """Return all bars of a ticker that closed within (`from_ms`, `to_ms`], page by page."""
    bars: Bars = {}
    while to_ms > from_ms:
        page = await source.page(symbol, from_ms, to_ms)
        assert page.from_ms < to_ms
        times = page.bar_ms.tolist()
        assert times == sorted(set(times))
        assert not set(times) & bars.keys()
        bars.update(zip(times, map(tuple, page.ohlcv.tolist()), strict=True))
        to_ms = page.from_ms
    return bars


async def listen(source: LiveSource, seconds: float) -> list[LiveEvent]:
    """Return what a source tells of `ROWS` within some time, s; what it raises is raised."""
    events: list[LiveEvent] = []
    live = source.live(ROWS)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for event in live:
                events += [event]
    return events


def between(bars: Bars, begin_ms: int, end_ms: int) -> Bars:
    """Return the bars that end within (`begin_ms`, `end_ms`]."""
    return {ms: bar for ms, bar in bars.items() if begin_ms < ms <= end_ms}
