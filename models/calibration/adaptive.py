"""Recalibration on the way: every outcome that has become known moves the next forecasts a little.

A forecast of three classes is two of two: up or not, and down or flat where it is not up. Each is
held to what came true by `models.calibration.offsets`, so the confidence in class 2 stays a
probability by itself, and the rest is shared truly. The sets follow `models.calibration.conformal`.
`docs/calibration.md` shows what this gains, and what it cannot do.
"""

from dataclasses import dataclass
from typing import Annotated

import msgspec
import numpy as np

from models.calibration.conformal import prediction_sets, steer
from models.calibration.offsets import KNOTS, moved, steered
from models.calibration.static import softmax
from models.data.ranges import AboveZero, AtLeastZero, ProperShare
from shared.contract import Bool, Class, Float64, Int64

_Step = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Height = Annotated[float, msgspec.Meta(ge=-1e3, le=1e3)]  # a probability, and how far it drifts
_Knots = Annotated[tuple[_Height, ...], msgspec.Meta(min_length=KNOTS, max_length=KNOTS)]


class AdaptiveSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How fast what came true is believed.

    Attributes:
        gain: Step of the offset at one height against a moment's mean error there.
        tilt: Step of the slope of all offsets.
        half_life: Moments after which an offset that no outcome holds has fallen to half.
        correlation: Of the outcomes of one moment among each other: n of them weigh as many as
            n / (1 + (n - 1) correlation) that are independent, and 1 / correlation at most.
        coverage: Share of the sets that should hold the truth.
        step: How far a moment that all sets missed moves their threshold.
    """

    gain: _Step = 0.035
    tilt: _Step = 0.6
    half_life: AboveZero = 1000.0
    correlation: ProperShare = 0.2
    coverage: ProperShare = 0.9
    step: _Step = 0.08


class AdaptiveState(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that a recalibrator knows, as plain numbers; the default has seen nothing.

    Attributes:
        settings: How it learns.
        moments: Moments of outcomes that were learned.
        up: (31,) what is added to the probability of class 2 at each knot.
        down: (31,) what is added to the probability of class 0 where it is not class 2.
        threshold: The least probability that enters a set.
    """

    settings: AdaptiveSettings = AdaptiveSettings()
    moments: AtLeastZero = 0
    up: _Knots = (0.0,) * KNOTS
    down: _Knots = (0.0,) * KNOTS
    threshold: _Height = 0.2


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
        self._up = np.array(state.up)
        self._down = np.array(state.down)
        self._threshold = state.threshold

    @property
    def state(self) -> AdaptiveState:
        """Return all that it knows; a recalibrator made of it goes on alike."""
        return AdaptiveState(
            settings=self._settings,
            moments=self._moments,
            up=tuple(self._up.tolist()),
            down=tuple(self._down.tolist()),
            threshold=self._threshold,
        )

    def forecast(self, logits: Float64) -> Forecast:
        """Return the forecasts of (n, 3) float64 statically calibrated logits; n may be 0."""
        probabilities = self._held(softmax(logits))
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
        settings = self._settings
        said = self.forecast(logits)
        weight = len(label) / (1 + (len(label) - 1) * settings.correlation)
        share = weight * settings.correlation  # of what a moment can weigh
        self._hold(softmax(logits), said.probabilities, label, share)
        self._threshold = steer(
            self._threshold,
            said.sets,
            label,
            coverage=settings.coverage,
            step=settings.step * share,
        )
        self._moments += 1

    def _held(self, plain: Float64) -> Float64:
        up, down = _halves(plain)
        up, down = moved(up, self._up), moved(down, self._down)
        held = np.stack([down, 1 - down, up], axis=1)
        held[:, : Class.UP] *= (1 - up)[:, None]
        # Where nothing was learned the softmax is answered word for word.
        probabilities: Float64 = held if self._moments else plain
        return probabilities

    def _hold(self, plain: Float64, said: Float64, label: Int64, share: float) -> None:
        settings = self._settings
        keep = 0.5 ** (1 / settings.half_life)
        gain, tilt = settings.gain * share, settings.tilt * share
        up, down = _halves(plain)
        up_error = (label == Class.UP) - said[:, Class.UP]
        self._up = steered(keep * self._up, up, up_error, gain=gain, tilt=tilt)
        _, said_down = _halves(said)
        down_error = np.where(label == Class.UP, 0.0, (label == Class.DOWN) - said_down)
        self._down = steered(keep * self._down, down, down_error, gain=gain, tilt=tilt)


def _halves(probabilities: Float64) -> tuple[Float64, Float64]:
    # (n,) of class 2, and (n,) of class 0 where it is not class 2; 0.5 where it surely is.
    rest = probabilities[:, : Class.UP].sum(axis=1)
    half = np.full(len(rest), 0.5)
    down = np.divide(probabilities[:, Class.DOWN], rest, where=rest > 0, out=half)
    return probabilities[:, Class.UP], down
