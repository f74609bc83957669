"""The one entry to all methods: numpy in, numpy out, any class, the same answer each time."""

import copy
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from models.explain.method import Compute, Method
from models.explain.methods import GROUP, METHODS, all_methods
from models.explain.options import DEFAULT, Options
from models.networks.base import traits_of
from models.networks.ensemble import members_of
from shared.contract import WINDOW_SHAPE, Class, Float32, Float64, Int64
from shared.errors import DataError, PluginError
from shared.plugins import guarded

_AT_ONCE: Final = 256  # windows; the integrals hold 64 copies of each


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
        method: The name of a method that `methods_for` lists for this network.
        scaled: (n, 6, 8) float32, in standard deviations, oldest bar first; n may be 0.
        target: (n,) int64, the class that is asked about, for each window.
        options: The details.

    Returns:
        (n, 6, 8) float32, or (n, 6) for a method that only knows time; sign as the method says.

    Raises:
        DataError: The method is unknown or not for this network, a class is out of range, or the
            windows have another shape or type or are not finite.
        PluginError: The method is another package's, and does not do what one must.
    """
    chosen = _check_method(network, method)
    _check_arrays(scaled, target)
    shape = _shape(chosen, 0)
    own = copy.deepcopy(network).eval().requires_grad_(False)
    maps = [np.empty(shape, np.float32)]
    for start in range(0, len(scaled), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        x = torch.from_numpy(scaled[rows].copy())
        maps.append(_map(own, chosen, x, torch.from_numpy(target[rows].copy()), options))
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
    baseline = all_methods()[method].baseline
    if baseline is None:
        return None
    own = copy.deepcopy(network).eval()
    x, chosen = torch.from_numpy(scaled.copy()), torch.from_numpy(target.copy())[:, None]
    with _answering_for(method), torch.inference_mode():
        difference = own(x).gather(1, chosen) - own(baseline(x)).gather(1, chosen)
    gap: Float64 = maps.sum(axis=(1, 2), dtype=np.float64) - difference[:, 0].numpy()
    return gap


def _map(
    network: nn.Module, method: Method, x: Tensor, target: Tensor, options: Options
) -> Float32:
    # What only asks for logits asks an ensemble as a whole. What looks inside looks into each
    # member: their mean is exact where a map is linear in the logit, which is the mean of theirs,
    # and our definition for the others (CAM with its relu, attention).
    asked = members_of(network) if method.needs else [network]
    compute = method.compute if method.name in METHODS else _guarded(method)
    maps = [compute(each, x, target, options) for each in asked]
    mean: Float32 = torch.stack(maps).mean(dim=0).numpy()
    return mean


def _guarded(method: Method) -> Compute:
    # Ours are held to Captum and to hand-solved cases by tests; others are looked at each time.
    def compute(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
        with _answering_for(method.name):
            found: object = method.compute(network, x, target, options)
            return _checked(method, found, len(x))

    return compute


def _answering_for(name: str) -> AbstractContextManager[None]:
    return nullcontext() if name in METHODS else guarded(GROUP, name)


def _checked(method: Method, found: object, count: int) -> Tensor:
    who, shape = f"the plug-in {method.name!r} ({GROUP})", _shape(method, count)
    if not isinstance(found, Tensor) or found.shape != shape or found.dtype != torch.float32:
        was = f"{found.dtype} {tuple(found.shape)}" if isinstance(found, Tensor) else type(found)
        raise PluginError(f"{who} must make float32 {shape} of {count} windows, was {was}")
    if not torch.isfinite(found).all():
        raise PluginError(f"{who} must make finite maps, was not")
    if not method.signed and (found < 0).any():
        raise PluginError(f"{who} is said to have no signs, and made numbers below 0")
    return found.detach()


def _shape(method: Method, count: int) -> tuple[int, ...]:
    return (count, WINDOW_SHAPE[0]) if method.columns == 1 else (count, *WINDOW_SHAPE)


def _check_method(network: nn.Module, name: str) -> Method:
    methods = all_methods()
    if name not in methods:
        raise DataError(f"a method is one of {', '.join(methods)}, was {name!r}")
    method, there = methods[name], traits_of(members_of(network)[0]).names
    missing = [trait.value for trait in method.needs if trait not in there]
    if missing:
        kind, needs = type(network).__name__, " and ".join(missing)
        raise DataError(f"{name} needs a network with {needs}, which {kind} has not")
    return method


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
