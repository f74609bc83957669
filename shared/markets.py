"""The few facts about an exchange that bars and screens need."""

from typing import Final

import msgspec


class Market(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where and how a ticker trades.

    Attributes:
        name: The name that `--market` takes.
        calendar: Code of its calendar in exchange_calendars; 24/7 where it never closes.
        timezone: IANA zone in which times are shown and daily bars are dated.
        session_close: Local time `HH:MM` at which a daily bar is complete; `24:00` is the midnight
            that ends its date.
        decimals: Digits after the point of a price on screen.
    """

    name: str
    calendar: str
    timezone: str
    session_close: str
    decimals: int


MARKETS: Final = {
    m.name: m
    for m in (
        Market(
            name="krx", calendar="XKRX", timezone="Asia/Seoul", session_close="15:30", decimals=0
        ),
        Market(
            name="us",
            calendar="XNYS",
            timezone="America/New_York",
            session_close="16:00",
            decimals=2,
        ),
        Market(name="crypto", calendar="24/7", timezone="UTC", session_close="24:00", decimals=4),
    )
}
