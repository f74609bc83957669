"""Markets by the names that people give them: short ones, or codes of exchange_calendars."""

import contextlib
import functools
import warnings
from typing import Final

import exchange_calendars
import msgspec
import pandas as pd
from exchange_calendars import ExchangeCalendar

from shared.errors import SettingsError
from shared.markets import MARKETS, Market

ALWAYS_OPEN: Final = "24/7"
CURRENCIES: Final = "24/5"
NEW_YORK: Final = "America/New_York"
_BEGIN: Final = pd.Timestamp("1990-01-01")  # files of daily bars seldom go back further
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
def calendar_of(code: str, *, whole: bool = True) -> ExchangeCalendar:
    """Return the calendar of a code, up to its horizon.

    Args:
        code: Of exchange_calendars.
        whole: From as early as it goes back; else the last twenty years, which is quicker.
    """
    with warnings.catch_warnings():
        # It works in ways that pandas will cease to support; that is its authors' business.
        warnings.simplefilter("ignore")
        if whole:
            # Some have a first day of their own, before which they refuse to begin. To ask each
            # for it would be to make it twice, and that of Seoul takes seconds.
            with contextlib.suppress(ValueError):
                return exchange_calendars.get_calendar(code, start=_BEGIN)
        usual = exchange_calendars.get_calendar(code)
        if not whole:
            return usual
        earliest = max(usual.bound_min() or _BEGIN, _BEGIN)
        return exchange_calendars.get_calendar(code, start=earliest)


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
    calendar = calendar_of(code, whole=False)
    close = calendar.close_times[-1][1]
    return Market(
        name=code,
        calendar=code,
        timezone=str(calendar.tz),
        session_close=f"{close:%H:%M}" if close.hour or close.minute else "24:00",
        decimals=0 if code in _WHOLE_UNITS else 2,
    )
