"""Recalibration on the way: every outcome that has become known moves the next forecasts a little.

Two stages, both causal and small. A discounted Bayesian recalibration of all three logits follows
the market's base rates; then an integral controller holds the confidence in class 2 to what came
true, at each height of it. `docs/calibration.md` derives both and shows what they gain.
"""

from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
import numpy as np

from models.calibration.conformal import prediction_sets, steer
from models.calibration.static import derivatives, softmax
from shared.contract import Bool, Class, Float64, Int64

_PARAMETERS: Final = 4  # one scale and three biases
_KNOTS: Final = 16  # 0, 1/15 .. 1

_Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]
_Positive = Annotated[float, msgspec.Meta(gt=0)]
_Vector = Annotated[tuple[float, ...], msgspec.Meta(min_length=_PARAMETERS, max_length=_PARAMETERS)]
_Matrix = Annotated[
    tuple[float, ...], msgspec.Meta(min_length=_PARAMETERS**2, max_length=_PARAMETERS**2)
]
_Knots = Annotated[tuple[float, ...], msgspec.Meta(min_length=_KNOTS, max_length=_KNOTS)]

# What the controller may turn the confidence in class 2 into.
_LEAST: Final = 0.005


class AdaptiveSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How fast what came true is believed.

    Attributes:
        half_life: Moments after which an outcome weighs half in the recalibration of the logits.
        prior: How firmly that is held at no change, in outcomes.
        correlation: Of the outcomes of one moment among each other: n of them weigh as many as
            n / (1 + (n - 1) correlation) that are independent.
        gain: How far a moment's mean error moves the controller.
        coverage: Share of the sets that should hold the truth.
        step: How far a moment that all sets missed moves their threshold.
    """

    half_life: _Positive = 320.0
    prior: _Positive = 3.0
    correlation: _Share = 0.2
    gain: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.02
    coverage: _Share = 0.9
    step: _Positive = 0.05


class AdaptiveState(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that a recalibrator knows, as plain numbers; the default has seen nothing.

    Attributes:
        settings: How it learns.
        moments: Moments of outcomes that were learned.
        precision: (16,) row by row, the discounted Hessian (4, 4) of the outcomes' log loss by
            scale and biases.
        pull: (4,) that matrix times the parameters that the outcomes ask for.
        offsets: (16,) what the controller adds to a confidence in class 2 of 0, 1/15 .. 1.
        threshold: The least probability that enters a set.
    """

    settings: AdaptiveSettings = AdaptiveSettings()
    moments: Annotated[int, msgspec.Meta(ge=0)] = 0
    precision: _Matrix = (0.0,) * _PARAMETERS**2
    pull: _Vector = (0.0,) * _PARAMETERS
    offsets: _Knots = (0.0,) * _KNOTS
    threshold: float = 0.2


@dataclass(frozen=True, kw_only=True, eq=False)
class Forecast:
    """What may be published of n samples.

    Attributes:
        probabilities: (n, 3) float64, of down, flat, up; each row adds up to 1.
        sets: (n, 3) bool, the classes that hold the truth with the stated coverage; the winner
            always belongs to them.
    """

    probabilities: Float64
    sets: Bool


class Recalibrator:
    """Forecasts that learn from outcomes; it has no clock and sees only what it is given.

    The same state and the same outcomes give the same forecasts, bit by bit.

    Args:
        state: Where it begins.
    """

    def __init__(self, state: AdaptiveState) -> None:
        self._settings = state.settings
        self._moments = state.moments
        self._precision = np.array(state.precision).reshape(_PARAMETERS, _PARAMETERS)
        self._pull = np.array(state.pull)
        self._offsets = np.array(state.offsets)
        self._threshold = state.threshold

    @property
    def state(self) -> AdaptiveState:
        """Return all that it knows; a recalibrator made of it goes on alike."""
        return AdaptiveState(
            settings=self._settings,
            moments=self._moments,
            precision=tuple(self._precision.ravel().tolist()),
            pull=tuple(self._pull.tolist()),
            offsets=tuple(self._offsets.tolist()),
            threshold=self._threshold,
        )

    def forecast(self, logits: Float64) -> Forecast:
        """Return the forecasts of (n, 3) float64 statically calibrated logits; n may be 0."""
        probabilities = self._held(self._adapted(logits))
        return Forecast(
            probabilities=probabilities, sets=prediction_sets(probabilities, self._threshold)
        )

    def learn(self, logits: Float64, label: Int64) -> None:
        """Take in the outcomes of one moment.

        Args:
            logits: (n, 3) float64, statically calibrated, as they were forecast; n may be 0.
            label: (n,) int64, what came true.
        """
        if len(label) == 0:
            return
        said = self.forecast(logits)
        adapted = self._adapted(logits)
        independent = len(label) / (1 + (len(label) - 1) * self._settings.correlation)
        share = independent * self._settings.correlation  # of a moment with very many outcomes
        self._threshold = steer(
            self._threshold,
            said.sets,
            label,
            coverage=self._settings.coverage,
            step=self._settings.step * share,
        )
        self._hold(adapted, said.probabilities, label, self._settings.gain * share)
        self._adapt(logits, label, independent)
        self._moments += 1

    def _adapted(self, logits: Float64) -> Float64:
        return softmax(logits + _design(logits) @ self._parameters())

    def _parameters(self) -> Float64:
        # (4,): of a scale, less 1, and three biases.
        prior = self._settings.prior * np.eye(_PARAMETERS)
        return np.linalg.solve(self._precision + prior, self._pull)

    def _adapt(self, logits: Float64, label: Int64, weight: float) -> None:
        # One Newton step of the discounted log loss from where its quadratic form has its least.
        keep = 0.5 ** (1 / self._settings.half_life)
        self._precision, self._pull = keep * self._precision, keep * self._pull
        here = self._parameters()
        design = _design(logits)
        gradient, hessian = derivatives(design, softmax(logits + design @ here), label)
        self._precision = self._precision + weight * hessian
        self._pull = self._pull + weight * (hessian @ here - gradient)

    def _held(self, adapted: Float64) -> Float64:
        # The controller's class 2; the others share the rest as they did.
        up = adapted[:, Class.UP]
        below, share = _place(up)
        offset = (1 - share) * self._offsets[below] + share * self._offsets[below + 1]
        held = (up + offset).clip(np.minimum(up, _LEAST), np.maximum(up, 1 - _LEAST))
        others = np.divide(1 - held, 1 - up, where=up < 1, out=np.ones(len(up)))
        probabilities: Float64 = adapted * others[:, None]
        probabilities[:, Class.UP] = held
        return probabilities

    def _hold(self, adapted: Float64, said: Float64, label: Int64, gain: float) -> None:
        error = (label == Class.UP) - said[:, Class.UP]
        below, share = _place(adapted[:, Class.UP])
        mean = np.bincount(below, (1 - share) * error, _KNOTS)
        mean += np.bincount(below + 1, share * error, _KNOTS)
        self._offsets = self._offsets + gain / len(label) * mean


def _design(logits: Float64) -> Float64:
    # (n, 3, 4): how each logit answers to the scale and to the three biases.
    biases = np.broadcast_to(np.eye(len(Class)), (len(logits), len(Class), len(Class)))
    return np.concatenate([logits[:, :, None], biases], axis=2)


def _place(confidence: Float64) -> tuple[Int64, Float64]:
    # The knot below each confidence, and how far it is on the way to the next, from 0 to 1.
    steps = confidence * (_KNOTS - 1)
    below = np.minimum(steps.astype(np.int64), _KNOTS - 2)
    return below, steps - below
