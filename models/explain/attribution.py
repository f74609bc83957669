"""The one entry to all methods: numpy in, numpy out, any class, the same answer each time."""

import copy
from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from models.explain import attention, backprop, cam, gradient, occlusion
from models.explain.methods import METHODS, Method
from models.explain.offer import methods_for
from models.explain.options import DEFAULT, Options
from models.networks.ensemble import members_of
from shared.contract import WINDOW_SHAPE, Class, Float32, Float64, Int64
from shared.errors import DataError

_Compute = Callable[[nn.Module, Tensor, Tensor, Options], Tensor]
_AT_ONCE: Final = 256  # windows; the integrals hold 64 copies of each

_COMPUTE: Final[dict[str, _Compute]] = {
    "saliency": gradient.gradient,
    "abs_gradient": gradient.abs_gradient,
    "gradient_x_input": gradient.gradient_x_input,
    "smoothgrad": gradient.smoothgrad,
    "integrated_gradients": gradient.integrated_gradients,
    "integrated_gradients_flat": gradient.integrated_gradients_flat,
    "occlusion": occlusion.occlusion,
    "guided_backprop": backprop.guided_backprop,
    "deconvnet": backprop.deconvnet,
    "grad_cam": cam.grad_cam,
    "grad_cam_pp": cam.grad_cam_pp,
    "cam": cam.cam,
    "score_cam": cam.score_cam,
    "smooth_grad_cam_pp": cam.smooth_grad_cam_pp,
    "layer_cam": cam.layer_cam,
    "guided_grad_cam": cam.guided_grad_cam,
    "gaf_grad_cam": cam.gaf_grad_cam,
    "attention_rollout": attention.attention_rollout,
}
_BASELINES: Final[dict[str, Callable[[Tensor], Tensor]]] = {
    "integrated_gradients": torch.zeros_like,
    "integrated_gradients_flat": gradient.flat,
}


def attribute(
    network: nn.Module,
    method: str,
    scaled: Float32,
    target: Int64,
    *,
    options: Options = DEFAULT,
) -> Float32:
    """Return why the network gives each window its logit of a class.

    The network is copied: hooks, gradients and modes of the caller's own are never touched. A
    method that looks inside explains an ensemble by the mean of its members' maps.

    Args:
        network: (n, 6, 8) scaled windows to (n, 3) logits.
        method: A name in `METHODS` that `methods_for` lists for this network.
        scaled: (n, 6, 8) float32, in standard deviations, oldest bar first; n may be 0.
        target: (n,) int64, the class that is asked about, for each window.
        options: The details.

    Returns:
        (n, 6, 8) float32, or (n, 6) for a method that only knows time; sign as the method says.

    Raises:
        DataError: The method is unknown or not for this network, a class is out of range, or the
            windows have another shape or type or are not finite.
    """
    chosen = _check_method(network, method)
    _check_arrays(scaled, target)
    shape = (0, WINDOW_SHAPE[0]) if chosen.columns == 1 else (0, *WINDOW_SHAPE)
    own = copy.deepcopy(network).eval().requires_grad_(False)
    maps = [np.empty(shape, np.float32)]
    for start in range(0, len(scaled), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        x = torch.from_numpy(scaled[rows].copy())
        maps.append(_map(own, method, x, torch.from_numpy(target[rows].copy()), options))
    return np.concatenate(maps)


def completeness_gap(
    network: nn.Module, method: str, scaled: Float32, target: Int64, maps: Float32
) -> Float64 | None:
    """Return how far each map's sum is from what it shares out, S(x) - S(baseline).

    Args:
        network: The network that was explained.
        method: Name of the method.
        scaled: (n, 6, 8) float32 windows.
        target: (n,) int64 classes.
        maps: (n, 6, 8) float32, what `attribute` returned.

    Returns:
        (n,) float64 in logits, or None for a method that promises no sum.
    """
    baseline = _BASELINES.get(method)
    if baseline is None:
        return None
    own = copy.deepcopy(network).eval()
    x, chosen = torch.from_numpy(scaled.copy()), torch.from_numpy(target.copy())[:, None]
    with torch.inference_mode():
        difference = own(x).gather(1, chosen) - own(baseline(x)).gather(1, chosen)
    gap: Float64 = maps.sum(axis=(1, 2), dtype=np.float64) - difference[:, 0].numpy()
    return gap


def _map(network: nn.Module, method: str, x: Tensor, target: Tensor, options: Options) -> Float32:
    # What only asks for logits asks an ensemble as a whole. What looks inside looks into each
    # member: their mean is exact where a map is linear in the logit, which is the mean of theirs,
    # and our definition for the others (CAM with its relu, attention).
    whole = METHODS[method].needs == "nothing"
    asked = [network] if whole else members_of(network)
    maps = [_COMPUTE[method](each, x, target, options) for each in asked]
    mean: Float32 = torch.stack(maps).mean(dim=0).numpy()
    return mean


def _check_method(network: nn.Module, name: str) -> Method:
    if name not in METHODS:
        raise DataError(f"a method is one of {', '.join(METHODS)}, was {name!r}")
    allowed = {method.name: method for method in methods_for(network)}
    if name not in allowed:
        kind, needs = type(network).__name__, METHODS[name].needs
        raise DataError(f"{name} needs a network with {needs}, which {kind} has not")
    return allowed[name]


def _check_arrays(scaled: Float32, target: Int64) -> None:
    if scaled.shape[1:] != WINDOW_SHAPE or scaled.dtype != np.float32:
        wanted = f"float32 (n, {', '.join(map(str, WINDOW_SHAPE))})"
        raise DataError(f"windows must be {wanted}, was {scaled.dtype} {scaled.shape}")
    if not np.isfinite(scaled).all():
        raise DataError("windows must be finite, was not")
    if target.shape != scaled.shape[:1] or target.dtype != np.int64:
        wanted = f"int64 ({len(scaled)},)"
        raise DataError(f"classes must be {wanted}, was {target.dtype} {target.shape}")
    if len(target) and not (target.min() >= 0 and target.max() < len(Class)):
        raise DataError(f"a class is 0 to {len(Class) - 1}, was {target.min()} to {target.max()}")
