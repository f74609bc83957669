"""Answers that say why, by any of the methods that the server knows."""

from typing import Annotated, ClassVar, Literal

import msgspec
import numpy as np

from shared.contract import STEPS, Float32, Int64
from shared.explaining import OfferedMethod
from shared.limits import MAX_METHODS, MAX_VALUE, Drop, Symbol, Value
from shared.protocol.envelope import (
    Array,
    Message,
    check_probabilities,
    check_symbols,
    refuse,
)
from shared.protocol.messages import SHARES, WINDOW, WINDOW_TIMES


class Methods(Message, frozen=True, kw_only=True, eq=False, tag="methods"):
    """The answer to `GetMethods`.

    Attributes:
        methods: (n,) what the served model can be explained by, the live one first.
    """

    methods: Annotated[tuple[OfferedMethod, ...], msgspec.Meta(max_length=MAX_METHODS)]

    def check(self) -> None:
        """Refuse a method that stands twice, and a live one anywhere but first."""
        names = {method.name for method in self.methods}
        refuse(self, len(names) != len(self.methods), "a method stands twice")
        refuse(self, any(m.live for m in self.methods[1:]), "a live method does not stand first")


class Explanation(Message, frozen=True, kw_only=True, eq=False, tag="explanation"):
    """The answer to `GetExplanation`: one class of one window, by one method.

    Attributes:
        symbol: The ticker.
        method: What was asked for, as it stands in `Methods`.
        winner: The winning class.
        target: The class that is explained.
        gap: How far the map's sum misses what it should add up to, in logits, for the methods that
            promise completeness; None for others.
        top_drop: How far the probability of `target` falls when the 5 cells that speak most
            for it go to 0 in `scaled`, the training mean; below 0 where it rises.
        random_drop: The same for 5 cells at random, the mean of 16 draws.
        map: (6, `method.columns`) float32, oldest bar first, features in the card's order.
        probabilities: (3,) float32, of down, flat, up, as published.
        raw: (6, 8) float32, features in their own units.
        scaled: (6, 8) float32, features as the network sees them, in standard deviations.
        bar_ms: (6,) int64, close of each bar, ms since 1970 UTC.
    """

    ARRAYS: ClassVar[dict[str, Array]] = {
        "map": Array("<f4", (STEPS, "method.columns"), low=-MAX_VALUE, high=MAX_VALUE),
        "probabilities": SHARES,
        "raw": WINDOW,
        "scaled": WINDOW,
        "bar_ms": WINDOW_TIMES,
    }
    symbol: Symbol
    method: OfferedMethod
    winner: Literal[0, 1, 2]
    target: Literal[0, 1, 2]
    gap: Value | None
    top_drop: Drop
    random_drop: Drop
    map: Float32
    probabilities: Float32
    raw: Float32
    scaled: Float32
    bar_ms: Int64

    def check(self) -> None:
        """Refuse a winner that did not win, signs that cannot be, and bars out of order."""
        check_symbols(self, (self.symbol,))
        check_probabilities(self, self.probabilities)
        refuse(self, int(self.probabilities.argmax()) != self.winner, "the winner did not win")
        against = not self.method.signed and bool((self.map < 0).any())
        refuse(self, against, "a map without signs is below 0")
        refuse(self, bool((np.diff(self.bar_ms) <= 0).any()), "bars are out of order")
