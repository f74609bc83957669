"""Sets of classes that hold the truth as often as they say, while the market drifts.

A set holds every class whose probability is at least a threshold (Sadinle, Lei and Wasserman,
JASA 114, 2019, the smallest sets on average), and the threshold is steered by what came true:
Gibbs and Candes, "Adaptive conformal inference under distribution shift", NeurIPS 2021, in the
quantile-tracking form of Angelopoulos, Candes and Tibshirani, "Conformal PID control for time
series prediction", NeurIPS 2023. Nothing is assumed of the data: over T moments the mean
miscoverage is off by at most (the range of the threshold) / (step x T).
"""

import numpy as np

from shared.contract import Bool, Float64, Int64


def prediction_sets(probabilities: Float64, threshold: float) -> Bool:
    """Return (n, 3) bool, the classes of (n, 3) float64 probabilities that belong to each set.

    The winner, the first of the greatest, always does, so that no set is empty.
    """
    sets: Bool = probabilities >= threshold
    sets[np.arange(len(sets)), probabilities.argmax(axis=1)] = True
    return sets


def steer(threshold: float, sets: Bool, label: Int64, *, coverage: float, step: float) -> float:
    """Return the threshold after the outcomes of one moment.

    Tickers of one moment move together, so their mean counts as one observation.

    Args:
        threshold: The least probability that enters a set, so far.
        sets: (n, 3) bool, what was said of n tickers, n at least 1.
        label: (n,) int64, what came true.
        coverage: The wanted share of sets that hold the truth.
        step: How far a moment that all sets missed moves the threshold.
    """
    missed = 1 - sets[np.arange(len(label)), label].mean()
    return float(threshold - step * (missed - (1 - coverage)))
