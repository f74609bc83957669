"""The window, its features and the classes: the single truth that every room imports."""

import enum
import re
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from shared.errors import DataError

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]


class Class(enum.IntEnum):
    """What the next bar is expected to do; the value is the column of every probability array."""

    DOWN = 0
    FLAT = 1
    UP = 2


CLASS_NAMES: Final = tuple(c.name.lower() for c in Class)


class Feature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the eight numbers that describe a bar.

    Attributes:
        name: The identifier that cards and messages carry.
        label: What people read beside the heatmap.
        unit: What one unit of the raw value means.
        formula: How it is computed from bars up to and including the bar itself.
    """

    name: str
    label: str
    unit: str
    formula: str


# Every feature is a ratio or the logarithm of one, so that a 500-won and a 500,000-won stock look
# alike; t is the bar itself, and nothing after t is used.
FEATURES: Final = (
    Feature(
        name="open_gap",
        label="open gap",
        unit="log return",
        formula="ln(open[t] / close[t-1])",
    ),
    Feature(
        name="high",
        label="high",
        unit="log return",
        formula="ln(high[t] / close[t-1])",
    ),
    Feature(
        name="low",
        label="low",
        unit="log return",
        formula="ln(low[t] / close[t-1])",
    ),
    Feature(
        name="return",
        label="return",
        unit="log return",
        formula="ln(close[t] / close[t-1])",
    ),
    Feature(
        name="volume",
        label="volume",
        unit="log ratio, within -4 and 4",
        formula="ln(volume[t] / mean(volume[t-19..t])); -4 where volume[t] is 0, 0 where all are 0",
    ),
    Feature(
        name="vs_ma5",
        label="vs MA5",
        unit="ratio",
        formula="close[t] / mean(close[t-4..t]) - 1",
    ),
    Feature(
        name="vs_ma20",
        label="vs MA20",
        unit="ratio",
        formula="close[t] / mean(close[t-19..t]) - 1",
    ),
    Feature(
        name="volatility",
        label="volatility",
        unit="log return, standard deviation (n denominator)",
        formula="std(return[t-9..t])",
    ),
)
FEATURE_NAMES: Final = tuple(f.name for f in FEATURES)

STEPS: Final = 6
WINDOW_SHAPE: Final = (STEPS, len(FEATURES))  # (6, 8): time down (oldest first), feature across
LOOKBACK: Final = 20  # bars that one row of features needs, its own included

_SYMBOL = re.compile(r"[^\s/\x00-\x1f\x7f][^\s\x00-\x1f\x7f]{0,31}")
_INTERVAL = re.compile(r"([1-9][0-9]{0,3})([smhd])")
_UNIT_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def check_symbol(symbol: str) -> str:
    """Return `symbol` unchanged if it can name a ticker.

    Symbols are strings of 1 to 32 printable characters without blanks: 005930 keeps its zeros.

    Raises:
        DataError: The symbol is empty, too long, or holds a blank or a control character.
    """
    if _SYMBOL.fullmatch(symbol) is None:
        raise DataError(f"a symbol is 1 to 32 printable characters without blanks, was {symbol!r}")
    return symbol


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
