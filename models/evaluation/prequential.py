"""What a forecaster would have published: raw, calibrated once, and recalibrated on the way."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.calibration.adaptive import AdaptiveState, Recalibrator
from models.calibration.static import softmax
from models.calibration.stream import stream
from models.evaluation.metrics.forecasts import ADAPTIVE, RAW, STATIC, Forecasts, Realized
from shared.contract import Bool, Float64

_LEAST_PROBABILITY: Final = 1e-6  # a tree may say 0, whose logarithm nothing can recalibrate


@dataclass(frozen=True, kw_only=True, eq=False)
class Streamed:
    """The three forecasts of one forecaster for the rows that are shown.

    Attributes:
        forecasts: Raw, static, adaptive.
        state: What the recalibrator knew at the last forecast.
    """

    forecasts: tuple[Forecasts, Forecasts, Forecasts]
    state: AdaptiveState


def streamed(
    raw: Float64,
    calibrated: Float64,
    realized: Realized,
    shown: Bool,
    state: AdaptiveState,
) -> Streamed:
    """Return what would have been said of the shown rows; those before them only teach.

    Args:
        raw: (n, 3) float64 logits as they came.
        calibrated: (n, 3) float64 the same, statically calibrated.
        realized: What came of the n rows, in any order.
        shown: (n,) bool.
        state: What the recalibrator knows at first.
    """
    recalibrator = Recalibrator(state)
    said = stream(recalibrator, calibrated, realized.decided_ms, realized.target_ms, realized.label)
    forecasts = (
        Forecasts.most_probable(RAW, softmax(raw[shown])),
        Forecasts.most_probable(STATIC, softmax(calibrated[shown])),
        Forecasts.most_probable(ADAPTIVE, said.probabilities[shown], said.sets[shown]),
    )
    return Streamed(forecasts=forecasts, state=recalibrator.state)


def as_logits(probabilities: Float64) -> Float64:
    """Return (n, 3) float64 logits whose softmax are the (n, 3) probabilities."""
    return np.log(np.maximum(probabilities, _LEAST_PROBABILITY))
