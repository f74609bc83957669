"""Since when history is asked for, so that it holds so many bars."""

from typing import Final

import numpy as np

from models.data.calendars.sessions import sessions_of
from models.data.calendars.zone_clocks import DAY_MS
from shared.markets import Market

_HALT: Final = 1.25  # a few bars more than asked for: minutes without a trade have none


def history_start(
    market: Market, interval_s: int, bars: int, now_ms: int, *, extended: bool
) -> int:
    """Return a moment since when at least so many bars can have closed, ms since 1970 UTC.

    Args:
        market: Where they trade.
        interval_s: Their length, s.
        bars: How many.
        now_ms: Up to when, ms since 1970 UTC.
        extended: Whether trading after the session counts.

    Raises:
        SettingsError: The user's file of calendars is not what it must be.
    """
    length_ms, wanted = 1_000 * interval_s, int(bars * _HALT)
    sessions = sessions_of(market)
    if sessions is None:
        return (now_ms // length_ms - wanted) * length_ms
    if length_ms >= DAY_MS:
        wanted *= max(round(interval_s / 86_400 * 5 / 7), 1)
        begun = int(np.searchsorted(sessions.open_ms, now_ms))
        return int(sessions.open_ms[max(begun - wanted, 0)])
    opens, ends = sessions.parts(extended=extended)
    begun = int(np.searchsorted(opens, now_ms))
    held = np.cumsum(-(-(ends - opens)[:begun][::-1] // length_ms))
    back = int(np.searchsorted(held, wanted)) + 1
    return int(opens[max(begun - back, 0)])
