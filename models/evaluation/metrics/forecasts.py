"""What was forecast and what came of it, as columns; how well they agree, others say."""

from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np

from models.data.table import Int32
from models.training.dataset import Samples
from shared.contract import Bool, Class, Float64, Int64

# What a model says: its softmax, after the static calibration, and recalibrated on the way.
RAW: Final = "raw"
STATIC: Final = "static"
ADAPTIVE: Final = "adaptive"


@dataclass(frozen=True, kw_only=True, eq=False)
class Realized:
    """What came of n windows.

    Attributes:
        label: (n,) int64, the class that came true.
        decided_ms: (n,) int64, close of the window's newest bar, ms since 1970 UTC.
        target_ms: (n,) int64, close of the bar that made the label known, ms since 1970 UTC.
        ticker: (n,) int32, index into the symbols.
        returns: (n,) float64, close to close over the horizon, as a share.
        delayed: (n,) float64, the same one bar later; NaN where unknown.
        volatility: (n,) float64, of the last ten log returns before the decision.
    """

    label: Int64
    decided_ms: Int64
    target_ms: Int64
    ticker: Int32
    returns: Float64
    delayed: Float64
    volatility: Float64

    @classmethod
    def of(cls, samples: Samples) -> Self:
        """Return what came of the samples."""
        return cls(
            label=samples.label,
            decided_ms=samples.decided_ms,
            target_ms=samples.target_ms,
            ticker=samples.ticker,
            returns=samples.returns,
            delayed=samples.delayed,
            volatility=samples.volatility.astype(np.float64),
        )

    def take(self, chosen: Bool | Int64) -> "Realized":
        """Return the chosen rows, by (n,) bool or by positions."""
        return Realized(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def __len__(self) -> int:
        return len(self.label)


@dataclass(frozen=True, kw_only=True, eq=False)
class Forecasts:
    """What one forecaster said of n windows.

    Attributes:
        name: The forecaster's.
        probabilities: (n, 3) float64 of down, flat, up; each row adds up to 1.
        answer: (n,) int64, the class that it bets on.
        sets: (n, 3) bool, its prediction sets; None where it makes none.
    """

    name: str
    probabilities: Float64
    answer: Int64
    sets: Bool | None = None

    @classmethod
    def most_probable(cls, name: str, probabilities: Float64, sets: Bool | None = None) -> Self:
        """Return forecasts that bet on the most probable class, the first of equals.

        Args:
            name: The forecaster's.
            probabilities: (n, 3) float64 of down, flat, up.
            sets: (n, 3) bool, its prediction sets; None where it makes none.
        """
        return cls(
            name=name, probabilities=probabilities, answer=probabilities.argmax(axis=1), sets=sets
        )

    def take(self, chosen: Bool | Int64) -> "Forecasts":
        """Return the chosen rows, by (n,) bool or by positions."""
        return Forecasts(
            name=self.name,
            probabilities=self.probabilities[chosen],
            answer=self.answer[chosen],
            sets=None if self.sets is None else self.sets[chosen],
        )

    @property
    def up(self) -> Float64:
        """Return (n,) float64, the probability of class 2."""
        return self.probabilities[:, Class.UP]
