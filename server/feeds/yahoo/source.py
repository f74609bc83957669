"""Yahoo Finance as a source: pages alone, late by what its exchange allows."""

import asyncio
import email.utils
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Final

import numpy as np

from models.data.calendars.markets import market_named
from models.data.calendars.sessions import sessions_of
from models.data.calendars.zone_clocks import DAY_MS
from server.feeds.forming.grid import Auction, BarGrid, trading_of
from server.feeds.live.clock import WALL
from server.feeds.live.faults import SourceError
from server.feeds.live.limiter import RateLimiter
from server.feeds.live.source import (
    Alive,
    HistoryPage,
    LiveEvent,
    SourceTraits,
    UniverseTicker,
)
from server.feeds.yahoo.bars import day_bars, minute_bars
from server.feeds.yahoo.client import NAME, YahooClient, YahooTable
from server.feeds.yahoo.settings import YahooSettings
from shared.contract import Float64, Int64, interval_seconds
from shared.errors import SettingsError

# Days that Yahoo has of each length, less the one that just leaves; days themselves since the
# listing. Of minutes one answer has 7.
_DEPTH_DAYS: Final = {"1m": 29, "2m": 59, "5m": 59, "15m": 59, "1h": 729, "1d": 36_500}
_PAGE_DAYS: Final = {"1m": 7}
# As users of Yahoo's list of exchanges (https://help.yahoo.com/kb/SLN2310.html) tell, the longest
# of each calendar, not measured: what is asked for too early would be half a bar. Elsewhere the
# usual delay is taken.
_DELAY_MINUTES: Final = {"XNYS": 0, "24/7": 0, "XHKG": 15, "XSHG": 30, "XKRX": 20, "XTKS": 20}
_USUAL_DELAY: Final = 20
_BURST_S: Final = 5.0


class YahooSource:
    """Yahoo's charts.

    Attributes:
        traits: What it declares.
        market: Of all its tickers.
        limiters: Its one limiter.

    Args:
        settings: Of the feed.
        now_ms: The time, ms since 1970 UTC.

    Raises:
        SettingsError: There is no such market or interval.
    """

    def __init__(self, settings: YahooSettings, now_ms: Callable[[], int] = WALL.now_ms) -> None:
        if settings.interval not in _DEPTH_DAYS:
            known = ", ".join(_DEPTH_DAYS)
            raise SettingsError(f"yahoo has bars of {known}, was interval {settings.interval}")
        self.market = market_named(settings.market)
        self._settings, self._now_ms = settings, now_ms
        self._interval_s = interval_seconds(settings.interval)
        most = max(round(settings.per_minute * _BURST_S / 60), 1)
        self.limiters = {"requests": RateLimiter(most, 60.0 * most / settings.per_minute)}
        self._client: YahooClient | None = None
        self.traits = self._traits()

    async def open(self) -> None:
        """Make a client; it asks for nothing yet."""
        await self.close()
        self._client = YahooClient(
            self.limiters["requests"], self.market.timezone, self._settings.rest_url
        )

    async def close(self) -> None:
        """Drop the connection."""
        if self._client is not None:
            self._client.close()

    async def universe(self, name: str) -> tuple[UniverseTicker, ...]:
        """Raise, for there are no lists.

        Raises:
            SettingsError: Always.
        """
        raise SettingsError(f"yahoo has no list of tickers, name a CSV file; was {name!r}")

    async def page(self, symbol: str, from_ms: int, to_ms: int) -> HistoryPage:
        """Return bars that closed within (`from_ms`, `to_ms`].

        Raises:
            SourceError: Yahoo does not answer as it should, or the ticker trades elsewhere.
        """
        if self._client is None:
            raise SourceError("cut", NAME, "it is not open")
        interval = self._settings.interval
        oldest_ms = self._now_ms() - _DEPTH_DAYS[interval] * DAY_MS
        if to_ms <= oldest_ms:
            return HistoryPage(
                bar_ms=np.zeros(0, np.int64), ohlcv=np.zeros((0, 5)), from_ms=from_ms
            )
        first_ms = max(from_ms, to_ms - _PAGE_DAYS.get(interval, 36_500) * DAY_MS)
        # A bar is asked for by its begin, and that of a day by its midnight.
        begin_ms = max(first_ms - 1_000 * self._interval_s - DAY_MS * self._is_daily, oldest_ms)
        table = await self._client.table(
            symbol + self._settings.suffix,
            interval,
            (begin_ms, to_ms),
            dividends=self._settings.adjust == "dividends",
        )
        bar_ms, ohlcv = self._read(symbol, table)
        inside = (bar_ms > first_ms) & (bar_ms <= to_ms)
        return HistoryPage(bar_ms=bar_ms[inside], ohlcv=ohlcv[inside], from_ms=first_ms)

    async def live(self, rows: Mapping[str, int]) -> AsyncGenerator[LiveEvent, None]:
        """Yield nothing more than that it is there: there is no stream."""
        yield Alive()
        await asyncio.Event().wait()

    async def server_ms(self) -> int | None:
        """Return the time of the newest answer, by its heading; to the second."""
        date = self._client.date if self._client is not None else ""
        if not date:
            return None
        return round(email.utils.parsedate_to_datetime(date).timestamp() * 1_000) + 500

    @property
    def _is_daily(self) -> bool:
        return 1_000 * self._interval_s >= DAY_MS

    def _read(self, symbol: str, table: YahooTable) -> tuple[Int64, Float64]:
        if table.prices.empty:
            return np.zeros(0, np.int64), np.zeros((0, 5))
        if table.timezone != self.market.timezone:
            where = f"{symbol} trades in {table.timezone}, not in {self.market.timezone}"
            raise SourceError("unknown_ticker", NAME, f"{where}: say another market")
        if self._is_daily:
            return day_bars(table, sessions_of(self.market))
        # Where Yahoo has bars of the evening, the one that begins with the close is the first of
        # them, and else the print of the closing auction.
        auction: Auction = "last" if table.has_evening else "own"
        trading = trading_of(self.market, self._interval_s, extended=self._extended)
        return minute_bars(table, BarGrid(self._interval_s, trading, auction))

    @property
    def _extended(self) -> bool:
        return self._settings.session == "extended"

    def _traits(self) -> SourceTraits:
        told = self._settings.delay_minutes
        delay = told if told >= 0 else _DELAY_MINUTES.get(self.market.calendar, _USUAL_DELAY)
        return SourceTraits(
            name=NAME,
            variant=f"{self._settings.adjust}{self._settings.suffix}",
            intervals=tuple(_DEPTH_DAYS),
            depth="days since the listing; 2 years of hours, 60 days of 2 to 15 minutes, 30 of one",
            stamp="open",
            daily_bar="the regular session; final from a quarter of an hour after it came",
            adjusted=True,
            delay_s=60 * delay,
            limits=(f"{self._settings.per_minute} requests a minute; Yahoo publishes none",),
            closed_by="clock",
            grace_s=0.0,
            settles_s=900.0 if self._is_daily else 60.0,
            tells="pages",
            confirms=False,
            terms="for personal use alone, by Yahoo's terms of use; the data may not be passed on",
        )
