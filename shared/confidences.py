"""How sure a model ever is: the distribution of its confidence in class 2, from which colors come.

A confidence says little by itself: 43% is an everyday word of one model, and the strongest that
another ever says. The card tells which, and the answer `model_card` carries it.
"""

from typing import Annotated, Final

import msgspec
import numpy as np
import numpy.typing as npt

from shared.contract import Float64
from shared.limits import Count, Share

# The shares of all windows at which a distribution is known; finer where a list is looked at.
LEVELS: Final = (
    *(0.0, 0.005, 0.01, 0.02, 0.05),
    *(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925),
    *(0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.9925, 0.995, 0.9975, 0.999, 1.0),
)
STRONGEST: Final = 0.995  # of all windows lie below the full color: 1 in 200 has it

_Quantiles = Annotated[
    tuple[Share, ...], msgspec.Meta(min_length=len(LEVELS), max_length=len(LEVELS))
]


class BuyPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the buys from some strength on.

    Attributes:
        strength: The least share of all windows of which the confidence lies below the buy's.
        buys: Windows of the test span in which class 2 won with at least that strength.
        hits: In how many of them class 2 came true.
        chosen_buys: The same in the validation span, where the operating point is chosen.
        chosen_hits: The same there.
    """

    strength: Share
    buys: Count
    hits: Count
    chosen_buys: Count
    chosen_hits: Count


class ConfidenceSpread(msgspec.Struct, frozen=True, kw_only=True):
    """The confidences in class 2 of a model on its validation and test span, as published.

    Attributes:
        windows: How many there are.
        base_rate: Share of them in which class 2 came true.
        quantiles: The confidences at `LEVELS`, rising: linear interpolation, as by numpy.
        points: Precision against count, from the weakest strength to the strongest.
        buy_from: The strength from which on a buy is worth a look; one of the points.

    Raises:
        ValueError: The quantiles fall.
    """

    windows: Count
    base_rate: Share
    quantiles: _Quantiles
    points: Annotated[tuple[BuyPoint, ...], msgspec.Meta(max_length=64)] = ()
    buy_from: Share = 0.0

    def __post_init__(self) -> None:
        if any(b < a for a, b in zip(self.quantiles, self.quantiles[1:], strict=False)):
            raise ValueError("quantiles must rise")

    @property
    def strongest(self) -> float:
        """The confidence that 1 of 200 windows exceeds."""
        return self.quantiles[LEVELS.index(STRONGEST)]

    @property
    def operating_point(self) -> BuyPoint | None:
        """The point from which on a buy is worth a look; None without points."""
        return next((p for p in self.points if p.strength == self.buy_from), None)

    def strength(self, confidence: npt.ArrayLike) -> Float64:
        """Return (...) float64, the share of windows below each (...) confidence in class 2."""
        return np.interp(np.asarray(confidence, np.float64), self.quantiles, LEVELS)
