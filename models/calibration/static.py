"""Calibration that is fitted once, on validation, and kept in the bundle.

Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017: logits are
scaled, and shifted, before the softmax, so that the log loss on samples that no weight was fitted
on is least. Both fits are convex, and found by Newton's method without any random number.
"""

from collections.abc import Callable
from typing import Annotated, Final, Literal

import msgspec
import numpy as np

from shared.contract import Class, Float32, Float64, Int64

CalibrationKind = Literal["none", "temperature", "vector"]

_Triple = tuple[float, float, float]
_Scale = Annotated[float, msgspec.Meta(gt=0)]

# Keeps a fit finite where one class is absent; it weighs as much as a hundredth of a sample.
_RIDGE: Final = 1e-2
# A score that ranks against the labels is flattened, never turned around.
_LEAST_SCALE: Final = 1e-3
_STEPS: Final = 100
_HALVINGS: Final = 40
_SETTLED: Final = 1e-20  # of the squared Newton decrement


class Calibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From a network's logits to calibrated ones, class by class; the default changes nothing.

    Attributes:
        scale: (3,) factor of each logit, above 0: one over the temperature.
        bias: (3,) what is added to each after that.
    """

    scale: tuple[_Scale, _Scale, _Scale] = (1.0, 1.0, 1.0)
    bias: _Triple = (0.0, 0.0, 0.0)

    def apply(self, logits: Float32 | Float64) -> Float64:
        """Return (n, 3) float64 calibrated logits of (n, 3) raw ones."""
        calibrated: Float64 = logits.astype(np.float64) * self.scale + self.bias
        return calibrated


def fit(kind: CalibrationKind, logits: Float32 | Float64, label: Int64) -> Calibration:
    """Return the calibration with the least log loss on n samples, n at least 1.

    Args:
        kind: `none` changes nothing; `temperature` has one scale and no bias; `vector` has a scale
            and a bias for each class.
        logits: (n, 3) raw logits of samples that no weight was fitted on.
        label: (n,) int64 their classes.
    """
    if kind == "none":
        return Calibration()
    scales = 1 if kind == "temperature" else len(Class)
    biases = 0 if kind == "temperature" else len(Class)
    start = np.concatenate([np.ones(scales), np.zeros(biases)])
    found = _newton(_design(kind, logits.astype(np.float64)), label, start)
    scale = np.broadcast_to(np.maximum(found[:scales], _LEAST_SCALE), len(Class))
    # Only differences of biases count, so they may as well add up to 0.
    bias = found[scales:] - found[scales:].mean() if biases else np.zeros(len(Class))
    return Calibration(scale=_triple(scale), bias=_triple(bias))


def softmax(logits: Float64) -> Float64:
    """Return (n, 3) float64 probabilities of (n, 3) float64 logits; each row adds up to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Float64 = powers / powers.sum(axis=1, keepdims=True)
    return shares


def derivatives(design: Float64, probabilities: Float64, label: Int64) -> tuple[Float64, Float64]:
    """Return the mean gradient (k,) and Hessian (k, k) of the log loss of linear logits.

    With logits D x the loss is convex in x; with p the softmax, its gradient is D' (p - truth) and
    its Hessian D' (diag p - p p') D.

    Args:
        design: (n, 3, k) float64 D, the derivative of each logit by each parameter.
        probabilities: (n, 3) float64, softmax of the logits.
        label: (n,) int64 classes, n at least 1.
    """
    surplus = probabilities - np.eye(len(Class))[label]
    mean = np.einsum("nc,nck->nk", probabilities, design)
    square = np.einsum("nc,nck,ncl->kl", probabilities, design, design, optimize=True)
    hessian: Float64 = (square - mean.T @ mean) / len(label)
    return np.einsum("nc,nck->k", surplus, design) / len(label), hessian


def _design(kind: CalibrationKind, logits: Float64) -> Float64:
    # (n, 3, 1) or (n, 3, 6): the temperature's scale, or three scales and three biases.
    if kind == "temperature":
        return logits[:, :, None]
    each = np.eye(len(Class))
    biases = np.broadcast_to(each, (len(logits), *each.shape))
    return np.concatenate([logits[:, :, None] * each, biases], axis=2)


def _newton(design: Float64, label: Int64, start: Float64) -> Float64:
    # (k,) parameters of the least loss; a ridge pulls them towards the start.
    ridge = _RIDGE / len(label)

    def loss(here: Float64) -> float:
        return _log_loss(design @ here, label) + ridge * float(((here - start) ** 2).sum()) / 2

    here = start
    for _ in range(_STEPS):
        gradient, hessian = derivatives(design, softmax(design @ here), label)
        gradient = gradient + ridge * (here - start)
        curvature = hessian + ridge * np.eye(len(start))
        step = np.linalg.solve(curvature, gradient).astype(np.float64)
        if gradient @ step < _SETTLED:
            break
        here = here - _gaining(loss, here, step) * step
    return here


def _gaining(loss: Callable[[Float64], float], here: Float64, step: Float64) -> float:
    # Far from the optimum a whole step can overshoot; halved often enough, it gains.
    before, size = loss(here), 1.0
    for _ in range(_HALVINGS):
        if loss(here - size * step) <= before:
            return size
        size /= 2
    return 0.0


def _log_loss(logits: Float64, label: Int64) -> float:
    top = logits.max(axis=1)
    total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return float((total - logits[np.arange(len(label)), label]).mean())


def _triple(values: Float64) -> _Triple:
    first, second, third = values.tolist()
    return first, second, third
