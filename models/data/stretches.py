"""When a market trades without a pause."""

from dataclasses import dataclass

import numpy as np

from shared.contract import Int64


@dataclass(frozen=True, kw_only=True, eq=False)
class Stretches:
    """When a market trades without a pause: sessions, cut where they break off for lunch.

    Attributes:
        open_ms: (p,) int64, when each begins, ms since 1970 UTC, ascending.
        longest_ms: How long the longest one lasts, ms.
        turn_ms: (n,) int64, from when on a bar belongs to each session: half-way between the close
            of the one before and its opening, ascending.
        close_ms: (n,) int64, the regular close of each session.
    """

    open_ms: Int64
    longest_ms: int
    turn_ms: Int64
    close_ms: Int64

    def of(self, bar_ms: Int64) -> Int64:
        """Return (...) int64, the stretch that each bar closed in, given its (...) int64 close."""
        place: Int64 = np.searchsorted(self.open_ms, bar_ms, side="left")
        return place
