"""What the parts of a live feed share: who is listed, what was told of them, what time it is."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.data.calendars.zone_clocks import DAY_MS
from models.data.growth import grown
from server.feeds.base import BarBatch, FeedEvent, HistoryEnd
from server.feeds.forming.grid import BarGrid
from server.feeds.live.board import Board
from server.feeds.live.cache import BarCache
from server.feeds.live.clock import LiveClock
from server.feeds.live.faults import SourceError
from server.feeds.live.source import LiveSource
from server.feeds.live.troubles import Troubles
from server.feeds.roster import Roster
from shared.contract import Bool, Int64

_LATE_BARS: Final = 3  # closed bars that are this old are history: nobody acts on them
_LATE_MS: Final = 30_000
_CLOCKS_MS: Final = 2_000  # that two clocks may be apart: some tell the second alone, and late
_MANY: Final = 20_000  # bars of history that are told at once
_ROOM: Final = 64  # tickers for which room is made at once


@dataclass(frozen=True, kw_only=True, eq=False)
class Whereabouts:
    """What does not change while a feed runs.

    Attributes:
        source: Where bars come from.
        clock: What time it is here.
        grid: When bars close.
        interval_s: Length of a bar, s.
        history: Bars of each ticker before the first live one.
        extended: Whether trading after the session counts.
    """

    source: LiveSource
    clock: LiveClock
    grid: BarGrid
    interval_s: int
    history: int
    extended: bool

    def inside(self, bar_ms: Int64) -> Bool:
        """Return (n,) bool, which bars that close at `bar_ms`, (n,) int64, lie in a session.

        Bars of a day do: theirs is what the source says.
        """
        if 1_000 * self.interval_s >= DAY_MS:
            return np.ones(len(bar_ms), np.bool_)
        return self.grid.is_close(bar_ms)


class LiveState:
    """The tickers of a live feed and what was told of them; one thread, one loop.

    Attributes:
        fixed: What does not change.
        roster: Who is listed.
        board: Their newest bars.
        cache: Their bars on disk.
        troubles: What is wrong.
        news: What is told to the server; None ends it.
        offset_ms: What the exchange's clock shows more than ours, ms.
        filled: (n,) bool, whose history was told, or who has none.
        refused: Why the source has no bars of a ticker, by row.
        attended: Rows that somebody looks at, or that are near a buy; they come first.

    Args:
        fixed: What does not change.
        roster: Who is listed.
        cache: Their bars on disk.
    """

    def __init__(self, fixed: Whereabouts, roster: Roster, cache: BarCache) -> None:
        self.fixed, self.roster, self.cache = fixed, roster, cache
        self.board = Board(len(roster), fixed.interval_s)
        self.troubles = Troubles()
        self.news: asyncio.Queue[FeedEvent | None] = asyncio.Queue()
        self.offset_ms = 0
        self.filled = np.zeros(len(roster), np.bool_)
        self.refused: dict[int, str] = {}
        self.attended: frozenset[int] = frozenset()
        self._is_live = False
        self._waiting: list[BarBatch] = []
        self._waiting_bars = 0

    @property
    def exchange_ms(self) -> int:
        """The time by the exchange's clock, ms since 1970 UTC."""
        return self.fixed.clock.now_ms() + self.offset_ms

    @property
    def rows(self) -> dict[str, int]:
        """The row of each ticker that is listed now, by its symbol."""
        symbols = self.roster.symbols(self.roster.rows)
        return dict(zip(symbols, self.roster.rows.tolist(), strict=True))

    async def set_clock(self) -> None:
        """Ask what time it is at the exchange, and go by that.

        Raises:
            SourceError: The source does not answer.
        """
        there_ms = await self.fixed.source.server_ms()
        if there_ms is None:
            return
        apart_ms = there_ms - self.fixed.clock.now_ms()
        self.offset_ms = apart_ms if abs(apart_ms) > _CLOCKS_MS else 0
        if self.offset_ms:
            name, ahead = self.fixed.source.traits.name, f"{apart_ms / 1_000:+.0f} s"
            self.troubles.note("clock", SourceError("clock_off", name, ahead))
        else:
            self.troubles.healed("clock")

    def symbol(self, row: int) -> str:
        """Return the symbol of a row."""
        return self.roster.symbols(np.array([row]))[0]

    def grow(self) -> None:
        """Make room for the tickers that came."""
        self.board.grow(len(self.roster))
        self.filled = grown(self.filled, len(self.roster))

    def tell(self, batches: Iterable[BarBatch]) -> None:
        """Tell of bars; of those that nobody can act on any more, as history."""
        traits = self.fixed.source.traits
        own_ms = round(1_000 * (traits.delay_s + traits.settles_s))
        allowed_ms = _LATE_BARS * 1_000 * self.fixed.interval_s + max(own_ms, _LATE_MS)
        for batch in batches:
            if not batch.closed:
                if self._is_live:
                    self.news.put_nowait(batch)
                continue
            late = (self.exchange_ms - batch.bar_ms > allowed_ms) | (not self._is_live)
            if late.any():
                self._tell_history(batch.take(np.flatnonzero(late)))
            if not late.all():
                self.tell_history()
                self.news.put_nowait(batch.take(np.flatnonzero(~late)))

    def _tell_history(self, batch: BarBatch) -> None:
        # Of many tickers at once: the server takes a bar of all in one step.
        self._waiting.append(batch)
        self._waiting_bars += len(batch.rows)
        if self._waiting_bars >= _MANY:
            self.tell_history()

    def tell_history(self) -> None:
        """Tell the history that waits."""
        if not self._waiting:
            return
        parts, self._waiting, self._waiting_bars = self._waiting, [], 0
        listed = max(len(self.roster.rows), 1)
        batch = BarBatch(
            rows=np.concatenate([p.rows for p in parts]),
            bar_ms=np.concatenate([p.bar_ms for p in parts]),
            ohlcv=np.concatenate([p.ohlcv for p in parts]),
            history=True,
            loaded=0.0 if self._is_live else min(self.done / listed, 1.0),
        )
        self.news.put_nowait(batch)

    @property
    def done(self) -> int:
        """How many listed tickers have their history, or have none."""
        return int(self.filled[self.roster.rows].sum())

    def go_live(self) -> None:
        """Say that all history was told; once."""
        if not self._is_live:
            self.tell_history()
            self._is_live = True
            self.news.put_nowait(HistoryEnd())

    @property
    def is_live(self) -> bool:
        """Whether all history was told."""
        return self._is_live

    def restore(self, from_ms: int) -> BarBatch:
        """Tell what is kept on disk, and return it.

        Args:
            from_ms: Since when, ms since 1970 UTC.
        """
        batch = self.cache.read(self.rows, from_ms)
        if len(batch.rows):
            self.board.begin(batch.rows, batch.bar_ms, batch.ohlcv)
            self.news.put_nowait(batch)
        return batch
