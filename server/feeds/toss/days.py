"""Days of Toss, live: the candle of the running day, ticker after ticker."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from typing import Final

import numpy as np

from models.data.calendars.sessions import Sessions
from models.data.calendars.zone_clocks import DAY_MS
from server.feeds.live.jobs import Tell, events_of
from server.feeds.live.source import Alive, LiveBars, LiveEvent
from shared.contract import Float64, Int64

_SEOUL_MS: Final = 9 * 3_600_000  # Korea has no daylight saving time
_EVENING_MS: Final = 20 * 3_600_000
_AT_ONCE: Final = 10
_ROUND_S: Final = 60.0  # from one look at all tickers to the next

NewestDay = Callable[[str], Awaitable[tuple[int, Float64]]]


def day_closes(stamps: Int64, sessions: Sessions) -> Int64:
    """Return when days that are stamped by their midnight in Seoul are over, both (n,) int64 ms.

    The evening's trading belongs to them; where the calendar knows of none, the session's close
    counts, as it does for files of this vendor, and 20:00 of a day without a session.
    """
    place = sessions.index((stamps + _SEOUL_MS) // DAY_MS)
    late_ms = sessions.late_close_ms[place]
    known = np.where(late_ms > 0, late_ms, sessions.close_ms[place])
    return np.where(place >= 0, known, stamps + _EVENING_MS)


class TossDays:
    """What becomes of the running day of some tickers.

    Args:
        rows: The row of each ticker, by its symbol.
        newest: From a ticker to the close of its newest day, ms since 1970 UTC, and its (5,) bar.
        now_ms: The time, ms since 1970 UTC.
        until_open: Waits while the market is closed; whether it is open.
    """

    def __init__(
        self,
        rows: Mapping[str, int],
        newest: NewestDay,
        now_ms: Callable[[], int],
        until_open: Callable[[], Coroutine[None, None, bool]],
    ) -> None:
        self._rows, self._newest = dict(rows), newest
        self._now_ms, self._until_open = now_ms, until_open

    def events(self) -> AsyncGenerator[LiveEvent, None]:
        """Yield what happens.

        Raises:
            SourceError: Whatever went wrong.
        """
        return events_of(self._look)

    async def _look(self, tell: Tell) -> None:
        symbols, loop = list(self._rows), asyncio.get_running_loop()
        while True:
            await tell(Alive())
            if not await self._until_open():
                continue
            began_s = loop.time()
            for n in range(0, len(symbols), _AT_ONCE):
                await self._tell(symbols[n : n + _AT_ONCE], tell)
            await asyncio.sleep(max(_ROUND_S - (loop.time() - began_s), 0.0))

    async def _tell(self, symbols: list[str], tell: Tell) -> None:
        found = await asyncio.gather(*(self._newest(symbol) for symbol in symbols))
        running = [
            (self._rows[symbol], close_ms, bar)
            for symbol, (close_ms, bar) in zip(symbols, found, strict=True)
            if close_ms > self._now_ms()
        ]
        if running:
            rows, closes, bars = zip(*running, strict=True)
            await tell(
                LiveBars(
                    rows=np.array(rows, np.int64),
                    bar_ms=np.array(closes, np.int64),
                    ohlcv=np.stack(bars),
                )
            )
