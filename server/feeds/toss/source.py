"""Toss Securities as a source: prices of a whole exchange form bars, candles confirm them.

Nobody can subscribe to 3,000 tickers. `prices` tells the last trade of 200 tickers a question,
15 times a second, without a volume; `candles` tells closed bars of one ticker, 20 times a second.
So a bar forms from prices, and from the trades of those that the websocket has; it counts once
its candle was fetched, of those first that somebody looks at.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from models.data.calendars.zone_clocks import DAY_MS
from models.data.times import to_ms
from server.feeds.forming.grid import BarGrid
from server.feeds.live.clock import WALL
from server.feeds.live.http import http_client
from server.feeds.live.limiter import RateLimiter
from server.feeds.live.merging import page_of
from server.feeds.live.opening import hours_of, until_open
from server.feeds.live.secrets import vendor_key
from server.feeds.live.source import HistoryPage, LiveEvent, SourceTraits, UniverseTicker
from server.feeds.live.vendor_calendar import VendorDay
from server.feeds.toss.answers import MOST_CANDLES, MOST_SYMBOLS, TossCandlePage, TossDay
from server.feeds.toss.bars import day_bars, minute_bars
from server.feeds.toss.client import NAME, TossClient
from server.feeds.toss.days import TossDays, day_closes
from server.feeds.toss.live import TossPrices, sockets_for
from server.feeds.toss.settings import TossSettings
from shared.contract import Float64, interval_seconds
from shared.errors import SettingsError
from shared.markets import MARKETS, Market

_MINUTE_MS: Final = 60_000
_SETTLE_MS: Final = 3_000  # from the end of a minute until its candle is asked for
_DAYS_SETTLE_MS: Final = 300_000  # from 20:00
LISTS: Final = {"kospi": ("KOSPI",), "kosdaq": ("KOSDAQ",), "krx": ("KOSPI", "KOSDAQ")}

TRAITS: Final = SourceTraits(
    name=NAME,
    intervals=("1m", "3m", "5m", "10m", "15m", "30m", "1h", "1d"),
    depth="days since the listing; the vendor says of minutes only that there are pages",
    stamp="close",
    daily_bar="Korea Exchange and Nextrade together, from 08:00 to 20:00; final from 20:05",
    adjusted=True,
    limits=(
        "15 questions for 200 prices a second",
        "20 questions for 200 bars a second",
        "2 websockets an account, 100 tickers each",
    ),
    closed_by="page",
    grace_s=1.0,
    settles_s=_SETTLE_MS / 1_000,
    tells="trades",
    terms="for one's own trading with an account of one's own; the data may not be passed on",
)


class TossSource:
    """Korean shares of both venues; a `server.feeds.live.source.Source`.

    Attributes:
        traits: What it declares.
        market: The Korea Exchange.
        settings: As they were given.
        client: Which asks the vendor.

    Args:
        settings: The `[feed.toss]` table.
        now_ms: The time, ms since 1970 UTC.

    Raises:
        SettingsError: The interval is none that it has.
        SourceError: A key is missing.
    """

    market: Market = MARKETS["krx"]

    def __init__(self, settings: TossSettings, now_ms: Callable[[], int] = WALL.now_ms) -> None:
        if settings.interval not in TRAITS.intervals:
            known = ", ".join(TRAITS.intervals)
            raise SettingsError(f"toss has bars of {known}, was interval {settings.interval}")
        self._days = settings.interval == "1d"
        if self._days and settings.session != "extended":
            raise SettingsError(
                "days of toss run to 20:00 and hold both venues, which bars of the regular session "
                "do not: say session = extended, with a model that was trained on such days"
            )
        self.traits = replace(
            TRAITS,
            settles_s=(_DAYS_SETTLE_MS if self._days else _SETTLE_MS) / 1_000,
            tells="bars" if self._days else "trades",
        )
        self.settings = settings
        self._http = http_client(settings.address)
        keys = (vendor_key(NAME, "client_id"), vendor_key(NAME, "client_secret"))
        self.client = TossClient(self._http, *keys, now_ms, settings.tokens)
        interval_s = interval_seconds(settings.interval)
        extended = settings.session == "extended"
        self._trading, self._sessions = hours_of(self.market, interval_s, extended=extended)
        self._grid = BarGrid(interval_s, self._trading)

    @property
    def limiters(self) -> Mapping[str, RateLimiter]:
        """Its limiters by what is asked for."""
        return self.client.limiters

    async def open(self) -> None:
        """Have a token.

        Raises:
            SourceError: None is given.
        """
        await self.client.token()

    async def close(self) -> None:
        """Let go of all connections."""
        await self._http.aclose()

    async def universe(self, name: str) -> tuple[UniverseTicker, ...]:
        """Return all shares of `kospi`, `kosdaq` or both (`krx`), with their names.

        Raises:
            SettingsError: It knows no such list.
            SourceError: Whatever went wrong.
        """
        if name not in LISTS:
            raise SettingsError(f"toss knows the lists {', '.join(LISTS)}, was {name!r}")
        listed = [t for market in LISTS[name] for t in await self.client.listed(market)]
        symbols = [ticker.symbol for ticker in listed]
        parts = [symbols[n : n + MOST_SYMBOLS] for n in range(0, len(symbols), MOST_SYMBOLS)]
        stocks = {s.symbol: s for part in parts for s in await self.client.stocks(part)}
        return tuple(
            UniverseTicker(
                symbol=stock.symbol,
                name=stock.name,
                name_en=stock.english_name,
                segment=stock.market,
            )
            for symbol in symbols
            if (stock := stocks.get(symbol)) is not None and stock.status == "ACTIVE"
        )

    async def page(self, symbol: str, from_ms: int, to_ms: int) -> HistoryPage:
        """Return the newest bars that closed within (`from_ms`, `to_ms`], as one answer holds them.

        Raises:
            SourceError: Whatever went wrong.
        """
        return await (self._page_of_days if self._days else self._page_of_minutes)(
            symbol, from_ms, to_ms
        )

    def live(self, rows: Mapping[str, int]) -> AsyncGenerator[LiveEvent, None]:
        """Yield last prices and trades, or the candles of running days."""
        if self._days:
            return TossDays(
                rows, self._newest_day, self.client.time.now_ms, self._until_open
            ).events()
        sockets = sockets_for(self.settings.socket, rows, self.settings.connections)
        sweep_s = self.settings.sweep
        return TossPrices(self.client, rows, sockets, sweep_s, self._until_open).events()

    async def server_ms(self) -> int | None:
        """Return what time it is at the vendor by its answers, ms since 1970 UTC."""
        return self.client.time.told_ms

    async def calendar(self) -> tuple[VendorDay, ...]:
        """Return the day, the session before and the one after, as the vendor has them.

        Raises:
            SourceError: Whatever went wrong.
        """
        told = await self.client.calendar()
        return tuple(
            _vendor_day(day)
            for day in (told.previous_business_day, told.today, told.next_business_day)
        )

    async def _until_open(self) -> bool:
        return await until_open(self._trading, self.client.time.now_ms())

    async def _newest_day(self, symbol: str) -> tuple[int, Float64]:
        page = await self.client.candles(symbol, "1d", 1)
        stamps, ohlcv = day_bars(page.candles)
        if len(stamps) == 0:
            return 0, np.zeros(5)
        return int(day_closes(stamps, self._sessions)[-1]), ohlcv[-1]

    async def _page_of_minutes(self, symbol: str, from_ms: int, to_ms: int) -> HistoryPage:
        count = min(max((to_ms - from_ms) // _MINUTE_MS + 1, 1), MOST_CANDLES)
        page = await self.client.candles(symbol, "1m", count, to_ms)
        close_ms, ohlcv = minute_bars(page.candles)
        return page_of(self._grid, close_ms, ohlcv, _reached(page, _MINUTE_MS), (from_ms, to_ms))

    async def _page_of_days(self, symbol: str, from_ms: int, to_ms: int) -> HistoryPage:
        count = min(max((to_ms - from_ms) // DAY_MS + 2, 1), MOST_CANDLES)
        page = await self.client.candles(symbol, "1d", count, to_ms)
        stamps, ohlcv = day_bars(page.candles)
        close_ms = day_closes(stamps, self._sessions)
        chosen = (close_ms > from_ms) & (close_ms <= to_ms)
        return HistoryPage(
            bar_ms=close_ms[chosen],
            ohlcv=ohlcv[chosen],
            from_ms=max(from_ms, _reached(page, 0)),
        )


def _reached(page: TossCandlePage, length_ms: int) -> int:
    # Begin of the oldest bar of a page that has older ones behind it.
    if page.next_before is None or not page.candles:
        return 0
    return min(to_ms(c.timestamp) for c in page.candles) - length_ms


def _vendor_day(day: TossDay) -> VendorDay:
    hours = day.integrated
    regular = None if hours is None else hours.regular_market
    if hours is None or regular is None:
        return VendorDay(date=day.date, is_open=False)
    after = hours.after_market
    return VendorDay(
        date=day.date,
        is_open=True,
        open_ms=to_ms(regular.start_time),
        close_ms=to_ms(regular.end_time),
        late_close_ms=0 if after is None else to_ms(after.end_time),
    )
