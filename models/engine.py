"""Windows to probabilities and saliency: one forward and one backward for the whole batch."""

import copy
from dataclasses import dataclass

import numpy as np
import torch

from models.bundle import Bundle
from shared.contract import WINDOW_SHAPE, Class, Float32, Int64


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """What the model says of n windows, and why.

    Attributes:
        probabilities: (n, 3) float32, of down, flat, up; each row adds up to 1.
        winner: (n,) int64, the class with the greatest probability, the first of equals.
        saliency: (n, 6, 8) float32, signed gradient of the winner's logit with respect to
            `scaled`; above 0 where more of the feature would speak for the winner.
        scaled: (n, 6, 8) float32, the network's input, in standard deviations.
    """

    probabilities: Float32
    winner: Int64
    saliency: Float32
    scaled: Float32


class Engine:
    """A bundle at work; the same windows always give the same explanation.

    It keeps a private copy of the network whose parameters ask for no gradient, so that several
    threads may explain at the same time.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._scaler = bundle.card.scaler
        self._network = copy.deepcopy(bundle.network).eval().requires_grad_(False)

    def explain(self, windows: Float32) -> Explanation:
        """Return probabilities and gradient saliency of the winning classes.

        The saliency is that of Simonyan, Vedaldi and Zisserman, "Deep inside convolutional
        networks", ICLR workshop 2014, with its sign kept. Windows of a batch do not touch each
        other, so the gradient of the sum of their logits holds the gradient of each.

        Args:
            windows: (n, 6, 8) float32 raw features, oldest bar first; n may be 0.

        Raises:
            ValueError: `windows` has another shape or type, or is not finite.
        """
        _check(windows)
        scaled = self._scaler.apply(windows)
        if len(windows) == 0:
            nothing = np.empty((0, len(Class)), np.float32)
            winner = np.empty(0, np.int64)
            return Explanation(probabilities=nothing, winner=winner, saliency=scaled, scaled=scaled)
        x = torch.from_numpy(scaled).clone().requires_grad_(True)  # (n, 6, 8)
        logits = self._network(x)  # (n, 3)
        probabilities: Float32 = logits.detach().softmax(dim=1).numpy()
        winner = probabilities.argmax(axis=1)
        won = logits.gather(1, torch.from_numpy(winner)[:, None])  # (n, 1)
        (gradient,) = torch.autograd.grad(won.sum(), x)
        return Explanation(
            probabilities=probabilities, winner=winner, saliency=gradient.numpy(), scaled=scaled
        )


def _check(windows: Float32) -> None:
    if windows.shape[1:] != WINDOW_SHAPE or windows.dtype != np.float32:
        wanted = f"float32 (n, {', '.join(map(str, WINDOW_SHAPE))})"
        raise ValueError(f"windows must be {wanted}, was {windows.dtype} {windows.shape}")
    if not np.isfinite(windows).all():
        raise ValueError("windows must be finite, was not")
