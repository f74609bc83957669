"""When a market trades, and waiting while it does not: nobody is asked for what cannot come."""

import asyncio
from typing import Final

import numpy as np

from models.data.calendars.sessions import Sessions, sessions_of
from server.feeds.forming.grid import Trading, trading_of
from shared.errors import SettingsError
from shared.markets import Market

_BEFORE_MS: Final = 60_000
_AFTER_MS: Final = 300_000
_NAP_S: Final = 30.0


def hours_of(market: Market, interval_s: int, *, extended: bool) -> tuple[Trading, Sessions]:
    """Return when a market that closes trades, for bars of a length, and its sessions.

    Raises:
        SettingsError: It never closes.
    """
    trading, sessions = trading_of(market, interval_s, extended=extended), sessions_of(market)
    if trading is None or sessions is None:
        raise SettingsError(f"{market.calendar} never closes: this source needs a market that does")
    return trading, sessions


async def until_open(trading: Trading, now_ms: int) -> bool:
    """Wait a while if the market is closed; return whether it is open, or was or will be soon.

    Args:
        trading: When it trades.
        now_ms: The time, ms since 1970 UTC.
    """
    place = int(np.searchsorted(trading.open_ms, now_ms + _BEFORE_MS, side="right")) - 1
    if place >= 0 and now_ms <= int(trading.end_ms[place]) + _AFTER_MS:
        return True
    following = trading.open_ms[place + 1 : place + 2]
    wait_s = (int(following[0]) - _BEFORE_MS - now_ms) / 1_000 if len(following) else _NAP_S
    await asyncio.sleep(min(wait_s, _NAP_S))
    return False
