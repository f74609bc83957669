"""Any exchange that ccxt knows: history over REST, bars or trades over its websocket.

Of an exchange whose websocket has bars of the length asked for, these are taken; of one that has
trades alone, as Upbit, bars are made of them. Either way pages have the last word.
"""

import email.utils
import math
from collections.abc import AsyncGenerator, Mapping
from typing import Final

import ccxt.pro
import numpy as np

from server.feeds.ccxt.errors import refuse_no_json, told
from server.feeds.ccxt.settings import CcxtSettings
from server.feeds.ccxt.streams import bar_events, trade_events
from server.feeds.ccxt.volumes import volume_factor
from server.feeds.live.limiter import RateLimiter
from server.feeds.live.source import (
    Alive,
    HistoryPage,
    LiveEvent,
    SourceTraits,
    Tells,
    UniverseTicker,
)
from shared.contract import Float64, Int64, interval_seconds
from shared.errors import SettingsError
from shared.markets import MARKETS

# Of which the requests for candles have a limit of their own, in their documents: Upbit 10 a second
# and address (https://docs.upbit.com/kr/reference/rate-limits).
_PER_SECOND: Final = {"upbit": 10.0}
# Whose websocket has bars of one second alone.
_TRADES_ONLY: Final = frozenset(("upbit",))
# After which REST has a bar whole: Upbit's lack trades for up to a minute.
_SETTLES_S: Final = {"upbit": 65.0}
_USUAL_PAGE: Final = 100  # bars, where ccxt does not say how many an answer has
_LISTS: Final = "QUOTE-top-N by turnover, or QUOTE-all, such as krw-top-100"


class CcxtSource:
    """One exchange.

    Args:
        exchange: As ccxt calls it, such as upbit.
        settings: Of the feed.

    Raises:
        SettingsError: ccxt knows no such exchange, or it has no bars of that length.
    """

    market = MARKETS["crypto"]

    def __init__(self, exchange: str, settings: CcxtSettings) -> None:
        if exchange not in ccxt.pro.exchanges:
            raise SettingsError(
                f"ccxt knows no exchange {exchange!r} with a websocket; it knows "
                f"{', '.join(ccxt.pro.exchanges[:5])} and {len(ccxt.pro.exchanges) - 5} more"
            )
        self._id, self._settings = exchange, settings
        self._exchange = self._made()
        if settings.interval not in self._exchange.timeframes:
            known = ", ".join(self._exchange.timeframes)
            raise SettingsError(f"{exchange} has bars of {known}, was {settings.interval}")
        self._length_ms = 1_000 * interval_seconds(settings.interval)
        per_second = settings.per_second or _PER_SECOND.get(
            exchange, 500 / max(self._exchange.rateLimit, 1)
        )
        most = max(math.floor(per_second), 1)
        self.limiters = {"candles": RateLimiter(most, max(most / per_second, 1.0))}
        self.traits = self._traits(most)

    async def open(self) -> None:
        """Load the exchange's list of markets; a stream of before is dropped."""
        await self._exchange.close_ws_clients()
        await self.limiters["candles"].take()
        with told(self._name, self._exchange.last_response_headers):
            await self._exchange.load_markets(reload=True)

    async def close(self) -> None:
        """Drop the connection."""
        await self._exchange.close()

    async def universe(self, name: str) -> tuple[UniverseTicker, ...]:
        """Return a list such as krw-top-100 or usdt-all: spot markets by the money that they turn.

        Raises:
            SettingsError: It is no such list, or the exchange has no such quote currency.
            SourceError: The exchange does not tell.
        """
        quote, _, which = name.upper().partition("-")
        head, _, count = which.partition("-")
        if which != "ALL" and not (head == "TOP" and count.isdigit() and int(count) > 0):
            raise SettingsError(f"ccxt knows the lists {_LISTS}, was {name!r}")
        markets = {
            symbol: market
            for symbol, market in self._exchange.markets.items()
            if market["quote"] == quote and market.get("spot") and market.get("active") is not False
        }
        if not markets:
            raise SettingsError(f"{self._id} has no spot market in {quote}")
        if which == "ALL":
            return tuple(_ticker(s, m) for s, m in markets.items())
        await self.limiters["candles"].take()
        with told(self._name, self._exchange.last_response_headers):
            tickers = await self._exchange.fetch_tickers()
        turnover = {s: float(tickers.get(s, {}).get("quoteVolume") or 0) for s in markets}
        most = sorted(turnover, key=lambda s: (-turnover[s], s))[: int(count)]
        return tuple(_ticker(s, markets[s]) for s in most)

    async def page(self, symbol: str, from_ms: int, to_ms: int) -> HistoryPage:
        """Return bars that closed within (`from_ms`, `to_ms`].

        Raises:
            SourceError: The exchange does not answer as it should.
        """
        first_ms = max(from_ms, to_ms - self._page_bars * self._length_ms)
        count = -(-(to_ms - first_ms) // self._length_ms)
        await self.limiters["candles"].take()
        with told(self._name, self._exchange.last_response_headers):
            rows = await self._exchange.fetch_ohlcv(
                symbol, self._settings.interval, since=first_ms, limit=count
            )
            self._follow_limit()
            bar_ms, ohlcv = bars_of(rows, self._length_ms)
        ohlcv[:, 4] *= volume_factor(self._id, self._exchange.markets[symbol])
        inside = (bar_ms > first_ms) & (bar_ms <= to_ms)
        return HistoryPage(bar_ms=bar_ms[inside], ohlcv=ohlcv[inside], from_ms=first_ms)

    async def live(self, rows: Mapping[str, int]) -> AsyncGenerator[LiveEvent, None]:
        """Yield what the websocket tells."""
        if self.traits.tells == "pages":
            yield Alive()
            await _for_ever()
        factors = {
            s: volume_factor(self._id, self._exchange.markets[s])
            for s in rows
            if s in self._exchange.markets
        }
        known = {s: row for s, row in rows.items() if s in factors}
        events = (
            bar_events(self._exchange, self._settings.interval, known, factors)
            if self.traits.tells == "bars"
            else trade_events(self._exchange, known, factors)
        )
        try:
            with told(self._name):
                async for event in events:
                    yield event
        finally:
            await events.aclose()
            await self._exchange.close_ws_clients()

    async def server_ms(self) -> int | None:
        """Return the time of the newest answer, by its heading; to the second."""
        headers = self._exchange.last_response_headers or {}
        date = email.utils.parsedate_to_datetime(headers["Date"]) if "Date" in headers else None
        return None if date is None else round(date.timestamp() * 1_000) + 500

    @property
    def _name(self) -> str:
        return f"ccxt:{self._id}"

    @property
    def _page_bars(self) -> int:
        spot = (self._exchange.features or {}).get("spot") or {}
        return int((spot.get("fetchOHLCV") or {}).get("limit") or _USUAL_PAGE)

    def _made(self) -> ccxt.pro.Exchange:
        exchange: ccxt.pro.Exchange = getattr(ccxt.pro, self._id)(
            {"enableRateLimit": False, "newUpdates": True}
        )
        exchange.timeout_on_exit = 0
        refuse_no_json(exchange)
        exchange.urls["api"] = self._moved(exchange.urls["api"])
        return exchange

    def _moved(self, url: object) -> object:
        # Another scheme and host, the same path; of all addresses, some of which stand deeper.
        if isinstance(url, dict):
            return {name: self._moved(one) for name, one in url.items()}
        if not isinstance(url, str):
            return url
        is_stream = url.startswith("ws")
        base = self._settings.websocket_url if is_stream else self._settings.rest_url
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        return f"{base.rstrip('/')}{slash}{path}" if base and host else f"{scheme}://{rest}"

    def _follow_limit(self) -> None:
        headers = self._exchange.last_response_headers or {}
        for part in headers.get("Remaining-Req", "").split(";"):
            name, _, value = part.strip().partition("=")
            if name == "sec" and value.isdigit():
                self.limiters["candles"].told(left=int(value))

    def _traits(self, most: int) -> SourceTraits:
        return SourceTraits(
            name=self._name,
            intervals=tuple(self._exchange.timeframes),
            depth="as far as the exchange goes back",
            stamp="open",
            daily_bar="24 hours from the exchange's own hour, mostly 00:00 UTC; final at their end",
            adjusted=False,
            limits=(f"{most} requests a second for candles, history and confirmation together",),
            closed_by="clock",
            grace_s=2.0,
            settles_s=_SETTLES_S.get(self._id, 10.0),
            tells=self._tells(),
            silent_s=60.0,
            terms="those of the exchange; ccxt itself is MIT",
        )

    def _tells(self) -> Tells:
        has = self._exchange.has
        if has.get("watchOHLCV") and self._id not in _TRADES_ONLY:
            return "bars"
        return "trades" if has.get("watchTradesForSymbols") else "pages"


def bars_of(rows: object, length_ms: int) -> tuple[Int64, Float64]:
    """Return closes, (n,) int64 ms, and bars, (n, 5) float64, of what ccxt calls OHLCV.

    Rows with nothing in a field are left out; of two of one time the last one counts.

    Args:
        rows: Lists of the time of the open in ms, open, high, low, close and volume.
        length_ms: Length of a bar.

    Raises:
        TypeError: They are no such lists.
    """
    if not isinstance(rows, list):
        raise TypeError(f"bars are a list, were {type(rows).__name__}")
    table = np.array([row[:6] for row in rows if row and None not in row[:6]], np.float64)
    table = table.reshape(-1, 6)
    opens, newest = np.unique(table[::-1, 0], return_index=True)
    return opens.astype(np.int64) + length_ms, table[::-1][newest, 1:].copy()


async def _for_ever() -> None:
    import asyncio

    await asyncio.Event().wait()


def _ticker(symbol: str, market: Mapping[str, object]) -> UniverseTicker:
    info = market.get("info")
    told_of = info if isinstance(info, dict) else {}
    return UniverseTicker(
        symbol=symbol,
        name=str(told_of.get("korean_name") or told_of.get("english_name") or symbol),
        name_en=str(told_of.get("english_name") or ""),
        segment=str(market.get("quote") or ""),
    )
