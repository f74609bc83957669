"""What a network must be able to do before it decides anything: tried once, as it is loaded."""

from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from models.calibration.static import Calibration
from models.data.scaler import LIMIT
from shared.contract import WINDOW_SHAPE, Class
from shared.errors import BundleError
from shared.limits import MAX_VALUE

MAX_WEIGHT: Final = 1e6  # those of ours lie within 1
_DRAWS: Final = 4


def check_tensor(name: str, tensor: Tensor, expected: Tensor) -> None:
    """Refuse weights of another shape or type, or that no training leaves behind.

    Args:
        name: What it is called in a sentence.
        tensor: What was read.
        expected: One of the network's own.

    Raises:
        BundleError: It does not fit.
    """
    if tensor.shape != expected.shape or tensor.dtype != expected.dtype:
        wanted = f"{expected.dtype} {tuple(expected.shape)}"
        raise BundleError(f"{name} must be {wanted}, was {tensor.dtype} {tuple(tensor.shape)}")
    if not bool(torch.isfinite(tensor).all()):
        raise BundleError(f"{name} must be finite, was not")
    if tensor.is_floating_point() and bool((tensor.abs() > MAX_WEIGHT).any()):
        raise BundleError(f"{name} must lie within -{MAX_WEIGHT:g} and {MAX_WEIGHT:g}, did not")


def try_out(network: nn.Module, calibration: Calibration, path: Path) -> None:
    """Let a network answer made windows, the wildest that a scaler lets through among them.

    Args:
        network: (n, 6, 8) scaled float32 to (n, 3) logits; in eval mode.
        calibration: From its logits to calibrated ones.
        path: Of the weights, for the sentence.

    Raises:
        BundleError: A logit is not finite, or a slope is none that can be told.
    """
    random = torch.Generator().manual_seed(0)
    corners = torch.stack([torch.full(WINDOW_SHAPE, value) for value in (0.0, LIMIT, -LIMIT)])
    draws = torch.randn(_DRAWS, *WINDOW_SHAPE, generator=random).clamp(-LIMIT, LIMIT)
    windows = torch.cat([corners, draws]).requires_grad_(True)  # (7, 6, 8)
    logits: Tensor = network(windows)
    if logits.shape != (len(windows), len(Class)):
        raise BundleError(f"{path}: the network must make {len(Class)} logits of a window")
    calibrated = torch.from_numpy(calibration.apply(logits.detach().numpy()))
    if not bool(torch.isfinite(logits).all() and torch.isfinite(calibrated).all()):
        raise BundleError(f"{path}: the network must make finite logits, does not")
    (slope,) = torch.autograd.grad(logits.sum(), windows)
    if not bool((slope.abs() <= MAX_VALUE).all()):
        raise BundleError(f"{path}: the network must have slopes within {MAX_VALUE:g}, has not")
