"""The rules by which bars of a market are judged; apart, because calendars take long to load."""

import numpy as np

from models.data.bars import Rules
from models.data.calendars.sessions import sessions_of
from models.data.stretches import Stretches
from shared.markets import Market

_DAY_S = 86_400


def rules_for(market: Market, interval_s: int, jump_limit: float) -> Rules:
    """Return the rules for bars of a market.

    Args:
        market: Where they trade.
        interval_s: Their length, s.
        jump_limit: A move beyond this share between two closes is a split.
    """
    sessions = None if interval_s >= _DAY_S else sessions_of(market)
    if sessions is None:
        return Rules(interval_s=interval_s, jump_limit=jump_limit)
    opens, ends = sessions.parts(extended=True)
    closes = sessions.close_ms
    before = np.concatenate([sessions.open_ms[:1], closes[:-1]])
    stretches = Stretches(
        open_ms=opens,
        longest_ms=int(np.max(ends - opens)),
        turn_ms=(before + sessions.open_ms) // 2,
        close_ms=closes,
    )
    return Rules(interval_s=interval_s, jump_limit=jump_limit, stretches=stretches)
