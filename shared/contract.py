"""The window's shape and the classes: the single truth that every room imports."""

import enum
import functools
import re
from typing import Final

import numpy as np
import numpy.typing as npt

from shared.errors import DataError

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]
UInt32 = npt.NDArray[np.uint32]
Bool = npt.NDArray[np.bool_]


class Class(enum.IntEnum):
    """What the next bar is expected to do; the value is the column of every probability array."""

    DOWN = 0
    FLAT = 1
    UP = 2


CLASS_NAMES: Final = tuple(c.name.lower() for c in Class)

STEPS: Final = 6
WINDOW_SHAPE: Final = (STEPS, 8)  # time down (oldest first), feature across

_SYMBOL = re.compile(r"[^\s/\x00-\x1f\x7f][^\s\x00-\x1f\x7f]{0,31}")
_INTERVAL = re.compile(r"([1-9][0-9]{0,3})([smhd])")
_UNIT_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def check_symbol(symbol: str) -> str:
    """Return `symbol` unchanged if it can name a ticker.

    Symbols are strings of 1 to 32 printable characters without blanks: 005930 keeps its zeros.

    Raises:
        DataError: The symbol is empty, too long, or holds a blank or a control character.
    """
    if not is_symbol(symbol):
        raise DataError(f"a symbol is 1 to 32 printable characters without blanks, was {symbol!r}")
    return symbol


# The same thousands come with every bar of a market, on both sides of the wire.
@functools.lru_cache(maxsize=2**17)
def is_symbol(symbol: str) -> bool:
    """Return whether a text can name a ticker."""
    return _SYMBOL.fullmatch(symbol) is not None


def interval_seconds(interval: str) -> int:
    """Return the length of a bar in seconds: `5m` is 300, `1d` is 86,400.

    Raises:
        DataError: `interval` is not a whole number followed by s, m, h or d.
    """
    match = _INTERVAL.fullmatch(interval)
    if match is None:
        raise DataError(f"an interval is a number with s, m, h or d, such as 5m, was {interval!r}")
    return int(match[1]) * _UNIT_SECONDS[match[2]]


def interval_name(seconds: int) -> str:
    """Return the shortest name of a bar length: 300 is `5m`.

    Raises:
        DataError: `seconds` is not positive.
    """
    if seconds <= 0:
        raise DataError(f"an interval must be longer than 0 s, was {seconds} s")
    unit = next(u for u in "dhms" if seconds % _UNIT_SECONDS[u] == 0)
    return f"{seconds // _UNIT_SECONDS[unit]}{unit}"
