"""What makes logits and slopes of windows: C or numpy where the network allows it, or torch."""

from collections.abc import Callable
from typing import Protocol

from shared.contract import Float32, Int64


class Scorer(Protocol):
    """Makes logits and slopes of windows that do not touch each other; threads may share it.

    Attributes:
        runs_on: What computes, for people; where it is not the fastest, why.
    """

    runs_on: str

    def logits(self, scaled: Float32) -> Float32:
        """Return (n, 3) float32 logits of (n, 6, 8) float32 windows; n may be 0."""

    def trace(self, scaled: Float32) -> tuple[Float32, Callable[[Int64], Float32]]:
        """Return the logits, and what makes slopes of classes that are chosen by them.

        Args:
            scaled: (n, 6, 8) float32 windows; n may be 0.

        Returns:
            (n, 3) float32 logits, and a function from (n,) int64 classes to the (n, 6, 8) float32
            gradient of each window's own logit of its class. It may be called once.
        """
