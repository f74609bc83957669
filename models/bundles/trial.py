"""What a network must be able to do before it decides anything: tried once, as it is loaded."""

from pathlib import Path
from typing import Final

import numpy as np

from models.calibration.static import Calibration
from models.data.scaler import LIMIT
from models.inference.scorer import Scorer
from shared.contract import WINDOW_SHAPE, Class, Float32
from shared.errors import BundleError
from shared.limits import MAX_VALUE

_DRAWS: Final = 4


def try_out(scorer: Scorer, calibration: Calibration, path: Path) -> None:
    """Let a network answer made windows, the wildest that a scaler lets through among them.

    Args:
        scorer: The network.
        calibration: From its logits to calibrated ones.
        path: Of the weights, for the sentence.

    Raises:
        BundleError: It makes no three logits, one is not finite, or a slope is none that can be
            told.
    """
    windows = _windows()
    logits = scorer.logits(windows)
    if logits.shape != (len(windows), len(Class)):
        raise BundleError(f"{path}: the network must make {len(Class)} logits of a window")
    if not (np.isfinite(logits).all() and np.isfinite(calibration.apply(logits)).all()):
        raise BundleError(f"{path}: the network must make finite logits, does not")
    # Of the sum of all three.
    asked = [scorer.trace(windows)[1](np.full(len(windows), label.value)) for label in Class]
    if not (np.abs(np.sum(asked, axis=0, dtype=np.float64)) <= MAX_VALUE).all():
        raise BundleError(f"{path}: the network must have slopes within {MAX_VALUE:g}, has not")


def _windows() -> Float32:
    corners = np.stack([np.full(WINDOW_SHAPE, value) for value in (0.0, LIMIT, -LIMIT)])
    draws = np.random.default_rng(0).normal(size=(_DRAWS, *WINDOW_SHAPE)).clip(-LIMIT, LIMIT)
    return np.concatenate([corners, draws]).astype(np.float32)  # (7, 6, 8)
