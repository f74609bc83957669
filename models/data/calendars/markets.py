"""Markets by the names that people give them: short ones, or codes of exchange_calendars."""

import functools
from typing import Final

import exchange_calendars
import msgspec

from models.data.calendars.exchange import usual_hours
from shared.errors import SettingsError
from shared.markets import MARKETS, Market

ALWAYS_OPEN: Final = "24/7"
CURRENCIES: Final = "24/5"
NEW_YORK: Final = "America/New_York"
_WHOLE_UNITS: Final = frozenset(("XKRX", "XTKS"))  # no hundredths of a won or a yen in a price


def market_named(name: str) -> Market:
    """Return the market of a short name (krx, us, crypto) or of a code such as XTKS or 24/5.

    Raises:
        SettingsError: exchange_calendars knows no such code.
    """
    if name in MARKETS:
        return MARKETS[name]
    known = {code.upper(): code for code in exchange_calendars.get_calendar_names()}
    if name.upper() not in known:
        raise SettingsError(
            f"market must be auto, {', '.join(MARKETS)}, or a code of exchange_calendars "
            f"such as XTKS, was {name!r}"
        )
    return _market(exchange_calendars.resolve_alias(known[name.upper()]))


@functools.cache
def _market(code: str) -> Market:
    if code == CURRENCIES:
        # Not that of exchange_calendars, whose days begin and end at midnight UTC: the market opens
        # on Sunday in New York and closes there on Friday, and its days end there too. Quotes have
        # five digits, which is a tenth of the usual tick.
        return Market(
            name=code, calendar=code, timezone=NEW_YORK, session_close="17:00", decimals=5
        )
    for market in MARKETS.values():
        if market.calendar == code:
            return msgspec.structs.replace(market, name=code)
    hours = usual_hours(code)
    return Market(
        name=code,
        calendar=code,
        timezone=hours.timezone,
        session_close=hours.close,
        decimals=0 if code in _WHOLE_UNITS else 2,
    )
