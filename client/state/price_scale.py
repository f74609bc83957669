"""How prices become heights of a chart, and heights the words of its axis; pure functions."""

import dataclasses
import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import numpy as np

from client.state import text
from shared.contract import Float64

_LEAST: Final = 1e-12  # nothing costs less; of a price of 0 there is no logarithm
_WIDE: Final = 4.0  # times the lowest price, from where evenly spread prices crowd at the top


class ScaleKind(StrEnum):
    """What equal heights of a chart are."""

    LINEAR = "linear"
    LOG = "log"
    PERCENT = "percent"


@dataclasses.dataclass(frozen=True)
class PriceScale:
    """A scale of prices.

    Attributes:
        kind: What equal heights are.
        base: The price that percent are of.
    """

    kind: ScaleKind = ScaleKind.LINEAR
    base: float = 1.0

    def heights(self, prices: Float64) -> Float64:
        """Return where prices in currency are, float64 of the same shape."""
        return np.log(np.maximum(prices, _LEAST)) if self.kind == ScaleKind.LOG else prices

    def price(self, height: float) -> float:
        """Return the price at a height, in currency."""
        return math.exp(height) if self.kind == ScaleKind.LOG else height

    def read(self, height: float) -> float:
        """Return what the axis says of a height: a price, or percent since `base`."""
        price = self.price(height)
        return 100 * (price / self.base - 1) if self.kind == ScaleKind.PERCENT else price

    def height(self, read: float) -> float:
        """Return the height of what the axis says."""
        if self.kind == ScaleKind.LOG:
            return math.log(max(read, _LEAST))
        return self.base * (1 + read / 100) if self.kind == ScaleKind.PERCENT else read

    def label(self, height: float, decimals: int) -> str:
        """Return what stands out at a height; prices with so many decimals."""
        if self.kind == ScaleKind.PERCENT:
            return f"{text.signed(self.read(height))}%"
        return text.price(self.price(height), decimals)

    def tick(self, height: float, decimals: int, spacing: float) -> str:
        """Return the label of a tick.

        Args:
            height: Where it is.
            decimals: That prices of the market have at least.
            spacing: What the axis says of the distance to the next one.
        """
        if self.kind == ScaleKind.PERCENT:
            digits = max(math.ceil(-math.log10(spacing) - 1e-9), 0) if spacing > 0 else 0
            return f"{text.signed(round(self.read(height), digits) + 0.0, digits)}%"
        return text.price_tick(self.price(height), decimals, spacing)


def log_ticks(low: float, high: float) -> Sequence[float]:
    """Return round prices between two for an axis of logarithms; empty where even ones do.

    Args:
        low: The lowest price in sight, in currency.
        high: The highest.
    """
    if low <= 0 or high < _WIDE * low:
        return ()
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [p for d in decades for m in (1, 2, 5) if low <= (p := m * 10.0**d) <= high]
