"""Which bar a moment belongs to: a grid in each stretch of trading, and none between them.

A trade that is stamped exactly at the end of a minute belongs to the one that begins: a bar is
[begin, close). No bar spans a session or its break; the last one of a stretch may be shorter.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from models.data.calendars.sessions import Sessions, sessions_of
from models.data.calendars.zone_clocks import DAY_MS
from shared.contract import Bool, Int64, interval_name
from shared.errors import SettingsError
from shared.markets import Market

AUCTION_MS: Final = 60_000  # the print of a closing auction comes within it, also a delayed one
OUTSIDE: Final = -1  # the number of no bar

Auction = Literal["own", "last"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Trading:
    """When a market trades without a pause, p stretches in time order.

    Attributes:
        open_ms: (p,) int64, when each begins, ms since 1970 UTC.
        end_ms: (p,) int64, when it ends.
        auction: (p,) bool, whether an auction prints at its end.
    """

    open_ms: Int64
    end_ms: Int64
    auction: Bool


def trading_of(market: Market, interval_s: int, *, extended: bool) -> Trading | None:
    """Return when a market trades, for bars of a length; None where it never closes.

    A bar of a day lasts from the session's open to its close, over its break.

    Args:
        market: Where.
        interval_s: Length of the bars, s.
        extended: Whether trading after the session counts.

    Raises:
        SettingsError: The user's file of calendars is not what it must be.
    """
    sessions = sessions_of(market)
    if sessions is None:
        return None
    if 1_000 * interval_s < DAY_MS:
        opens, ends = sessions.parts(extended=extended)
    else:
        late = extended & (sessions.late_open_ms > 0)
        opens, ends = sessions.open_ms, np.where(late, sessions.late_close_ms, sessions.close_ms)
    return Trading(open_ms=opens, end_ms=ends, auction=_auctions(ends, sessions))


def _auctions(ends: Int64, sessions: Sessions) -> Bool:
    # Currencies have none, and neither has a lunch break.
    if sessions.around_the_clock:
        return np.zeros(len(ends), np.bool_)
    return np.isin(ends, sessions.close_ms)


class BarGrid:
    """Numbers the bars of a market, so that the bar after another one has the next number.

    Attributes:
        length_ms: Length of a bar, ms.

    Args:
        interval_s: Length of a bar, s; at most a day.
        trading: When the market trades; None where it never closes: bars begin at whole multiples
            of their length since 1970 UTC then.
        auction: Where the print of a closing auction belongs, which comes at the close or up to a
            minute later: a bar of its `own` that begins at the close, or the `last` one. Of bars of
            a day it is always the last.

    Raises:
        SettingsError: The bars are longer than a day.
    """

    def __init__(self, interval_s: int, trading: Trading | None, auction: Auction = "own") -> None:
        self.length_ms = 1_000 * interval_s
        if self.length_ms > DAY_MS:
            raise SettingsError(
                f"trades make bars of up to a day, was interval {interval_name(interval_s)}"
            )
        whole_days = self.length_ms == DAY_MS
        own = auction == "own" and not whole_days
        self._stretches = (
            None
            if trading is None
            else _NumberedStretches(trading, self.length_ms, own=own, whole=whole_days)
        )

    def number(self, ms: Int64) -> Int64:
        """Return (n,) int64, the bar that each moment belongs to; `OUTSIDE` where none does.

        Args:
            ms: (n,) int64, ms since 1970 UTC.
        """
        if self._stretches is None:
            return ms // self.length_ms
        return self._stretches.number(ms)

    def begin_ms(self, number: Int64) -> Int64:
        """Return (n,) int64, when each bar begins, ms since 1970 UTC."""
        if self._stretches is None:
            return number * self.length_ms
        return self._stretches.begin_ms(number)

    def close_ms(self, number: Int64) -> Int64:
        """Return (n,) int64, when each bar closes, ms since 1970 UTC."""
        if self._stretches is None:
            return (number + 1) * self.length_ms
        return self._stretches.close_ms(number)

    def is_close(self, ms: Int64) -> Bool:
        """Return (n,) bool, whether a bar closes at each moment, or a shorter one within a bar.

        A bar of its own for an auction closes when nothing is traded any more.

        Args:
            ms: (n,) int64, ms since 1970 UTC.
        """
        if self._stretches is None:
            return np.ones(len(ms), np.bool_)
        return self._stretches.is_close(ms)

    def ends(self, ms: Int64) -> Bool:
        """Return (n,) bool, whether a bar of this length ends at each moment.

        Bars of a day do wherever their source says.

        Args:
            ms: (n,) int64, ms since 1970 UTC.
        """
        if self.length_ms >= DAY_MS:
            return ms > 0
        number = self.number(ms - 1)
        closes: Bool = (number != OUTSIDE) & (self.close_ms(np.maximum(number, 0)) == ms)
        auctions: Bool = (number == OUTSIDE) & self.is_close(ms)
        return closes | auctions

    def over_ms(self, number: Int64) -> Int64:
        """Return (n,) int64, from when on no trade belongs to each bar any more.

        Later than its close where it takes the print of an auction.
        """
        if self._stretches is None:
            return (number + 1) * self.length_ms
        return self._stretches.over_ms(number)

    def stretch(self, number: Int64) -> Int64:
        """Return (n,) int64, the stretch of trading of each bar; all 0 where it never closes."""
        if self._stretches is None:
            return np.zeros_like(number)
        return self._stretches.of(number)

    def newest_over(self, ms: int) -> int:
        """Return the number of the newest bar that is over at a moment; `OUTSIDE` if none is."""
        if self._stretches is None:
            return ms // self.length_ms - 1
        return self._stretches.newest_over(ms)


class _NumberedStretches:
    # The bars of each stretch, and behind them those of its auction, if it has any of its own.

    def __init__(self, trading: Trading, length_ms: int, *, own: bool, whole: bool) -> None:
        self._opens, self._ends = trading.open_ms, trading.end_ms
        span = self._ends - self._opens
        self._length = np.where(whole, span, length_ms)
        self._regular = -(-span // self._length)
        extra = np.where(trading.auction, AUCTION_MS, 0)
        behind = -(-extra // length_ms) if own else np.zeros_like(extra)
        self._own = own
        self._until = self._ends + extra
        self._next = np.append(self._opens[1:], np.iinfo(np.int64).max)
        count = self._regular + behind
        self._first = np.cumsum(count) - count
        self._count = count

    def number(self, ms: Int64) -> Int64:
        place = self._place(self._opens, ms)
        inside = (ms >= self._opens[place]) & (ms < self._until[place])
        within = (ms - self._opens[place]) // self._length[place]
        after = ms - self._ends[place]
        behind = after // self._length[place] + 1 if self._own else np.zeros_like(after)
        last = self._regular[place] - 1
        return np.where(
            inside,
            self._first[place] + np.where(after < 0, np.minimum(within, last), last + behind),
            OUTSIDE,
        )

    def begin_ms(self, number: Int64) -> Int64:
        place, nth = self._split(number)
        behind = nth - self._regular[place]
        start = np.where(behind < 0, self._opens[place], self._ends[place])
        begin: Int64 = start + np.where(behind < 0, nth, behind) * self._length[place]
        return begin

    def close_ms(self, number: Int64) -> Int64:
        place, nth = self._split(number)
        close = self.begin_ms(number) + self._length[place]
        is_regular = nth < self._regular[place]
        latest = np.where(is_regular, self._ends[place], self._next[place])
        return np.minimum(close, latest)

    def is_close(self, ms: Int64) -> Bool:
        place = self._place(self._opens, ms - 1)
        newest = self._first[place] + self._count[place] - 1
        closes: Bool = (self.number(ms - 1) != OUTSIDE) | (self.close_ms(newest) == ms)
        return closes

    def over_ms(self, number: Int64) -> Int64:
        place, nth = self._split(number)
        is_last = nth == self._count[place] - 1
        return np.maximum(self.close_ms(number), np.where(is_last, self._until[place], 0))

    def of(self, number: Int64) -> Int64:
        return self._place(self._first, number)

    def newest_over(self, ms: int) -> int:
        moment = np.array([ms])
        place = int(self._place(self._opens, moment)[0])
        if ms < self._opens[place]:
            return OUTSIDE
        candidates = self._first[place] + np.arange(-1, self._count[place])
        over = candidates[self.over_ms(candidates.clip(min=0)) <= ms]
        return int(over[-1]) if len(over) else OUTSIDE

    def _split(self, number: Int64) -> tuple[Int64, Int64]:
        place = self.of(number)
        return place, number - self._first[place]

    @staticmethod
    def _place(starts: Int64, values: Int64) -> Int64:
        place: Int64 = (np.searchsorted(starts, values, side="right") - 1).clip(min=0)
        return place
