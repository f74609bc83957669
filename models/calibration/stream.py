"""A history as a stream: every forecast knows the outcomes of its time, and no later one."""

from itertools import pairwise

import numpy as np

from models.calibration.adaptive import Forecast, Recalibrator
from shared.contract import Class, Float64, Int64


def stream(
    recalibrator: Recalibrator,
    logits: Float64,
    decided_ms: Int64,
    target_ms: Int64,
    label: Int64,
) -> Forecast:
    """Return the forecasts of n samples as they would have been made at their times.

    At each decided time the outcomes that are known by then are learned, those of one target time
    together and the oldest first; then all samples of that time are forecast. The recalibrator is
    left as it was at the last forecast.

    Args:
        recalibrator: Where to begin; it learns on the way.
        logits: (n, 3) float64, statically calibrated, in any order.
        decided_ms: (n,) int64, when each is forecast, ms since 1970 UTC.
        target_ms: (n,) int64, when its label is known, after `decided_ms`, ms since 1970 UTC.
        label: (n,) int64 classes.
    """
    probabilities = np.empty((len(label), len(Class)))
    sets = np.zeros((len(label), len(Class)), dtype=np.bool_)
    outcomes = _groups(target_ms)
    learned = 0
    for moment, rows in _groups(decided_ms):
        while learned < len(outcomes) and outcomes[learned][0] <= moment:
            known = outcomes[learned][1]
            recalibrator.learn(logits[known], label[known])
            learned += 1
        forecast = recalibrator.forecast(logits[rows])
        probabilities[rows], sets[rows] = forecast.probabilities, forecast.sets
    return Forecast(probabilities=probabilities, sets=sets)


def _groups(times: Int64) -> list[tuple[int, Int64]]:
    # Each distinct time, ascending, and the positions that have it, in their own order.
    order = np.argsort(times, kind="stable")
    distinct, first = np.unique(times[order], return_index=True)
    bounds = pairwise([*first.tolist(), len(order)])
    return [(time, order[a:b]) for time, (a, b) in zip(distinct.tolist(), bounds, strict=True)]
