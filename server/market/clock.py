"""What time it is in the market, and whether its newest bar is what it should be by then; pure.

The link says that a server talks, this says whether the market does: a market that has closed, and
one of which no bar comes although it is open, are two things that a live link hides.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from shared.contract import Bool, Int64

LATE_BARS: Final = 3  # closed bars that may be missing in a row before the market counts as silent
GRACE_MS: Final = 30_000  # what a bar of less than a day may take from its close to us
# Vendors give the bars of a day when they have them, and date them to about the close.
DAY_GRACE_MS: Final = 3_600_000
_DAY_MS: Final = 86_400_000
_NEAR_MS: Final = _DAY_MS // 2


@dataclass(frozen=True, kw_only=True)
class MarketTime:
    """How late it is in a market.

    Attributes:
        market_ms: The market's own time, ms since 1970 UTC; 0 where it is not known.
        closed_until_ms: When it opens again, ms since 1970 UTC; 0 while it is open.
        stale_since_ms: Close of the newest bar where later ones should have come, or the opening
            where none came at all, ms since 1970 UTC; 0 where nothing is missing.
    """

    market_ms: int = 0
    closed_until_ms: int = 0
    stale_since_ms: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Hours:
    """When a market trades.

    Attributes:
        open_ms: (p,) int64, when each stretch of trading without a pause begins, ms since 1970 UTC.
        end_ms: (p,) int64, when it ends.
        close_ms: (n,) int64, when each session is over.
    """

    open_ms: Int64
    end_ms: Int64
    close_ms: Int64


class MarketClock:
    """Tells the time of one market.

    Bars that are played from a file or imagined have no time but their own. Bars of less than a
    day are awaited while the calendar's regular session runs. A bar of a day or longer stands until
    the next one is due, so that its market never counts as closed.

    Args:
        interval_s: Length of a bar, s.
        played: Whether the bars are of another time than now.
        hours: When it trades; None where it never closes.
        delay_s: How old bars are when they come, s: so much later they are missed.
    """

    def __init__(
        self, interval_s: int, *, played: bool, hours: Hours | None = None, delay_s: int = 0
    ) -> None:
        self._interval_ms, self._played = interval_s * 1_000, played
        self._whole_days = self._interval_ms >= _DAY_MS
        self._allowed_ms = LATE_BARS * self._interval_ms + GRACE_MS + 1_000 * delay_s
        self._hours = hours

    def read(self, now_ms: int, newest_ms: int, newest_closed_ms: int) -> MarketTime:
        """Return the time of the market.

        Args:
            now_ms: The time on the wall, ms since 1970 UTC.
            newest_ms: Close of the newest bar, also of one that is forming; 0 before the first.
            newest_closed_ms: Close of the newest bar that has closed; 0 before the first.
        """
        if self._played:
            return MarketTime(market_ms=newest_ms)
        if self._whole_days:
            due_ms = self._due_ms(now_ms)
            missing = newest_closed_ms < due_ms - _NEAR_MS
            stale_ms = (newest_closed_ms or due_ms) if missing else 0
            return MarketTime(market_ms=now_ms, stale_since_ms=stale_ms)
        closed_ms, stale_ms = self._within_days(now_ms, newest_closed_ms)
        return MarketTime(market_ms=now_ms, closed_until_ms=closed_ms, stale_since_ms=stale_ms)

    def are_late(self, bar_ms: Int64, now_ms: int) -> Bool:
        """Return (n,) bool, which bars that closed at `bar_ms`, (n,) int64, are not news now."""
        if self._played:
            return np.zeros(len(bar_ms), np.bool_)
        if self._whole_days:
            late: Bool = bar_ms < self._due_ms(now_ms) - _NEAR_MS
            return late
        long_ago: Bool = now_ms - bar_ms > self._allowed_ms
        return long_ago

    def _due_ms(self, now_ms: int) -> int:
        # Close of the newest bar that must be here by now; 0 where none must be.
        if self._interval_ms > _DAY_MS:
            return max(now_ms - 2 * self._interval_ms, 0)
        since_ms = now_ms - DAY_GRACE_MS
        if self._hours is None:
            return since_ms // _DAY_MS * _DAY_MS
        closes = self._hours.close_ms
        place = int(np.searchsorted(closes, since_ms, side="right")) - 1
        return int(closes[place]) if place >= 0 else 0

    def _within_days(self, now_ms: int, newest_ms: int) -> tuple[int, int]:
        # When it opens again and since when bars are missing, for bars of less than a day.
        hours = self._hours
        if hours is None:
            return 0, newest_ms if now_ms - newest_ms > self._allowed_ms else 0
        place = int(np.searchsorted(hours.open_ms, now_ms, side="right")) - 1
        if place < 0:
            return 0, 0
        opened_ms, ended_ms = int(hours.open_ms[place]), int(hours.end_ms[place])
        if now_ms <= ended_ms + GRACE_MS:
            # At the opening bars of the session before are all there can be.
            late = now_ms - max(newest_ms, opened_ms) > self._allowed_ms
            return 0, (newest_ms or opened_ms) if late else 0
        if newest_ms > ended_ms and now_ms - newest_ms <= self._allowed_ms:
            return 0, 0  # it trades after its session, and the feed tells of it
        following = hours.open_ms[place + 1 : place + 2]
        cut_off = 0 < newest_ms < ended_ms - self._allowed_ms
        return int(following[0]) if len(following) else 0, newest_ms if cut_off else 0
