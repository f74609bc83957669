"""KIS as a source: trades of up to 41 tickers form bars, pages of minutes tell how they closed."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from models.data.calendars.zone_clocks import DAY_MS
from server.feeds.forming.grid import BarGrid
from server.feeds.forming.trades import TradeBatch
from server.feeds.kis.answers import TRADES_BOTH, TRADES_KRX, KisSocketAnswer
from server.feeds.kis.bars import day_bars, midnight_ms, minute_bars, seoul
from server.feeds.kis.client import NAME, KisClient
from server.feeds.kis.frames import KisTrade
from server.feeds.kis.settings import KisSettings
from server.feeds.kis.socket import ConnectPace, KisSocket
from server.feeds.live.clock import WALL
from server.feeds.live.http import http_client
from server.feeds.live.limiter import RateLimiter
from server.feeds.live.merging import page_of
from server.feeds.live.opening import hours_of
from server.feeds.live.secrets import vendor_key
from server.feeds.live.source import (
    Alive,
    HistoryPage,
    LiveEvent,
    LiveRefused,
    SourceTraits,
    UniverseTicker,
)
from server.feeds.live.vendor_calendar import VendorDay
from shared.contract import Float64, Int64, interval_seconds
from shared.errors import SettingsError
from shared.markets import MARKETS, Market

_MINUTE_MS: Final = 60_000
_PAGE: Final = 120  # minutes
_PAGE_TODAY: Final = 30
_PAGE_DAYS: Final = 100
_SETTLE_MS: Final = 3_000  # from the end of a minute until its page is asked for
_DAYS_SETTLE_MS: Final = 600_000  # from the close
_VENUES: Final = {"krx": ("J", TRADES_KRX), "both": ("UN", TRADES_BOTH)}

TRAITS: Final = SourceTraits(
    name=NAME,
    intervals=("1m", "3m", "5m", "10m", "15m", "30m", "1h", "1d"),
    depth="days since the listing; minutes of at most a year, on paper of today alone",
    stamp="open",
    daily_bar="venue krx: the regular session, final from 15:40; both: to 20:00",
    adjusted=True,
    limits=(
        "20 questions a second, 2 on paper",
        "1 token a minute, which lives a day",
        "1 websocket a key, 41 tickers in all",
    ),
    closed_by="page",
    grace_s=1.0,
    settles_s=_SETTLE_MS / 1_000,
    tells="trades",
    terms="for one's own trading with an account of one's own; the data may not be passed on",
)


class KisSource:
    """Korean shares; a `server.feeds.live.source.LiveSource`.

    Attributes:
        traits: What it declares.
        market: The Korea Exchange.
        client: Which asks the vendor.

    Args:
        settings: The `[feed.kis]` table.
        now_ms: The time, ms since 1970 UTC.

    Raises:
        SettingsError: The interval is none that it has, or of a day that ends at another time.
        SourceError: A key is missing.
    """

    market: Market = MARKETS["krx"]

    def __init__(self, settings: KisSettings, now_ms: Callable[[], int] = WALL.now_ms) -> None:
        self._days = settings.interval == "1d"
        extended = settings.session == "extended"
        if self._days and extended != (settings.venue == "both"):
            raise SettingsError(
                "days of kis hold the regular session with venue = krx and session = regular, "
                "and run to 20:00 with venue = both and session = extended"
            )
        self.traits = replace(
            TRAITS,
            settles_s=(_DAYS_SETTLE_MS if self._days else _SETTLE_MS) / 1_000,
            tells="pages" if self._days else "trades",
        )
        self._settings = settings
        self._venue, tr_id = _VENUES[settings.venue]
        self._http = http_client(settings.address)
        keys = (vendor_key(NAME, "app_key"), vendor_key(NAME, "app_secret"))
        self.client = KisClient(self._http, *keys, settings.questions, now_ms, settings.tokens)
        self._socket = KisSocket(settings.socket, tr_id, ConnectPace())
        interval_s = interval_seconds(settings.interval)
        trading, self._sessions = hours_of(self.market, interval_s, extended=extended)
        self._grid = BarGrid(interval_s, trading)

    @property
    def limiters(self) -> Mapping[str, RateLimiter]:
        """The one of all questions."""
        return self.client.limiters

    async def open(self) -> None:
        """Have a token.

        Raises:
            SourceError: None is given.
        """
        await self.client.token()

    async def close(self) -> None:
        """Let go of all connections."""
        await self._socket.close()
        await self._http.aclose()

    async def universe(self, name: str) -> tuple[UniverseTicker, ...]:
        """Refuse: the vendor has lists only as files to download.

        Raises:
            SettingsError: Always.
        """
        raise SettingsError(f"kis has no list {name!r}: give a file of symbols")

    async def page(self, symbol: str, from_ms: int, to_ms: int) -> HistoryPage:
        """Return the newest bars that closed within (`from_ms`, `to_ms`], as one answer holds them.

        Raises:
            SourceError: Whatever went wrong.
        """
        ask = self._page_of_days if self._days else self._page_of_minutes
        return await ask(symbol, from_ms, to_ms)

    async def live(self, rows: Mapping[str, int]) -> AsyncGenerator[LiveEvent, None]:
        """Yield the trades of as many tickers as may be registered, and name the others.

        Raises:
            SourceError: Whatever went wrong.
        """
        symbols = sorted(rows, key=rows.__getitem__)
        streamed = [] if self._days else symbols[: self._settings.registrations]
        if len(streamed) < len(symbols) and not self._days:
            rest = symbols[len(streamed) :]
            yield LiveRefused(reasons=dict.fromkeys(rest, "more than may be registered"))
        if not streamed:
            yield Alive()
            await asyncio.Event().wait()
        if not self._socket.has(streamed):
            await self._socket.open(self.client.approval, streamed)
        yield Alive()
        async for frame in self._socket.frames():
            match frame:
                case KisSocketAnswer():
                    said = "" if frame.body is None else frame.body.msg1
                    yield LiveRefused(reasons={frame.header.tr_key: said})
                case _:
                    yield _batch(frame, rows)

    async def server_ms(self) -> int | None:
        """Return what time it is at the vendor by its answers, ms since 1970 UTC."""
        return self.client.time.told_ms

    async def calendar(self) -> tuple[VendorDay, ...]:
        """Return on which of the next days the exchange trades, as the vendor has it.

        Raises:
            SourceError: Whatever went wrong.
        """
        told = await self.client.calendar(seoul(self.client.time.now_ms()).date())
        return tuple(
            VendorDay(date=dt.date.fromisoformat(day.bass_dt), is_open=day.opnd_yn == "Y")
            for day in told.output
            if day.bass_dt
        )

    async def _page_of_minutes(self, symbol: str, from_ms: int, to_ms: int) -> HistoryPage:
        until_ms = self._last_close(to_ms)
        if until_ms <= from_ms:
            return _empty(from_ms)
        begin = seoul(until_ms - _MINUTE_MS)
        now_ms = self.client.time.now_ms()
        newest = begin.date() == seoul(now_ms).date()
        few = until_ms - from_ms <= (_PAGE_TODAY - 2) * _MINUTE_MS
        if newest and few:
            most = _PAGE_TODAY
            found = await self.client.minutes_today(symbol, self._venue, begin.timetz())
        else:
            most = _PAGE
            found = await self.client.minutes(symbol, self._venue, begin)
        close_ms, ohlcv = minute_bars(found)
        whole_day = len(found) < most or len(close_ms) == 0
        reached_ms = midnight_ms(until_ms) if whole_day else int(close_ms[0]) - _MINUTE_MS
        within = from_ms, to_ms
        return page_of(self._grid, close_ms, ohlcv, reached_ms, within)

    def _last_close(self, to_ms: int) -> int:
        # Close of the newest bar that is over, so that no night is asked for; the running one
        # where it closes later.
        number = self._grid.newest_over(to_ms)
        over_ms = int(self._grid.close_ms(np.array([max(number, 0)]))[0])
        begins_ms = int(self._grid.begin_ms(np.array([number + 1]))[0])
        return to_ms // _MINUTE_MS * _MINUTE_MS if begins_ms < to_ms else over_ms

    async def _page_of_days(self, symbol: str, from_ms: int, to_ms: int) -> HistoryPage:
        first_ms = max(from_ms, to_ms - (_PAGE_DAYS - 1) * DAY_MS)
        first, last = seoul(first_ms).date(), seoul(to_ms).date()
        found = await self.client.days(symbol, self._venue, first, last)
        close_ms, ohlcv = day_bars(found, self._sessions, evening=self._settings.venue == "both")
        chosen = (close_ms > from_ms) & (close_ms <= to_ms)
        return HistoryPage(
            bar_ms=close_ms[chosen],
            ohlcv=ohlcv[chosen],
            from_ms=max(from_ms, midnight_ms(first_ms)) if first_ms > from_ms else from_ms,
        )


def _batch(trades: Sequence[KisTrade], rows: Mapping[str, int]) -> TradeBatch:
    # The day's volume tells trades apart, also where a frame comes twice.
    mine = [t for t in trades if t.symbol in rows]
    return TradeBatch(
        rows=np.array([rows[t.symbol] for t in mine], np.int64),
        ms=np.array([t.ms for t in mine], np.int64),
        price=np.array([t.price for t in mine], np.float64),
        volume=np.array([t.volume for t in mine], np.float64),
        ids=np.array([t.day_volume for t in mine], np.int64),
    )


def _empty(from_ms: int) -> HistoryPage:
    none: tuple[Int64, Float64] = np.zeros(0, np.int64), np.zeros((0, 5))
    return HistoryPage(bar_ms=none[0], ohlcv=none[1], from_ms=from_ms)
