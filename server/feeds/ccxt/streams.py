"""What the websockets of ccxt tell, as events of a source.

ccxt wakes whoever waits for a ticker, and whoever does not wait at that moment is not woken: what
came stands in its caches all the same, so these are read whenever anything wakes, and now and then.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import Final

import ccxt.pro
import numpy as np

from server.feeds.forming.trades import TradeBatch
from server.feeds.live.source import Alive, LiveBars, LiveEvent
from shared.contract import interval_seconds

_LOOK_S: Final = 1.0  # between two looks at what came without waking anybody
_FIRST_S: Final = 5.0  # an exchange that says nothing for so long has taken the subscription
_BACK: Final = 3  # bars back that a stream still changes


async def trade_events(
    exchange: ccxt.pro.Exchange, rows: Mapping[str, int], factors: Mapping[str, float]
) -> AsyncGenerator[LiveEvent, None]:
    """Yield the trades of tickers.

    Args:
        exchange: With its markets loaded.
        rows: The row of each ticker.
        factors: What the volume of each is multiplied by.
    """
    symbols, is_first = list(rows), True
    # What a stream of before told is not told again.
    seen: dict[str, object] = {s: list(cache)[-1] for s, cache in exchange.trades.items() if cache}
    waiting: asyncio.Future[object] | None = None
    try:
        while True:
            if waiting is None:
                waiting = asyncio.ensure_future(exchange.watch_trades_for_symbols(symbols))
            done, _ = await asyncio.wait({waiting}, timeout=_FIRST_S if is_first else _LOOK_S)
            if done:
                waiting.result()
                waiting = None
            if is_first:
                is_first = False
                yield Alive()
            new = [
                (s, t) for s in symbols for t in _new_trades(exchange.trades.get(s, ()), seen, s)
            ]
            if new:
                yield _batch(new, rows, factors)
            elif done:
                yield Alive()
    finally:
        await _dropped(waiting)


def _new_trades(
    cache: Iterable[Mapping[str, object]], seen: dict[str, object], symbol: str
) -> list[Mapping[str, object]]:
    # From the newest back to the one that was taken last.
    found: list[Mapping[str, object]] = []
    last = seen.get(symbol)
    for trade in reversed(list(cache)):
        if trade is last:
            break
        found.append(trade)
    if found:
        seen[symbol] = found[0]
    return found[::-1]


def _batch(
    trades: list[tuple[str, Mapping[str, object]]],
    rows: Mapping[str, int],
    factors: Mapping[str, float],
) -> TradeBatch:
    return TradeBatch(
        rows=np.array([rows[s] for s, _ in trades], np.int64),
        ms=np.array([_traded_ms(t) for _, t in trades], np.int64),
        price=np.array([t["price"] for _, t in trades], np.float64),
        volume=np.array([t["amount"] for _, t in trades], np.float64)
        * np.array([factors[s] for s, _ in trades]),
        ids=np.array([_id(t) for _, t in trades], np.int64),
    )


def _traded_ms(trade: Mapping[str, object]) -> object:
    # Of Upbit's frames ccxt takes the time at which they were sent: a trade of the last moment of a
    # minute would belong to the next one.
    info = trade.get("info")
    told = info.get("trade_timestamp") if isinstance(info, dict) else None
    return told or trade["timestamp"]


def _id(trade: Mapping[str, object]) -> int:
    told = str(trade.get("id") or (trade["timestamp"], trade["price"], trade["amount"]))
    if told.isdecimal() and len(told) < 19:
        return int(told)
    digest = hashlib.blake2b(told.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


async def bar_events(
    exchange: ccxt.pro.Exchange,
    interval: str,
    rows: Mapping[str, int],
    factors: Mapping[str, float],
) -> AsyncGenerator[LiveEvent, None]:
    """Yield the bars of tickers as they stand, also earlier ones that changed.

    Args:
        exchange: With its markets loaded.
        interval: Length of a bar.
        rows: The row of each ticker.
        factors: What the volume of each is multiplied by.
    """
    length_ms = 1_000 * interval_seconds(interval)
    seen: dict[tuple[str, int], list[float]] = {}
    waiting: set[asyncio.Future[object]] = set()
    is_first = True
    try:
        while True:
            if len(waiting) == 0 or not is_first:
                waiting = waiting | _watches(exchange, interval, list(rows), waiting)
            done, waiting = await asyncio.wait(
                waiting,
                timeout=_FIRST_S if is_first else _LOOK_S,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for future in done:
                future.result()
            if is_first:
                is_first = False
                yield Alive()
            changed = _changed(exchange, interval, rows, seen)
            for close_ms in sorted({open_ms + length_ms for _, open_ms in changed}):
                bars = {s: bar for (s, o), bar in changed.items() if o + length_ms == close_ms}
                ohlcv = np.array([bar[1:6] for bar in bars.values()], np.float64)
                ohlcv[:, 4] *= np.array([factors[s] for s in bars])
                yield LiveBars(
                    rows=np.array([rows[s] for s in bars], np.int64),
                    bar_ms=np.full(len(bars), close_ms, np.int64),
                    ohlcv=ohlcv,
                )
            if done and not changed:
                yield Alive()
    finally:
        for future in waiting:
            await _dropped(future)


def _watches(
    exchange: ccxt.pro.Exchange,
    interval: str,
    symbols: list[str],
    waiting: set["asyncio.Future[object]"],
) -> set["asyncio.Future[object]"]:
    # One question for all tickers where ccxt has one, else one for each that has none under way.
    if exchange.has.get("watchOHLCVForSymbols"):
        if waiting:
            return set()
        wanted = [[symbol, interval] for symbol in symbols]
        return {asyncio.ensure_future(exchange.watch_ohlcv_for_symbols(wanted))}
    under_way = {future.get_name() for future in waiting if isinstance(future, asyncio.Task)}
    return {
        asyncio.create_task(_watched(exchange, symbol, interval), name=symbol)
        for symbol in symbols
        if symbol not in under_way
    }


async def _watched(exchange: ccxt.pro.Exchange, symbol: str, interval: str) -> object:
    return await exchange.watch_ohlcv(symbol, interval)


def _changed(
    exchange: ccxt.pro.Exchange,
    interval: str,
    rows: Mapping[str, int],
    seen: dict[tuple[str, int], list[float]],
) -> dict[tuple[str, int], list[float]]:
    # What a watch returns is the newest bar alone; an earlier one that changed stands in the cache.
    changed: dict[tuple[str, int], list[float]] = {}
    for symbol in rows:
        for bar in list(exchange.ohlcvs.get(symbol, {}).get(interval, ()))[-_BACK:]:
            key = symbol, int(bar[0])
            if None not in bar[:6] and seen.get(key) != bar[:6]:
                changed[key] = seen[key] = list(bar[:6])
    if len(seen) > 4 * _BACK * len(rows):
        oldest = sorted({open_ms for _, open_ms in seen})[-_BACK:][0]
        for key in [key for key in seen if key[1] < oldest]:
            del seen[key]
    return changed


async def _dropped(future: "asyncio.Future[object] | None") -> None:
    if future is None:
        return
    future.cancel()
    await asyncio.wait({future})
    if not future.cancelled():
        future.exception()  # it was told already, or came too late for anybody
