"""US shares: history over REST; bars of a minute, and their corrections, over the websocket."""

import asyncio
import contextlib
import datetime as dt
import email.utils
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np

from models.data.calendars.sessions import sessions_of
from models.data.calendars.zone_clocks import DAY_MS
from server.feeds.alpaca.client import MOST_BARS, NAME, TIMEFRAMES, AlpacaRest, stream_messages
from server.feeds.alpaca.settings import AlpacaSettings
from server.feeds.live.faults import SourceError
from server.feeds.live.limiter import RateLimiter
from server.feeds.live.secrets import vendor_key
from server.feeds.live.source import (
    Alive,
    HistoryPage,
    LiveBars,
    LiveEvent,
    SourceTraits,
    UniverseTicker,
)
from shared.contract import Float64, Int64, interval_seconds
from shared.errors import SettingsError
from shared.markets import MARKETS

_FIELDS: Final = ("o", "h", "l", "c", "v")
_STREAMED: Final = "1m"  # of the websocket's bars


@runtime_checkable
class _StreamTime(Protocol):
    def to_unix_nano(self) -> int: ...


class AlpacaSource:
    """Alpaca's market data.

    Args:
        settings: Of the feed.

    Raises:
        SourceError: There is no key.
    """

    market = MARKETS["us"]

    def __init__(self, settings: AlpacaSettings) -> None:
        self._settings = settings
        self._key = vendor_key(NAME, "key")
        self._secret = vendor_key(NAME, "secret")
        self._length_ms = 1_000 * interval_seconds(settings.interval)
        self.limiters = {"requests": RateLimiter(settings.per_minute, 60.0)}
        self._rest: AlpacaRest | None = None
        self.traits = _traits(settings)

    async def open(self) -> None:
        """Make a client; it asks for nothing yet."""
        await self.close()
        self._rest = AlpacaRest(
            self._key,
            self._secret,
            self.limiters["requests"],
            self._settings.data,
            self._settings.rest_url,
        )

    async def close(self) -> None:
        """Drop the connection."""
        if self._rest is not None:
            self._rest.close()

    async def universe(self, name: str) -> tuple[UniverseTicker, ...]:
        """Raise, for the market data has no lists.

        Raises:
            SettingsError: Always.
        """
        raise SettingsError(f"alpaca has no list of tickers, name a CSV file; was {name!r}")

    async def page(self, symbol: str, from_ms: int, to_ms: int) -> HistoryPage:
        """Return bars that closed within (`from_ms`, `to_ms`].

        Raises:
            SourceError: The vendor does not answer as it should.
        """
        if self._rest is None:
            raise SourceError("cut", NAME, "it is not open")
        # One answer must hold all: it gives the oldest first.
        first_ms = max(from_ms, to_ms - MOST_BARS * self._length_ms)
        begin_ms = first_ms - (DAY_MS if self._length_ms >= DAY_MS else 0)
        bars = await self._rest.bars(symbol, self._settings.interval, begin_ms, to_ms)
        bar_ms, ohlcv = self._read(bars)
        inside = (bar_ms > first_ms) & (bar_ms <= to_ms)
        return HistoryPage(bar_ms=bar_ms[inside], ohlcv=ohlcv[inside], from_ms=first_ms)

    async def live(self, rows: Mapping[str, int]) -> AsyncGenerator[LiveEvent, None]:
        """Yield bars of a minute as they close, and as they are corrected half a minute later."""
        if self.traits.tells == "pages":
            yield Alive()
            await asyncio.Event().wait()
        messages = stream_messages(
            *(self._key, self._secret, self._settings.data, self._settings.websocket_url),
            list(rows),
        )
        async with contextlib.aclosing(messages):
            async for message in messages:
                if message is None:
                    yield Alive()
                elif message["S"] in rows:
                    bar_ms, ohlcv = self._read([message])
                    row = np.array([rows[message["S"]]], np.int64)
                    yield LiveBars(rows=row, bar_ms=bar_ms, ohlcv=ohlcv, final=True)

    async def server_ms(self) -> int | None:
        """Return the time of the newest answer, by its heading; to the second."""
        date = self._rest.date if self._rest is not None else ""
        if not date:
            return None
        return round(email.utils.parsedate_to_datetime(date).timestamp() * 1_000) + 500

    def _read(self, bars: list[dict[str, Any]]) -> tuple[Int64, Float64]:
        try:
            begins = np.array([_ms(bar["t"]) for bar in bars], np.int64)
            ohlcv = np.array([[bar[f] for f in _FIELDS] for bar in bars], np.float64)
        except (KeyError, TypeError, ValueError) as e:
            raise SourceError("nonsense", NAME, f"a bar: {type(e).__name__} {e}") from e
        return self._closes(begins), ohlcv.reshape(-1, 5)

    def _closes(self, begins: Int64) -> Int64:
        sessions = sessions_of(self.market)
        if self._length_ms < DAY_MS or sessions is None:
            return begins + self._length_ms
        # A day is stamped by midnight in New York, and closes with its session.
        place = np.searchsorted(sessions.close_ms, begins, side="right")
        return sessions.close_ms[place]


def _ms(stamp: object) -> int:
    if isinstance(stamp, _StreamTime):  # of the stream
        return stamp.to_unix_nano() // 1_000_000
    return round(dt.datetime.fromisoformat(str(stamp)).timestamp() * 1_000)


def _traits(settings: AlpacaSettings) -> SourceTraits:
    streamed = settings.interval == _STREAMED
    return SourceTraits(
        name=NAME,
        variant=settings.data,
        intervals=tuple(TIMEFRAMES),
        depth="since 2016",
        stamp="open",
        daily_bar="the regular session; final from a quarter of an hour after its close",
        adjusted=True,
        limits=(f"{settings.per_minute} requests a minute", "one connection of the stream"),
        closed_by="source",
        grace_s=5.0,
        settles_s=60.0 if streamed else 120.0,
        tells="bars" if streamed else "pages",
        # What is wrong in a bar comes as another one by the stream; to ask for each would take more
        # requests than there are.
        confirms=False,
        silent_s=180.0 if streamed else 0.0,
        terms="for one's own use; the agreement with Alpaca forbids to pass data on",
    )
