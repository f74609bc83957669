"""Windows to probabilities and saliency: one forward and one backward for the whole batch."""

import copy
import dataclasses
from dataclasses import dataclass

import numpy as np
import torch

from models.bundles.bundle import Bundle
from models.calibration.adaptive import Forecast, Recalibrator
from models.calibration.static import softmax
from shared.contract import WINDOW_SHAPE, Bool, Float32, Float64, Int64
from shared.limits import MAX_VALUE


@dataclass(frozen=True, kw_only=True, eq=False)
class Inference:
    """What the model says of n windows, and why.

    Attributes:
        probabilities: (n, 3) float32, of down, flat, up; each row adds up to 1.
        winner: (n,) int64, the class with the greatest probability, the first of equals.
        logits: (n, 3) float32, statically calibrated; what a recalibrator learns with.
        scores: (n, 3) float32, softmax of the network's own logits, before any calibration.
        sets: (n, 3) bool, the classes that hold the truth with the recalibrator's coverage, the
            winner always among them; all false without a recalibrator.
        saliency: (n, 6, 8) float32, signed gradient of the winner's own logit, before any
            calibration, with respect to `scaled`; above 0 where more of the feature would speak
            for the winner.
        scaled: (n, 6, 8) float32, the network's input, in standard deviations.
    """

    probabilities: Float32
    winner: Int64
    logits: Float32
    scores: Float32
    sets: Bool
    saliency: Float32
    scaled: Float32

    @property
    def sound(self) -> Bool:
        """Return (n,) bool: what the model says in numbers that can be told.

        Weights that fit their card may still make a number of a window that no reader takes.
        """
        cells = np.abs(np.concatenate([self.saliency, self.scaled], axis=1))  # (n, 12, 8)
        sound: Bool = (cells <= MAX_VALUE).all(axis=(1, 2))  # NaN is not
        sound &= np.isfinite(self.scores).all(axis=1) & np.isfinite(self.logits).all(axis=1)
        return sound & np.isfinite(self.probabilities).all(axis=1)

    def take(self, which: Bool) -> "Inference":
        """Return what is said of the windows where `which`, (n,) bool, is True."""
        fields = dataclasses.fields(self)
        return Inference(**{f.name: getattr(self, f.name)[which] for f in fields})


class Engine:
    """A bundle at work; the same windows always give the same explanation.

    It keeps a private copy of the network whose parameters ask for no gradient, so that several
    threads may explain at the same time.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._scaler = bundle.card.scaler
        self._calibration = bundle.card.calibration.static
        self._network = copy.deepcopy(bundle.network).eval().requires_grad_(False)

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
        scaled = self._scaler.apply(windows)
        x = torch.from_numpy(scaled).clone().requires_grad_(True)  # (n, 6, 8)
        raw = self._network(x)  # (n, 3)
        logits = self._calibration.apply(raw.detach().numpy())
        said = _forecast(logits, recalibrator)
        # Of what is published: rounding must not let a reader see another winner, nor one that is
        # in no set.
        probabilities = said.probabilities.astype(np.float32)
        winner = probabilities.argmax(axis=1)
        said.sets[np.arange(len(winner)), winner] |= recalibrator is not None
        won = raw.gather(1, torch.from_numpy(winner)[:, None])  # (n, 1)
        (gradient,) = torch.autograd.grad(won.sum(), x)
        return Inference(
            probabilities=probabilities,
            winner=winner,
            logits=logits.astype(np.float32),
            scores=raw.detach().softmax(dim=1).numpy(),
            sets=said.sets,
            saliency=gradient.numpy(),
            scaled=scaled,
        )


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
