"""A probability held to what came true, at each height of it, by an integral controller.

What is added to a probability is a line between knots at 0, 1/30 .. 1. Each moment of outcomes
moves it against its mean error: gradient descent with a constant step on the squared error (the
Brier score), whose mean error vanishes whatever the market does (Angelopoulos, Jordan and
Tibshirani, "Gradient equilibrium in online learning", 2025). To do so at each height apart follows
Foster and Hart, "Calibeating: beating forecasters at their own game", Theoretical Economics 18
(2023), and Gupta and Ramdas, "Online Platt scaling with calibeating", ICML 2023.
"""

from typing import Final

import numpy as np

from shared.contract import Float64, Int64

KNOTS: Final = 31
LEAST: Final = 0.005  # nothing is moved beyond this, nor beyond 1 less this

_HEIGHTS: Final = np.linspace(0, 1, KNOTS)


def moved(probability: Float64, offsets: Float64) -> Float64:
    """Return (n,) float64 probabilities with the offsets of their heights added.

    Args:
        probability: (n,) float64, from 0 to 1.
        offsets: (31,) float64, what is added at each knot.
    """
    below, share = _place(probability)
    there = probability + (1 - share) * offsets[below] + share * offsets[below + 1]
    # What was beyond the limits from the beginning may stay there.
    low, high = np.minimum(probability, LEAST), np.maximum(probability, 1 - LEAST)
    inside: Float64 = there.clip(low, high)
    return inside


def steered(
    offsets: Float64, probability: Float64, error: Float64, *, gain: float, tilt: float
) -> Float64:
    """Return the (31,) float64 offsets after the outcomes of one moment.

    The errors act at their own heights, and through the slope of a line around the moment's mean
    probability: what is said too boldly is rare at each height, but shows on all of them together.

    Args:
        offsets: (31,) float64, so far.
        probability: (n,) float64, before any offset, n at least 1.
        error: (n,) float64, the outcome, 0 or 1, less what was said of it; 0 where there is none.
        gain: Step of a knot against the mean error at its height.
        tilt: Step of the slope.
    """
    below, share = _place(probability)
    near = np.bincount(below, (1 - share) * error, KNOTS)
    near += np.bincount(below + 1, share * error, KNOTS)
    arm = _HEIGHTS - probability.mean()
    step: Float64 = (gain * near + tilt * (arm @ near) * arm) / len(error)
    return offsets + step


def _place(probability: Float64) -> tuple[Int64, Float64]:
    # The knot below each probability, and how far it is on the way to the next, from 0 to 1.
    steps = probability * (KNOTS - 1)
    below = np.minimum(steps.astype(np.int64), KNOTS - 2)
    return below, steps - below
