"""Frames of trades of the websocket of KIS, such as `0|H0STCNT0|004|a^b^c…`.

The fields are those of the vendor's `ccnl_krx.py` and `ccnl_total.py`, 46 a record; several
records stand in one frame.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from models.data.times import to_ms
from shared.errors import WireError

FIELDS: Final = 46
_STAMP: Final = len("YYYYMMDDHHMMSS")
_SYMBOL: Final = 0  # MKSC_SHRN_ISCD
_CLOCK: Final = 1  # STCK_CNTG_HOUR
_PRICE: Final = 2  # STCK_PRPR
_VOLUME: Final = 12  # CNTG_VOL
_DAY_VOLUME: Final = 13  # ACML_VOL
_DATE: Final = 33  # BSOP_DATE


@dataclass(frozen=True, kw_only=True)
class KisTrade:
    """A trade.

    Attributes:
        symbol: Of the share.
        ms: When, to the second, ms since 1970 UTC.
        price: Won.
        volume: Shares.
        day_volume: Shares of the day so far, this trade included: no two trades have the same.
    """

    symbol: str
    ms: int
    price: float
    volume: float
    day_volume: int


def trades_in(frame: str) -> list[KisTrade]:
    """Return the trades of a frame, in their order.

    Raises:
        WireError: It is none, or cut.
    """
    parts = frame.split("|", 3)
    if len(parts) != 4 or parts[0] != "0" or not parts[2].isdecimal():
        raise WireError("a frame of KIS has no four parts")
    fields, count = parts[3].split("^"), int(parts[2])
    width, rest = divmod(len(fields), count) if count else (0, 1)
    if rest or width < FIELDS:
        raise WireError(f"a frame of KIS says {count} records and has {len(fields)} fields")
    return [_trade(fields[n * width : (n + 1) * width]) for n in range(count)]


def _trade(fields: list[str]) -> KisTrade:
    if len(fields[_DATE]) + len(fields[_CLOCK]) != _STAMP:
        raise WireError(f"a trade of KIS has no time: {fields[_DATE][:9]} {fields[_CLOCK][:7]}")
    try:
        moment = dt.datetime.strptime(f"{fields[_DATE]}{fields[_CLOCK]}+0900", "%Y%m%d%H%M%S%z")
        return KisTrade(
            symbol=fields[_SYMBOL],
            ms=to_ms(moment),
            price=float(fields[_PRICE]),
            volume=float(fields[_VOLUME]),
            day_volume=int(fields[_DAY_VOLUME]),
        )
    except ValueError as e:
        raise WireError(f"a trade of KIS cannot be read: {e}") from e
