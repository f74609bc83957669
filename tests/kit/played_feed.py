"""A live feed that a test plays in time that leaps, and all that it told."""

from collections.abc import Callable
from typing import Final

import numpy as np

from server.feeds.base import BarBatch, FeedEvent, FeedReport, HistoryEnd, ListingChange
from server.feeds.live.clock import LiveClock
from server.feeds.live.feed import LiveFeed
from server.feeds.live.settings import LiveSettings
from server.feeds.live.source import LiveSource
from shared.contract import Float64, Int64
from tests.kit.leaping_loop import LeapingLoop

Truth = Callable[[str, int, int], tuple[Int64, Float64]]

_WAKE: Final = FeedReport()


class PlayedFeed:
    """What a feed told since it began.

    Attributes:
        bars: By row and close, the last that was said of each closed bar.
        told: As what each was told, one after the other: `history` or `closed`; by row and close.
        early: Closed bars that were told before they were over.
        reports: What the feed said of itself.
        changes: Who came and went.
        forming: How many batches of bars that form.
        live: Whether all history was told.

    Args:
        loop: In which everything runs.
        source: Where the bars come from.
        settings: Of the feed.
    """

    def __init__(self, loop: LeapingLoop, source: LiveSource, settings: LiveSettings) -> None:
        self._loop = loop
        self.bars: dict[tuple[int, int], list[float]] = {}
        self.told: dict[tuple[int, int], list[str]] = {}
        self.early: list[tuple[int, int]] = []
        self.reports: list[FeedReport] = []
        self.changes: list[ListingChange] = []
        self.forming = 0
        self.live = False
        clock = LiveClock(now_ms=loop.now_ms, new_loop=lambda: loop)
        self.feed = LiveFeed(source, settings, clock)
        self._events = self.feed.events()

    def until(self, end_ms: int) -> None:
        """Play until a time, ms since 1970 UTC, also where the feed has nothing to say then."""
        wait_s = (end_ms - self._loop.now_ms()) / 1_000
        self._loop.call_later(wait_s, self.feed._state.news.put_nowait, _WAKE)
        while (event := next(self._events)) is not _WAKE:
            self._take(event)

    def end(self) -> None:
        """Stop in an orderly way."""
        self.feed.stop()
        assert not list(self._events)
        self.feed.close()

    def _take(self, event: FeedEvent) -> None:
        match event:
            case BarBatch():
                self._take_bars(event)
            case FeedReport():
                self.reports.append(event)
            case ListingChange():
                self.changes.append(event)
            case HistoryEnd():
                assert not self.live
                self.live = True

    def _take_bars(self, batch: BarBatch) -> None:
        if not batch.closed:
            self.forming += 1
            return
        rows, times = batch.rows.tolist(), batch.bar_ms.tolist()
        for key, bar in zip(zip(rows, times, strict=True), batch.ohlcv.tolist(), strict=True):
            if key[1] > self._loop.now_ms():
                self.early.append(key)
            self.bars[key] = bar
            self.told.setdefault(key, []).append("history" if batch.history else "closed")

    def check(self, truth: Truth, symbols: tuple[str, ...], from_ms: int, to_ms: int) -> None:
        """Hold what was told against the truth: none missing, none early, in the order of time.

        Args:
            truth: Return closes and bars of a ticker that closed within (from, to].
            symbols: The tickers by row.
            from_ms: ms since 1970 UTC.
            to_ms: ms since 1970 UTC.
        """
        for row, symbol in enumerate(symbols):
            bar_ms, ohlcv = truth(symbol, from_ms, to_ms)
            told = {
                ms: bar for (r, ms), bar in self.bars.items() if r == row and from_ms < ms <= to_ms
            }
            assert list(told) == bar_ms.tolist(), symbol
            np.testing.assert_allclose(np.array(list(told.values())), ohlcv, rtol=1e-12)
        assert not self.early
