"""Which buys are strong enough to be looked at, without one ticker that comes and goes."""

from typing import Final

import numpy as np

from client.state.moved_rows import moved
from shared.confidences import ConfidenceSpread
from shared.contract import Bool, Float32, Int64

_LET_GO: Final = 0.02  # below the least strength, before a buy that was strong is so no more


class WorthALook:
    """The strong buys among the rows of a table.

    Attributes:
        strong: (n,) bool, rows in class 2 that are strong, or were and have hardly lost.
        wanted: The least strength, a share of the model's own confidences; 0 for what the card
            says.
    """

    strong: Bool
    wanted: float

    def __init__(self) -> None:
        self.strong, self.wanted = np.zeros(0, np.bool_), 0.0

    def least(self, spread: ConfidenceSpread | None) -> float:
        """Return the least strength of a model's buys that are worth a look; 0 for all."""
        if spread is None:
            return 0.0
        return self.wanted or spread.buy_from

    def is_strong(self, confidence: float, spread: ConfidenceSpread | None) -> bool:
        """Return whether a buy of that confidence is worth a look when it is made."""
        return spread is None or float(spread.strength(confidence)) >= self.least(spread)

    def move(self, origin: Int64) -> None:
        """Let rows stand elsewhere; (n,) int64 `origin` is where each stood, -1 for new ones."""
        self.strong = moved(self.strong, origin)

    def take(self, up: Float32, up_wins: Bool, spread: ConfidenceSpread | None) -> None:
        """Take over new confidences.

        Args:
            up: (n,) float32, probability of class 2.
            up_wins: (n,) bool, whether the row is in class 2.
            spread: How the confidences of the model are spread; None where its card does not say.
        """
        if spread is None:
            self.strong = up_wins
            return
        strength, least = spread.strength(up), self.least(spread)
        enough = np.where(self.strong, strength >= least - _LET_GO, strength >= least)
        self.strong = up_wins & enough
