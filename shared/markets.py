"""The few facts about an exchange that bars and screens need."""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from shared.errors import SettingsError


class Market(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where and how a ticker trades.

    Attributes:
        name: The name that `--market` takes.
        timezone: IANA zone in which times are shown and daily bars are dated.
        session_close: Local time `HH:MM` at which a daily bar is complete; `24:00` is the midnight
            that ends its date.
        decimals: Digits after the point of a price on screen.
    """

    name: str
    timezone: str
    session_close: str
    decimals: int


MARKETS: Final = {
    m.name: m
    for m in (
        Market(name="krx", timezone="Asia/Seoul", session_close="15:30", decimals=0),
        Market(name="us", timezone="America/New_York", session_close="16:00", decimals=2),
        Market(name="crypto", timezone="UTC", session_close="24:00", decimals=4),
    )
}

_KRX_CODE = re.compile(r"[0-9][0-9A-Z]{5}")
_PAIR = re.compile(r"[A-Z0-9]+[-/](USD[TC]?|KRW|EUR|BTC|ETH)(:[A-Z]+)?")


def market_of(symbols: Iterable[str], name: str = "auto") -> Market:
    """Return the named market, or for `auto` the one whose way of writing the symbols follow.

    Six-character KRX codes mean `krx`, pairs such as BTC-USD mean `crypto`, all else `us`.

    Raises:
        SettingsError: No market has that name.
    """
    if name != "auto":
        if name not in MARKETS:
            raise SettingsError(f"market must be auto, {', '.join(MARKETS)}, was {name!r}")
        return MARKETS[name]
    listed = list(symbols)
    for pattern, market in ((_KRX_CODE, "krx"), (_PAIR, "crypto")):
        if listed and all(pattern.fullmatch(s) for s in listed):
            return MARKETS[market]
    return MARKETS["us"]
