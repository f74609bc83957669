"""Windows to probabilities and saliency: one forward and one backward for the whole batch."""

import dataclasses
from dataclasses import dataclass
from typing import Final, Self, TypeVar

import numpy as np

from models.calibration.adaptive import Forecast, Recalibrator
from models.calibration.static import softmax
from models.inference.served import Served
from shared.contract import WINDOW_SHAPE, Bool, Float32, Float64, Int64
from shared.limits import MAX_VALUE

_AT_ONCE: Final = 4096  # windows; a market of some thousand is one batch


@dataclass(frozen=True, kw_only=True, eq=False)
class Decision:
    """What the model says of n windows.

    Attributes:
        probabilities: (n, 3) float32, of down, flat, up; each row adds up to 1.
        winner: (n,) int64, the class with the greatest probability, the first of equals.
        logits: (n, 3) float32, statically calibrated; what a recalibrator learns with.
        scores: (n, 3) float32, softmax of the network's own logits, before any calibration.
        sets: (n, 3) bool, the classes that hold the truth with the recalibrator's coverage, the
            winner always among them; all false without a recalibrator.
        scaled: (n, 6, 8) float32, the network's input, in standard deviations.
    """

    probabilities: Float32
    winner: Int64
    logits: Float32
    scores: Float32
    sets: Bool
    scaled: Float32

    @property
    def sound(self) -> Bool:
        """Return (n,) bool: what the model says in numbers that can be told.

        Weights that fit their card may still make a number of a window that no reader takes.
        """
        sound = tellable(self.scaled)
        sound &= np.isfinite(self.scores).all(axis=1) & np.isfinite(self.logits).all(axis=1)
        return sound & np.isfinite(self.probabilities).all(axis=1)

    def take(self, which: Bool) -> Self:
        """Return what is said of the windows where `which`, (n,) bool, is True."""
        fields = dataclasses.fields(self)
        return type(self)(**{f.name: getattr(self, f.name)[which] for f in fields})


@dataclass(frozen=True, kw_only=True, eq=False)
class Inference(Decision):
    """What the model says of n windows, and why.

    Attributes:
        saliency: (n, 6, 8) float32, signed gradient of the winner's own logit, before any
            calibration, with respect to `scaled`; above 0 where more of the feature would speak
            for the winner.
    """

    saliency: Float32

    @property
    def sound(self) -> Bool:
        """Return (n,) bool: what the model says, and why, in numbers that can be told."""
        return super().sound & tellable(self.saliency)


D = TypeVar("D", bound=Decision)


class Engine:
    """A bundle at work; the same windows always give the same explanation.

    Several threads may explain at the same time.

    Args:
        model: The bundle; `models.inference.served.served_of` makes it of one that torch holds.
    """

    def __init__(self, model: Served) -> None:
        self._scaler = model.card.scaler
        self._calibration = model.card.calibration.static
        self._scorer = model.scorer

    def explain(self, windows: Float32, recalibrator: Recalibrator | None = None) -> Inference:
        """Return probabilities and gradient saliency of the winning classes.

        The saliency is that of Simonyan, Vedaldi and Zisserman, "Deep inside convolutional
        networks", ICLR workshop 2014, with its sign kept. Windows of a batch do not touch each
        other, so the gradient of the sum of their logits holds the gradient of each.

        Args:
            windows: (n, 6, 8) float32 raw features, oldest bar first; n may be 0.
            recalibrator: Makes probabilities and sets of the statically calibrated logits; it is
                asked, not taught. Without one they are their softmax, and the sets stay empty.

        Raises:
            ValueError: `windows` has another shape or type, or is not finite.
        """
        _check(windows)
        return _joined([self._explain(part, recalibrator) for part in _parts(windows)])

    def decide(self, windows: Float32, recalibrator: Recalibrator | None = None) -> Decision:
        """Return what `explain` does but for the saliency, in about half the time.

        Args:
            windows: As in `explain`.
            recalibrator: As in `explain`.

        Raises:
            ValueError: `windows` has another shape or type, or is not finite.
        """
        _check(windows)
        return _joined([self._decide(part, recalibrator) for part in _parts(windows)])

    def saliency(self, scaled: Float32, winner: Int64) -> Float32:
        """Return (n, 6, 8) float32 what `explain` says of windows that were decided on.

        Args:
            scaled: (n, 6, 8) float32, the network's input, in standard deviations.
            winner: (n,) int64, the class that won.
        """
        found = np.empty_like(scaled)
        for start in range(0, len(scaled), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            found[part] = self._scorer.trace(scaled[part])[1](winner[part])
        return found

    def _explain(self, windows: Float32, recalibrator: Recalibrator | None) -> Inference:
        scaled = self._scaler.apply(windows)
        raw, slopes = self._scorer.trace(scaled)
        said = self._decision(raw, scaled, recalibrator)
        fields = {f.name: getattr(said, f.name) for f in dataclasses.fields(said)}
        return Inference(**fields, saliency=slopes(said.winner))

    def _decide(self, windows: Float32, recalibrator: Recalibrator | None) -> Decision:
        scaled = self._scaler.apply(windows)
        return self._decision(self._scorer.logits(scaled), scaled, recalibrator)

    def _decision(
        self, raw: Float32, scaled: Float32, recalibrator: Recalibrator | None
    ) -> Decision:
        logits = self._calibration.apply(raw)
        said = _forecast(logits, recalibrator)
        # Of what is published: rounding must not let a reader see another winner, nor one that is
        # in no set.
        probabilities = said.probabilities.astype(np.float32)
        winner = probabilities.argmax(axis=1)
        said.sets[np.arange(len(winner)), winner] |= recalibrator is not None
        return Decision(
            probabilities=probabilities,
            winner=winner,
            logits=logits.astype(np.float32),
            scores=softmax(raw.astype(np.float64)).astype(np.float32),
            sets=said.sets,
            scaled=scaled,
        )


def _parts(windows: Float32) -> list[Float32]:
    # What a batch leaves behind until its slopes are asked for grows with it.
    return [windows[i : i + _AT_ONCE] for i in range(0, max(len(windows), 1), _AT_ONCE)]


def _joined(parts: list[D]) -> D:
    if len(parts) == 1:
        return parts[0]
    names = [f.name for f in dataclasses.fields(parts[0])]
    return type(parts[0])(**{n: np.concatenate([getattr(p, n) for p in parts]) for n in names})


def tellable(cells: Float32) -> Bool:
    """Return (n,) bool, whether maps, (n, 6, 8) float32, hold numbers that a reader takes."""
    greatest: Float32 = np.abs(cells).max(axis=(1, 2))
    small: Bool = greatest <= MAX_VALUE  # NaN is not
    return small


def _forecast(logits: Float64, recalibrator: Recalibrator | None) -> Forecast:
    if recalibrator is not None:
        return recalibrator.forecast(logits)
    return Forecast(probabilities=softmax(logits), sets=np.zeros(logits.shape, np.bool_))


def _check(windows: Float32) -> None:
    if windows.shape[1:] != WINDOW_SHAPE or windows.dtype != np.float32:
        wanted = f"float32 (n, {', '.join(map(str, WINDOW_SHAPE))})"
        raise ValueError(f"windows must be {wanted}, was {windows.dtype} {windows.shape}")
    if not np.isfinite(windows).all():
        raise ValueError("windows must be finite, was not")
