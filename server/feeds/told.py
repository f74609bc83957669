"""Bars that come from outside as they like, told as a feed must: sound, in order, each once."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from models.data.calendars.zone_clocks import DAY_MS
from server.feeds.base import BarBatch
from server.feeds.forming.grid import BarGrid
from server.feeds.live.board import Board
from server.feeds.live.source import LiveBars
from shared.contract import Bool, Float64, Int64
from shared.limits import MAX_PRICE, MAX_VOLUME, MIN_PRICE

_LATE_BARS: Final = 3  # closed bars that are this old are history: nobody acts on them
_LATE_MS: Final = 30_000
_AHEAD_MS: Final = 5_000  # how far the clock of who stamps bars may be ahead of ours
_NEVER_MS: Final = 2**60
_KEY: Final = 2**43  # more than any time in ms that is let in


class ToldBars:
    """Takes bars of all tickers, and gives what there is to tell.

    Bars that do not count are counted by reason: `bad_bar` (prices or a volume that cannot be),
    `off_grid` (a close at which no bar of this market and length ends), `ahead_of_clock` (it would
    close later than the bar that runs now), `missed_bar` (a later one of its ticker was told).

    Attributes:
        reasons: How many bars did not count, by reason, without the missed ones.

    Args:
        grid: When bars close.
        tickers: n, their number.
        grace_ms: How long after its end a bar is closed that nobody called final; None for never.
    """

    def __init__(self, grid: BarGrid, tickers: int, grace_ms: int | None) -> None:
        self.reasons: Counter[str] = Counter()
        self._grid, self._grace_ms = grid, _NEVER_MS if grace_ms is None else grace_ms
        self._closes_by_clock = grace_ms is not None
        self._board = Board(tickers, grid.length_ms // 1_000)
        self._board.held[:] = False

    @property
    def missed(self) -> int:
        """How many bars came after a later one of their ticker had been told."""
        return self._board.missed

    def grow(self, tickers: int) -> None:
        """Make room for more tickers."""
        self._board.grow(tickers)
        self._board.held[:] = False

    def restore(self, batch: BarBatch) -> None:
        """Note closed bars that were told by the caller, by row and then by time."""
        self._board.begin(batch.rows, batch.bar_ms, batch.ohlcv)

    def history(self, bars: LiveBars, now_ms: int, *, again: bool = False) -> BarBatch:
        """Return those of some bars that are closed and newer than what was told, as history.

        Args:
            bars: A ticker may stand more than once, in any order.
            now_ms: The time, ms since 1970 UTC.
            again: Return those that are not newer as well: their sender puts history right.
        """
        bars = self.sound(bars, now_ms)
        newer = (bars.bar_ms > self._board.said_ms[bars.rows]) | again
        bars = last_of_each(bars.take(np.flatnonzero(newer & (bars.bar_ms <= now_ms))))
        bars = bars.take(np.argsort(bars.bar_ms, kind="stable"))
        self._board.begin(bars.rows, bars.bar_ms, bars.ohlcv)
        return BarBatch(rows=bars.rows, bar_ms=bars.bar_ms, ohlcv=bars.ohlcv, history=True)

    def take(self, bars: LiveBars, now_ms: int) -> Iterator[BarBatch]:
        """Take bars as they stand now; yield what forms, and corrections of what was told.

        Args:
            bars: No ticker stands twice with one close.
            now_ms: The time, ms since 1970 UTC.
        """
        for batch in self._board.take(self.sound(bars, now_ms)):
            if batch.closed:
                yield from _aged(batch, self._old_ms(now_ms))
            else:
                yield batch

    def go_on(self, bars: LiveBars, now_ms: int) -> Iterator[BarBatch]:
        """Take bars of which some were told before: old ones are history, and known ones nothing.

        Args:
            bars: No ticker stands twice with one close.
            now_ms: The time, ms since 1970 UTC.
        """
        old = bars.bar_ms <= self._old_ms(now_ms)
        if old.any():
            history = self.history(bars.take(np.flatnonzero(old)), now_ms)
            if len(history.rows):
                yield history
        yield from self.take(bars.take(np.flatnonzero(~old)), now_ms)

    def close(self, now_ms: int) -> Iterator[BarBatch]:
        """Yield the bars that are closed by now and were not told, old ones as history.

        Args:
            now_ms: The time, ms since 1970 UTC.
        """
        for batch in self._board.close(now_ms, self._grace_ms):
            yield from _aged(batch, self._old_ms(now_ms))
        if not self._closes_by_clock:
            # What still forms long after its end was given up by who made it.
            everyone = np.arange(len(self._board.held))
            self._board.forget_forming(everyone, self._old_ms(now_ms))

    def due_ms(self) -> int | None:
        """Return when `close` has something to do next, ms since 1970 UTC; None if never."""
        return self._board.due_ms(self._grace_ms)

    def _old_ms(self, now_ms: int) -> int:
        return now_ms - _LATE_BARS * self._grid.length_ms - _LATE_MS

    def sound(self, bars: LiveBars, now_ms: int) -> LiveBars:
        """Return the bars that can be, and count the others.

        Args:
            bars: Of any kind.
            now_ms: The time, ms since 1970 UTC.
        """
        latest_ms = now_ms + max(self._grid.length_ms, _AHEAD_MS) + _AHEAD_MS
        if self._grid.length_ms >= DAY_MS:
            latest_ms = now_ms + 2 * DAY_MS
        checks = {
            "bad_bar": ~_can_be(bars.ohlcv),
            "ahead_of_clock": bars.bar_ms > latest_ms,
            "off_grid": ~self._grid.ends(bars.bar_ms),
        }
        good = np.ones(len(bars.rows), np.bool_)
        for reason, wrong in checks.items():
            self.reasons[reason] += int((wrong & good).sum())
            good &= ~wrong
        return bars if good.all() else bars.take(np.flatnonzero(good))


def ticker_times(rows: Int64, bar_ms: Int64) -> Int64:
    """Return (n,) int64, a key of each bar that orders by ticker and then by time."""
    return rows * _KEY + bar_ms


def last_of_each(bars: LiveBars) -> LiveBars:
    """Return the bars by ticker and time: of those of one ticker and close the last one."""
    key = ticker_times(bars.rows, bars.bar_ms)
    _, back = np.unique(key[::-1], return_index=True)
    return bars.take(len(key) - 1 - back)


def _can_be(ohlcv: Float64) -> Bool:
    # Written so that a NaN is bad, too.
    o, high, low, close, volume = ohlcv.T
    within: Bool = (low >= MIN_PRICE) & (high <= MAX_PRICE) & (volume >= 0) & (volume <= MAX_VOLUME)
    inside: Bool = (np.minimum(o, close) >= low) & (np.maximum(o, close) <= high)
    return within & inside


def _aged(batch: BarBatch, old_ms: int) -> Iterator[BarBatch]:
    old = batch.bar_ms <= old_ms
    for chosen, history in ((old, True), (~old, False)):
        if chosen.any():
            some = batch.take(np.flatnonzero(chosen))
            yield BarBatch(rows=some.rows, bar_ms=some.bar_ms, ohlcv=some.ohlcv, history=history)
