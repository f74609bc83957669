"""The range of every number and the bound of every list and text that both sides hold to.

A value outside is refused where it arrives. The server sends none: it drops such bars, and says
how many. docs/protocol.md lists the limits of each message, as the types declare them.
"""

from typing import Annotated, Final

import msgspec

# 2200-01-01 00:00 UTC. All before it can be shown in every time zone: pandas ends in 2262, Python
# and Qt in 9999, and a library that is asked for more raises, or ends the process while it paints.
LAST_MS: Final = 7_258_118_400_000

# Beyond these no real market trades, and within them no feature can overflow.
MIN_PRICE: Final = 1e-12
MAX_PRICE: Final = 1e12
MAX_VOLUME: Final = 1e18
MAX_DECIMALS: Final = 12

# Of maps, windows and what is measured of them: the product of two still fits float32.
MAX_VALUE: Final = 1e18

MAX_COUNT: Final = 2**53  # whole numbers up to here survive a reader that has floats alone
MAX_NAME: Final = 200  # characters of what is written for people on one line
MAX_ID: Final = 64  # characters of a name that programs compare
MAX_TICKERS: Final = 100_000
MAX_BARS: Final = 5_000  # in one answer
MAX_BUYS: Final = 10_000  # entries that are remembered
MAX_METHODS: Final = 256
MAX_REASONS: Final = 256  # by which bars are counted
MAX_CARD: Final = 1_000_000  # characters of a model card
MAX_CYCLE_MS: Final = 86_400_000

Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
EpochMs = Annotated[int, msgspec.Meta(ge=0, le=LAST_MS)]
Value = Annotated[float, msgspec.Meta(ge=-MAX_VALUE, le=MAX_VALUE)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Drop = Annotated[float, msgspec.Meta(ge=-1, le=1)]  # a difference of two probabilities
Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME)]
Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID)]
Symbol = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
Symbols = Annotated[tuple[Symbol, ...], msgspec.Meta(max_length=MAX_TICKERS)]
Names = Annotated[tuple[Name, ...], msgspec.Meta(max_length=MAX_TICKERS)]
