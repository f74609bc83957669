"""Answers about the past, from a server's journal: buys and what came true, decisions and why."""

from typing import Annotated, ClassVar, Final

import msgspec
import numpy as np

from shared.contract import Float32, Int64
from shared.features import Features
from shared.limits import LAST_MS, MAX_BARS, EpochMs, Name, Symbol
from shared.protocol.envelope import Array, Message, check_symbols, refuse
from shared.protocol.messages import WindowMap

INTERRUPTED: Final = -1
OPEN: Final = -2


class PastBuys(Message, frozen=True, kw_only=True, eq=False, tag="past_buys"):
    """The answer to `GetPastBuys`: the newest buys of one ticker by the served model.

    Attributes:
        symbol: The ticker.
        count: n, the number of buys, oldest bar first.
        bar_ms: (n,) int64, close of the bar that decided, ms since 1970 UTC.
        confidence: (n,) float32, probability of class 2 that was said.
        outcome: (n,) int64, the class that came true; `INTERRUPTED` where a jump or a gap lies
            between, `OPEN` while the horizon has not passed.
        result: (n,) float32, return over the horizon; 0 where no class came true yet.
    """

    ARRAYS: ClassVar[dict[str, Array]] = {
        "bar_ms": Array("<i8", ("count",), low=0, high=LAST_MS),
        "confidence": Array("<f4", ("count",), low=0, high=1),
        "outcome": Array("<i8", ("count",), low=OPEN, high=2),
        "result": Array("<f4", ("count",), low=-1, high=1e24),
    }
    symbol: Symbol
    count: Annotated[int, msgspec.Meta(ge=0, le=MAX_BARS)]
    bar_ms: Int64
    confidence: Float32
    outcome: Int64
    result: Float32

    def check(self) -> None:
        """Refuse buys out of order."""
        check_symbols(self, (self.symbol,))
        refuse(self, bool((np.diff(self.bar_ms) <= 0).any()), "bars are out of order")


class PastWindow(WindowMap, frozen=True, kw_only=True, eq=False, tag="past_window"):
    """The answer to `GetPastWindow`: a decision of the past as it was said, and its map.

    Attributes:
        decided_by: The model of then, as a stamp names the one of now.
        decided_ms: When it decided, ms since 1970 UTC.
        kept: Whether window and map were kept, as those of each buy are; else they were made again
            of the bars and the model of then.
        sets: The prediction set: 1 for down, 2 for flat, 4 for up, added up; 0 without one.
        features: What the eight columns of that model's windows are.
    """

    decided_by: Name
    decided_ms: EpochMs
    kept: bool
    sets: Annotated[int, msgspec.Meta(ge=0, le=7)]
    features: Features
