"""Fits the calibration that a bundle keeps: once, on validation, by the least log loss.

Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017. The loss is
convex, so there is one optimum, and it is found without any random number.
"""

from typing import Final

import numpy as np
from scipy.optimize import minimize, root

from models.calibration.static import Calibration, CalibrationKind, Triple, softmax
from shared.contract import Class, Float32, Float64, Int64

# Keeps a fit finite where one class is absent; it weighs as much as a hundredth of a sample.
_RIDGE: Final = 1e-2
# A score that ranks against the labels is flattened, never turned around.
_LEAST_SCALE: Final = 1e-3


def fit_calibration(kind: CalibrationKind, logits: Float32 | Float64, label: Int64) -> Calibration:
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
    found = _least(_Loss(_design(kind, logits.astype(np.float64)), label, start))
    scale = np.broadcast_to(np.maximum(found[:scales], _LEAST_SCALE), len(Class))
    # Only differences of biases count, so they may as well add up to 0.
    bias = found[scales:] - found[scales:].mean() if biases else np.zeros(len(Class))
    return Calibration(scale=_triple(scale), bias=_triple(bias))


class _Loss:
    # The mean log loss of logits D x and its derivatives by x; a ridge pulls x towards the start.
    # With p the softmax, the gradient is D' (p - truth) and the Hessian D' (diag p - p p') D.

    def __init__(self, design: Float64, label: Int64, start: Float64) -> None:
        self.start = start  # (k,)
        self._design, self._label = design, label  # (n, 3, k), (n,)
        self._ridge = _RIDGE / len(label)

    def value(self, x: Float64) -> float:
        logits = self._design @ x
        top = logits.max(axis=1)
        total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
        loss = (total - logits[np.arange(len(logits)), self._label]).mean()
        return float(loss + self._ridge * ((x - self.start) ** 2).sum() / 2)

    def gradient(self, x: Float64) -> Float64:
        surplus = softmax(self._design @ x) - np.eye(len(Class))[self._label]
        slope = np.einsum("nc,nck->k", surplus, self._design) / len(self._label)
        pulled: Float64 = slope + self._ridge * (x - self.start)
        return pulled

    def hessian(self, x: Float64) -> Float64:
        p = softmax(self._design @ x)
        mean = np.einsum("nc,nck->nk", p, self._design)
        square = np.einsum("nc,nck,ncl->kl", p, self._design, self._design, optimize=True)
        curvature = (square - mean.T @ mean) / len(self._label)
        ridged: Float64 = curvature + self._ridge * np.eye(len(self.start))
        return ridged


def _least(loss: _Loss) -> Float64:
    # A trust region gets near from anywhere, where whole Newton steps may overshoot. It stops where
    # the loss no longer changes in its last bit, about 1e-8 from the optimum in a flat valley; the
    # root of the gradient goes on from there to the last bit of the optimum itself.
    near = minimize(
        loss.value, loss.start, jac=loss.gradient, hess=loss.hessian, method="trust-exact"
    )
    found = root(loss.gradient, near.x, jac=loss.hessian, options={"xtol": 1e-14})
    least: Float64 = found.x
    return least


def _design(kind: CalibrationKind, logits: Float64) -> Float64:
    # (n, 3, 1) or (n, 3, 6): the derivative of each logit by the temperature's scale, or by three
    # scales and three biases.
    if kind == "temperature":
        return logits[:, :, None]
    each = np.eye(len(Class))
    biases = np.broadcast_to(each, (len(logits), *each.shape))
    return np.concatenate([logits[:, :, None] * each, biases], axis=2)


def _triple(values: Float64) -> Triple:
    first, second, third = values.tolist()
    return first, second, third
