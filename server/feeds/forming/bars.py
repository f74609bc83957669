"""From trades to bars that form and close, of all tickers at once.

A bar is over by the clock of the exchange and a grace, never because another trade comes. What
comes later for it, as long as it is remembered, is a correction: the bar is told once more.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from models.data.growth import grown
from server.feeds.base import BarBatch
from server.feeds.forming.grid import OUTSIDE, BarGrid
from server.feeds.forming.trades import SeenTrades, TradeBatch
from shared.contract import Bool, Float64, Int64
from shared.limits import MAX_PRICE, MAX_VOLUME, MIN_PRICE

_LATER: Final = np.iinfo(np.int64).max  # when a bar without any trade had its first one
_CLOSE: Final = 3

NoTrade = Literal["skip", "flat"]


@dataclass(frozen=True, kw_only=True)
class TradePatience:
    """How long is waited for trades, ms.

    Attributes:
        grace_ms: From the end of a bar until it counts as closed.
        late_ms: From then on, as long as a trade still corrects it.
        ahead_ms: How far the clock of who stamps trades may be ahead of ours.
    """

    grace_ms: int = 1_000
    late_ms: int = 60_000
    ahead_ms: int = 5_000


class FormingBars:
    """The bars that form, and those that a late trade may still correct.

    Trades that count for no bar are counted by reason: `bad_trade` (no price or volume that can
    be), `outside_session`, `ahead_of_clock`, `late_trade`, `duplicate_trade`, and `partial_bar` for
    those of a bar of which others are missing.

    Attributes:
        reasons: How many trades did not count, by reason.

    Args:
        grid: Which bar a trade belongs to.
        tickers: n, their number.
        patience: How long is waited.
        no_trade: What becomes of a bar without a trade: none (`skip`), or one at the last close,
            without volume (`flat`), from a ticker's first trade in a session on.
    """

    def __init__(
        self,
        grid: BarGrid,
        tickers: int,
        patience: TradePatience = TradePatience(),
        no_trade: NoTrade = "skip",
    ) -> None:
        self.reasons: Counter[str] = Counter()
        self._grid, self._patience, self._no_trade = grid, patience, no_trade
        span_ms = patience.grace_ms + patience.late_ms + patience.ahead_ms
        self._kept = -(-span_ms // grid.length_ms) + 3
        self._seen = SeenTrades(span_ms + 60_000)
        # Rings: the bar of a number has the slot of that number modulo `_kept`.
        self._number = np.full((tickers, self._kept), OUTSIDE)
        self._ohlcv = np.zeros((tickers, self._kept, 5))
        self._first_ms = np.zeros((tickers, self._kept), np.int64)
        self._last_ms = np.zeros((tickers, self._kept), np.int64)
        self._unsaid = np.zeros((tickers, self._kept), np.bool_)  # closed, or to be once it closes
        self._moved = np.zeros((tickers, self._kept), np.bool_)  # since it was told as forming
        self._trading_in = np.full(tickers, OUTSIDE)  # stretch in which it traded last
        self._last_close = np.zeros(tickers)
        self._over = OUTSIDE  # the newest bar that is over
        self._holes: list[range] = []  # numbers of bars of which trades are missing

    def grow(self, tickers: int) -> None:
        """Make room for at least as many tickers; room doubles."""
        room = len(self._number)
        if tickers <= room:
            return
        before, room = room, max(tickers, 2 * room)
        self._number = grown(self._number, room)
        self._ohlcv = grown(self._ohlcv, room)
        self._first_ms, self._last_ms = grown(self._first_ms, room), grown(self._last_ms, room)
        self._unsaid, self._moved = grown(self._unsaid, room), grown(self._moved, room)
        self._trading_in = grown(self._trading_in, room)
        self._last_close = grown(self._last_close, room)
        self._number[before:] = self._trading_in[before:] = OUTSIDE

    def lose(self, from_ms: int, to_ms: int) -> None:
        """Note that trades are missing between two moments: no bar is told that lies in them.

        Args:
            from_ms: All before it is known, ms since 1970 UTC.
            to_ms: All from then on will be.
        """
        after = self._grid.newest_over(to_ms) + 1
        if int(self._grid.begin_ms(np.array([after]))[0]) < to_ms:
            after += 1
        hole = range(self._grid.newest_over(from_ms) + 1, after)
        self._holes.append(hole)
        lost = self._unsaid & (self._number >= hole.start) & (self._number < hole.stop)
        self.reasons["partial_bar"] += int(lost.sum())
        self._number[lost], self._unsaid[lost], self._moved[lost] = OUTSIDE, False, False
        self._trading_in[:] = OUTSIDE

    def add(self, trades: TradeBatch, now_ms: int, until_ms: int | None = None) -> None:
        """Take trades into their bars.

        Args:
            trades: In the order in which they came; their times may be in any.
            now_ms: The time by the clock of the exchange, ms since 1970 UTC.
            until_ms: The latest that a trade may be stamped, where that is not now.
        """
        number = self._grid.number(trades.ms)
        latest_ms = now_ms + self._patience.ahead_ms if until_ms is None else until_ms
        chosen = self._sound(trades, number, now_ms, latest_ms)
        trades, number = trades.take(chosen), number[chosen]
        if trades.ids is not None:
            new = self._seen.are_new(trades, now_ms)
            self.reasons["duplicate_trade"] += int((~new).sum())
            trades, number = trades.take(new), number[new]
        if len(number):
            self._merge(trades, number)

    def closed(self, now_ms: int) -> BarBatch:
        """Return the bars that are over and were not told yet, and those that are corrected.

        They stand in the order of their closes.

        Args:
            now_ms: The time by the clock of the exchange, ms since 1970 UTC; all trades that were
                made until then, less the grace, must have been added.
        """
        newest = self._grid.newest_over(now_ms - self._patience.grace_ms)
        if self._no_trade == "flat":
            self._fill(newest)
        self._over = max(self._over, newest)
        found = np.flatnonzero(self._unsaid & (self._number <= newest))
        number = self._number.ravel()[found]
        order = np.argsort(number, kind="stable")  # of one time by row, as they were found
        self._unsaid.ravel()[found] = False
        return self._batch(found[order], closed=True)

    def forming(self, now_ms: int) -> BarBatch:
        """Return the bars that form and have changed since this was asked the last time.

        Those of a bar that begins while the one before it is not closed yet wait for that.

        Args:
            now_ms: The time by the clock of the exchange, as `closed` was told it.
        """
        number = self._grid.newest_over(now_ms - self._patience.grace_ms) + 1
        slot = number % self._kept
        rows = np.flatnonzero(self._moved[:, slot] & (self._number[:, slot] == number))
        self._moved[rows, slot] = False
        return self._batch(rows * self._kept + slot, closed=False)

    def _batch(self, places: Int64, *, closed: bool) -> BarBatch:
        number = self._number.ravel()[places]
        return BarBatch(
            rows=places // self._kept,
            bar_ms=self._grid.close_ms(number),
            ohlcv=self._ohlcv.reshape(-1, 5)[places],
            closed=closed,
        )

    def _sound(self, trades: TradeBatch, number: Int64, now_ms: int, latest_ms: int) -> Bool:
        patience = self._patience
        oldest = self._grid.newest_over(now_ms - patience.grace_ms - patience.late_ms)
        self._holes = [hole for hole in self._holes if hole.stop > oldest]
        price, volume = trades.price, trades.volume
        # Written so that a NaN is bad, too.
        possible = (price >= MIN_PRICE) & (price <= MAX_PRICE)
        checks = {
            "bad_trade": ~(possible & (volume >= 0) & (volume <= MAX_VOLUME)),
            "outside_session": number == OUTSIDE,
            "ahead_of_clock": trades.ms > latest_ms,
            "late_trade": number <= oldest,
            "partial_bar": self._in_holes(number),
        }
        sound = np.ones(len(number), np.bool_)
        for reason, wrong in checks.items():
            self.reasons[reason] += int((wrong & sound).sum())
            sound &= ~wrong
        return sound

    def _in_holes(self, number: Int64) -> Bool:
        inside = np.zeros(len(number), np.bool_)
        for hole in self._holes:
            inside |= (number >= hole.start) & (number < hole.stop)
        return inside

    def _merge(self, trades: TradeBatch, number: Int64) -> None:
        order = _by_bar(trades, number)
        trades, number = trades.take(order), number[order]
        begins = (np.diff(trades.rows) != 0) | (np.diff(number) != 0)
        starts = np.flatnonzero(np.append(True, begins))
        ends = np.append(starts[1:], len(number)) - 1
        new = _bars_of(trades, starts, ends)
        first_ms, last_ms = trades.ms[starts], trades.ms[ends]
        place = trades.rows[starts] * self._kept + number[starts] % self._kept
        self._put(place, number[starts], new, first_ms, last_ms)

    def _put(
        self, place: Int64, number: Int64, new: Float64, first_ms: Int64, last_ms: Int64
    ) -> None:
        # (m,) bars that differ, by their places in the rings, with (m, 5) what came of each.
        numbers, bars = self._number.ravel(), self._ohlcv.reshape(-1, 5)
        firsts, lasts = self._first_ms.ravel(), self._last_ms.ravel()
        known = (numbers[place] == number) & (firsts[place] != _LATER)
        old = bars[place[known]]
        merged = new[known]
        merged[:, 0] = np.where(first_ms[known] < firsts[place[known]], merged[:, 0], old[:, 0])
        merged[:, 1] = np.maximum(merged[:, 1], old[:, 1])
        merged[:, 2] = np.minimum(merged[:, 2], old[:, 2])
        merged[:, 3] = np.where(last_ms[known] >= lasts[place[known]], merged[:, 3], old[:, 3])
        merged[:, 4] += old[:, 4]
        new[known] = merged
        first_ms[known] = np.minimum(first_ms[known], firsts[place[known]])
        last_ms[known] = np.maximum(last_ms[known], lasts[place[known]])
        numbers[place], bars[place], firsts[place], lasts[place] = number, new, first_ms, last_ms
        self._unsaid.ravel()[place] = self._moved.ravel()[place] = True

    def _fill(self, newest: int) -> None:
        # Give those that traded earlier in their session a bar for each in which they did not.
        for number in range(max(self._over + 1, newest - self._kept + 2, 0), newest + 1):
            slot, one = number % self._kept, np.array([number])
            stretch = int(self._grid.stretch(one)[0])
            traded = self._number[:, slot] == number
            silent = np.flatnonzero((self._trading_in == stretch) & ~traded)
            if not self._in_holes(one)[0]:
                self._number[silent, slot] = number
                self._ohlcv[silent, slot, :4] = self._last_close[silent, None]
                self._ohlcv[silent, slot, 4] = 0
                self._first_ms[silent, slot], self._unsaid[silent, slot] = _LATER, True
            self._last_close[traded] = self._ohlcv[traded, slot, _CLOSE]
            self._trading_in[traded] = stretch


def _by_bar(trades: TradeBatch, number: Int64) -> Int64:
    # (n,) places by ticker and bar, in each by time; of one time as they came.
    ms = trades.ms
    in_time = None if (ms[1:] >= ms[:-1]).all() else np.argsort(ms, kind="stable")
    low = int(number.min())
    key = trades.rows * (int(number.max()) - low + 1) + (number - low)
    if in_time is None:
        return np.argsort(key, kind="stable")
    order: Int64 = in_time[np.argsort(key[in_time], kind="stable")]
    return order


def _bars_of(trades: TradeBatch, starts: Int64, ends: Int64) -> Float64:
    # (m, 5) of trades that stand by bar and time.
    return np.stack(
        (
            trades.price[starts],
            np.maximum.reduceat(trades.price, starts),
            np.minimum.reduceat(trades.price, starts),
            trades.price[ends],
            np.add.reduceat(trades.volume, starts),
        ),
        axis=1,
    )
