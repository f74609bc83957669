"""From pushed messages to bars that form and close, as all bars of others are told."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from server.feeds.base import BarBatch
from server.feeds.forming.bars import FormingBars, TradePatience
from server.feeds.forming.grid import BarGrid
from server.feeds.forming.trades import TradeBatch
from server.feeds.live.source import LiveBars
from server.feeds.push.settings import PushSettings
from server.feeds.roster import Roster
from server.feeds.told import ToldBars, last_of_each, ticker_times
from shared.contract import Bool, Int64
from shared.protocol.pushed import PushedBars, PushedTrades

_FORMING_MS: Final = 250  # forming bars are told no more often
_QUIET_MS: Final = 1_000  # without a trade, after which what waited has come


class PushedBook:
    """Takes bars and trades, and gives the bars that there are to tell.

    Attributes:
        complaint: What was refused the last time; empty where nothing was.

    Args:
        grid: When bars close.
        roster: Who is listed; its owner changes it, and then calls `grow`.
        settings: Of the feed.
        clock_ms: What time it is, ms since 1970 UTC.
    """

    def __init__(
        self, grid: BarGrid, roster: Roster, settings: PushSettings, clock_ms: Callable[[], int]
    ) -> None:
        self.complaint = ""
        self._grid, self._roster, self._clock_ms = grid, roster, clock_ms
        self._patience = TradePatience(grace_ms=round(1_000 * settings.grace))
        room = max(len(roster), 1)
        self._forming = FormingBars(grid, room, self._patience, settings.no_trade)
        self._told = ToldBars(grid, room, grace_ms=None)
        self._refused: Counter[str] = Counter()
        self._kept: BarBatch | None = None  # what an earlier run had told, until the market is live
        self._has_trades = False
        self._until_ms = 0  # all trades before it have come, as the sender says; 0 says nothing
        self._is_behind = False  # trades that waited are their own clock until none is left
        self._idle_ms = clock_ms()  # when nothing waited the last time
        self._heard_ms = 0  # when trades came the last time
        self._forming_ms = 0

    @property
    def reasons(self) -> Counter[str]:
        """How many bars and trades did not count, by reason."""
        missed = Counter(missed_bar=self._told.missed)
        return self._refused + missed + self._forming.reasons + self._told.reasons

    def grow(self) -> None:
        """Make room for the tickers that came."""
        self._forming.grow(len(self._roster))
        self._told.grow(len(self._roster))

    def restore(self, batch: BarBatch) -> None:
        """Note what an earlier run had told; what is sent of it again is known.

        Args:
            batch: By row and then by time; rows that come later are higher.
        """
        self._told.restore(batch)
        if self._kept is not None:
            batch = dataclasses.replace(
                batch,
                rows=np.concatenate((self._kept.rows, batch.rows)),
                bar_ms=np.concatenate((self._kept.bar_ms, batch.bar_ms)),
                ohlcv=np.concatenate((self._kept.ohlcv, batch.ohlcv)),
            )
        self._kept = batch

    def go_live(self) -> None:
        """Note that all history was sent."""
        self._kept = None

    def idle(self) -> None:
        """Note that nothing waits: what was made until now has come, or the sender knows better."""
        self._idle_ms = self._clock_ms()
        # More may be on its way from where it waited at the sender's.
        if self._is_behind and self._idle_ms - self._heard_ms >= _QUIET_MS:
            self._is_behind, self._until_ms = False, 0

    def bars(self, said: PushedBars) -> Iterator[BarBatch]:
        """Take bars; yield history, what forms, what is closed, and corrections."""
        now_ms, before = self._clock_ms(), self._told.reasons.copy()
        bars = self._bars_of(said, now_ms)
        if said.history:
            history = self._told.history(self._news(bars), now_ms, again=True)
            if len(history.rows) or said.loaded:
                yield dataclasses.replace(history, loaded=said.loaded)
        else:
            yield from self._taken(last_of_each(bars), now_ms)
        for reason in self._told.reasons - before:
            self._complain("bars", reason)

    def trades(self, said: PushedTrades) -> Iterator[BarBatch]:
        """Take trades, which are noted at once; yield what the sender's word closes."""
        clock_ms, since_ms = self._clock_ms(), int(said.since_ms)
        if since_ms or not self._has_trades:
            # Of the bar that runs as a sender begins the first trades are missing.
            self._forming.lose(self._heard_ms, since_ms or clock_ms)
            self._has_trades = True
        self._heard_ms = clock_ms
        return self._add(self._trades_of(said), clock_ms, int(said.until_ms))

    def _add(self, trades: TradeBatch, clock_ms: int, until_ms: int) -> Iterator[BarBatch]:
        if until_ms > clock_ms + self._patience.ahead_ms:
            self._refuse("ahead_of_clock", 1, "until_ms")
            until_ms = 0
        elif not until_ms and len(trades.ms) and self._has_waited(clock_ms):
            self._is_behind, until_ms = True, min(int(trades.ms.max()), clock_ms)
        if until_ms:
            yield from self._add_until(trades, clock_ms, max(until_ms, self._until_ms))
            return
        self._forming.add(trades, self._market_ms or clock_ms)

    def due(self) -> Iterator[BarBatch]:
        """Yield the bars that are over, corrections, and now and then those that form."""
        # What waited in the socket is as old as it is; a sender that says how far it has come is
        # not late by being far behind.
        now_ms = self._clock_ms() if self._is_behind else self._market_ms or self._clock_ms()
        market_ms = self._market_ms or now_ms
        closed = self._forming.closed(market_ms) if self._has_trades else None
        if closed is not None and len(closed.rows):
            yield from self._taken(_live(closed, final=True), now_ms)
        else:
            yield from self._told.close(now_ms)
        if self._has_trades and self._clock_ms() - self._forming_ms >= _FORMING_MS:
            forming = self._forming.forming(market_ms)
            if len(forming.rows):
                self._forming_ms = self._clock_ms()
                yield from self._taken(_live(forming), now_ms)

    def _taken(self, bars: LiveBars, now_ms: int) -> Iterator[BarBatch]:
        for batch in self._told.take(bars, now_ms):
            if batch.closed or not bars.final:
                yield batch
        if bars.final:
            yield from self._told.close(now_ms)

    def _bars_of(self, said: PushedBars, now_ms: int) -> LiveBars:
        rows, known = self._rows(said.symbols, said.of)
        bar_ms = np.array(said.close_ms, np.float64).astype(np.int64)
        prices = (said.open, said.high, said.low, said.close, said.volume)
        ohlcv = np.array(prices, np.float64).reshape(5, -1).T
        ahead = bar_ms > now_ms + self._patience.ahead_ms
        chosen = self._sound(
            "bars",
            unknown_ticker=~known,
            ahead_of_clock=ahead & (said.closed or said.history),
        )
        return LiveBars(
            rows=rows[chosen], bar_ms=bar_ms[chosen], ohlcv=ohlcv[chosen], final=said.closed
        )

    def _news(self, bars: LiveBars) -> LiveBars:
        # Without those that an earlier run had told just so.
        if self._kept is None or not len(self._kept.rows):
            return bars
        known = ticker_times(self._kept.rows, self._kept.bar_ms)
        asked = ticker_times(bars.rows, bars.bar_ms)
        place = np.searchsorted(known, asked).clip(max=len(known) - 1)
        same = (known[place] == asked) & (self._kept.ohlcv[place] == bars.ohlcv).all(axis=1)
        return bars.take(np.flatnonzero(~same))

    def _has_waited(self, clock_ms: int) -> bool:
        # Whether trades may lie in the socket that are late by our own fault.
        long = clock_ms - self._idle_ms > self._patience.late_ms
        return self._is_behind or (long and not self._until_ms)

    def _trades_of(self, said: PushedTrades) -> TradeBatch:
        rows, known = self._rows(said.symbols, said.of)
        chosen = self._sound("trades", unknown_ticker=~known)
        return TradeBatch(
            rows=rows[chosen],
            ms=np.array(said.ms, np.float64).astype(np.int64)[chosen],
            price=np.array(said.price, np.float64)[chosen],
            volume=np.array(said.volume, np.float64)[chosen],
            ids=None if said.id is None else np.array(said.id, np.int64)[chosen],
        )

    def _add_until(self, trades: TradeBatch, clock_ms: int, until_ms: int) -> Iterator[BarBatch]:
        # Bar by bar: a sender may be many bars behind the clock, and only a few are remembered.
        number = self._grid.number(trades.ms)
        latest_ms = clock_ms + self._patience.ahead_ms
        for one in np.unique(number):
            begin_ms, over_ms = (
                int(f(one[None])[0]) for f in (self._grid.begin_ms, self._grid.over_ms)
            )
            self._until_ms = max(self._until_ms, min(begin_ms, until_ms) if one >= 0 else 0)
            self._forming.add(trades.take(number == one), self._market_ms, latest_ms)
            if over_ms <= until_ms and one >= 0:
                self._until_ms = max(self._until_ms, over_ms)
                yield from self.due()
        self._until_ms = until_ms
        yield from self.due()

    @property
    def _market_ms(self) -> int:
        # How late it is where the sender says it; else 0.
        return self._until_ms + self._patience.grace_ms if self._until_ms else 0

    def _rows(self, symbols: tuple[str, ...], of: list[int] | None) -> tuple[Int64, Bool]:
        # (n,) rows of tickers, and whether each is known; those of unknown ones are 0.
        found = [self._roster.row_of(symbol) for symbol in symbols]
        rows = np.array([-1 if row is None else row for row in found], np.int64)
        every = rows if of is None else rows[np.array(of, np.int64)]
        return every.clip(min=0), every >= 0

    def _sound(self, what: str, **wrong_by_reason: Bool) -> Int64:
        sound = ~np.zeros_like(next(iter(wrong_by_reason.values())))
        for reason, wrong in wrong_by_reason.items():
            self._refuse(reason, int((wrong & sound).sum()), what)
            sound &= ~wrong
        return np.flatnonzero(sound)

    def _refuse(self, reason: str, count: int, what: str) -> None:
        if count:
            self._refused[reason] += count
            self._complain(what, reason)

    def _complain(self, what: str, reason: str) -> None:
        self.complaint = f"{what}: {reason.replace('_', ' ')}"


def _live(batch: BarBatch, *, final: bool = False) -> LiveBars:
    return LiveBars(rows=batch.rows, bar_ms=batch.bar_ms, ohlcv=batch.ohlcv, final=final)
