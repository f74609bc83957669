"""Lives at vendors on loopback: each with its own connection, on the files of those before."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, Final

from server.feeds.ccxt.settings import CcxtSettings
from server.feeds.ccxt.source import CcxtSource
from server.feeds.live.cache import BarCache
from server.feeds.live.clock import LiveClock
from server.feeds.live.feed import LiveFeed
from server.feeds.live.settings import LiveSettings
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.lives import Home, Life, LivedDays
from tests.kit.made_vendors import SYMBOLS, made_toss
from tests.kit.toss_answers import BROKEN, CUT, PAGE, PAGE_OK, TOO_MANY
from tests.kit.toss_exchange import TossExchange
from tests.kit.traded_days import MINUTE_MS, MadeTrades
from tests.kit.upbit_stand_in import UpbitStandIn

COINS: Final = ("BTC/KRW", "ETH/KRW")
_AWAY_S: Final = 180.0  # how long a source says nothing, or says all twice
_CANDLES: Final = "/api/v1/candles"
_PRICES: Final = "/api/v1/prices"

Fault = Callable[[Any], Coroutine[Any, Any, None]]


def live_at_toss(
    lived: LivedDays,
    life: Life,
    home: Home,
    trades: MadeTrades,
    faults: Iterable[tuple[int, Fault]],
) -> TossExchange:
    """Live at Toss, whose faults come at their times, ms since 1970 UTC."""
    loop, stack = LeapingLoop(life.begin_ms), contextlib.AsyncExitStack()
    universe = home.bars / "mine.csv"
    universe.write_text("symbol,name\n" + "".join(f"{s},{s}\n" for s in SYMBOLS), "utf-8")
    live = LiveSettings(universe=str(universe), cache=str(home.bars), history=400)
    made = made_toss(loop, trades, sweep=15)
    vendor, source = loop.run_until_complete(stack.enter_async_context(made))
    feed = LiveFeed(source, live, LiveClock(now_ms=loop.now_ms, new_loop=lambda: loop))
    _live(lived, life, home, loop, feed, vendor, faults)
    loop.run_until_complete(stack.aclose())
    feed.close()
    return vendor


def live_at_upbit(
    lived: LivedDays, life: Life, home: Home, faults: Iterable[tuple[int, Fault]]
) -> UpbitStandIn:
    """Live at Upbit through ccxt, as `live_at_toss` does; bars of five minutes."""
    loop = LeapingLoop(life.begin_ms)
    vendor = UpbitStandIn(loop, codes=("KRW-BTC", "KRW-ETH"))
    loop.run_until_complete(vendor.begin())
    settings = CcxtSettings(
        universe="krw-top-2",
        interval="5m",
        history=60,
        cache=str(home.bars),
        rest_url=vendor.url,
        websocket_url=vendor.url.replace("http", "ws"),
    )
    clock = LiveClock(now_ms=loop.now_ms, new_loop=lambda: loop)
    feed = LiveFeed(CcxtSource("upbit", settings), settings, clock)
    _live(lived, life, home, loop, feed, vendor, faults)
    loop.run_until_complete(vendor.end())
    feed.close()
    return vendor


def kept_bars(home: Home, symbols: Sequence[str]) -> list[tuple[int, int, tuple[float, ...]]]:
    """Return row, close and values of all bars on disk, as a start reads them."""
    (known,) = home.bars.rglob("known.json")
    batch = BarCache(known.parent).read({s: row for row, s in enumerate(symbols)}, 0)
    columns = (batch.rows.tolist(), batch.bar_ms.tolist(), map(tuple, batch.ohlcv.tolist()))
    return list(zip(*columns, strict=True))


def _live(
    lived: LivedDays,
    life: Life,
    home: Home,
    loop: LeapingLoop,
    feed: LiveFeed,
    vendor: object,
    faults: Iterable[tuple[int, Fault]],
) -> None:
    tasks = set[asyncio.Task[None]]()

    def begin(fault: Fault) -> None:
        tasks.add(loop.create_task(fault(vendor)))

    def end() -> None:
        if life.killed:
            home.kill()
        feed.stop()

    for at_ms, fault in faults:
        if life.begin_ms < at_ms < life.end_ms:
            loop.call_later((at_ms - life.begin_ms) / 1_000, begin, fault)
    loop.call_later((life.end_ms - loop.now_ms()) / 1_000, end)
    lived.live(feed, loop.now_ms)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks))


# What goes wrong, in the order in which it does.


async def _refused(vendor: TossExchange) -> None:
    for path in (_CANDLES, _PRICES):
        vendor.faults.setdefault(path, []).extend([TOO_MANY])


async def _broken(vendor: TossExchange) -> None:
    for path in (_CANDLES, _PRICES):
        vendor.faults.setdefault(path, []).extend([BROKEN, PAGE, PAGE_OK, CUT])


async def _revoked(vendor: TossExchange) -> None:
    vendor.revoke()
    await vendor.drop_sockets()


async def _gone(vendor: TossExchange) -> None:
    now_ms = vendor.now_ms()
    vendor.gone = (now_ms, now_ms + 3 * MINUTE_MS)


async def _silent(vendor: TossExchange) -> None:
    vendor.silent = True
    await asyncio.sleep(_AWAY_S)
    vendor.silent = False


async def _doubled(vendor: TossExchange) -> None:
    vendor.change = lambda frames: [frame for frame in frames for _ in range(2)][::-1]
    await asyncio.sleep(_AWAY_S)
    vendor.change = list


async def _cut(vendor: UpbitStandIn) -> None:
    await vendor.cut()


async def _limited(vendor: UpbitStandIn) -> None:
    vendor.answers.append((429, {"Retry-After": "3"}, "Too many API requests."))


async def _upset(vendor: UpbitStandIn) -> None:
    page = {"Content-Type": "text/html"}
    vendor.answers.extend([(500, {}, "oops"), (200, page, "<html>maintenance</html>")])
    await vendor.cut()


async def _dumb(vendor: UpbitStandIn) -> None:
    vendor.dumb = True
    await asyncio.sleep(_AWAY_S)
    vendor.dumb = False


async def _twice(vendor: UpbitStandIn) -> None:
    vendor.twice = True
    await asyncio.sleep(_AWAY_S)
    vendor.twice = False


TOSS_FAULTS: Final[tuple[Fault, ...]] = (_gone, _broken, _revoked, _silent, _doubled, _refused)
UPBIT_FAULTS: Final[tuple[Fault, ...]] = (_cut, _limited, _dumb, _upset, _twice)
