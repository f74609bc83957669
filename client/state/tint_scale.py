"""Which confidence has which strength of color: the model's own range, or the same for all."""

import dataclasses
from typing import Final

from client.state import text
from shared.confidences import ConfidenceSpread

CHANCE: Final = 1 / 3
CERTAIN: Final = 0.95
_LEAST_RANGE: Final = 0.01  # between no color and the full one


@dataclasses.dataclass(frozen=True, kw_only=True)
class TintScale:
    """From no color at one confidence in class 2 to the full color at another.

    Attributes:
        low: Where color begins.
        high: From where on it is full.
        words: What the scale is, without a full stop.
    """

    low: float
    high: float
    words: str

    def share(self, confidence: float) -> float:
        """Return how much of the full color a confidence has, 0 to 1."""
        return min(max((confidence - self.low) / (self.high - self.low), 0.0), 1.0)

    def percent(self, confidence: float) -> int:
        """Return the same in whole percent, which is as fine as colors are made."""
        return round(100 * self.share(confidence))

    @property
    def sentence(self) -> str:
        """The scale in words, such as 34% to 55%: the strongest 1 in 200 of this model."""
        return f"{text.percent(self.low)} to {text.percent(self.high)}: {self.words}"


ABSOLUTE: Final = TintScale(low=CHANCE, high=CERTAIN, words="chance to certainty, of any model")
UNKNOWN: Final = dataclasses.replace(
    ABSOLUTE, words="the card of this model does not say how sure it ever is"
)


def tint_scale(spread: ConfidenceSpread | None, *, absolute: bool) -> TintScale:
    """Return the scale of a model.

    Args:
        spread: How its confidences are spread; None where its card does not say.
        absolute: Whether the same scale for all models is wanted.
    """
    if absolute:
        return ABSOLUTE
    if spread is None:
        return UNKNOWN
    high = max(spread.strongest, spread.base_rate + _LEAST_RANGE)
    return TintScale(low=spread.base_rate, high=high, words="the strongest 1 in 200 of this model")
