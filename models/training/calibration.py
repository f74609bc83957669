"""Fits the calibration that a bundle keeps: once, on validation, by the least log loss.

Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017. The loss is
convex, so there is one optimum, and it is found without any random number. Of a few outcomes it is
the optimum of their luck, so then nothing is fitted.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize, root

from models.calibration.adaptive import AdaptiveSettings
from models.calibration.static import Calibration, CalibrationKind, Triple, softmax
from models.training.dataset import Samples
from shared.contract import Class, Float32, Float64, Int64

# To tell the slope of a calibration takes 100 events and 100 that are none: Vergouwe, Steyerberg,
# Eijkemans and Habbema, "Substantial effective sample sizes were required for external validation
# studies of predictive logistic regression models", J Clin Epidemiol 58 (2005); again Collins,
# Ogundimu and Altman, Statistics in Medicine 35 (2016).
LEAST_OUTCOMES: Final = 100
# And each number that is fitted takes 10 of each class: Peduzzi, Concato, Kemper, Holford and
# Feinstein, "A simulation study of the number of events per variable in logistic regression
# analysis", J Clin Epidemiol 49 (1996).
LEAST_PER_NUMBER: Final = 10
# Networks that were looked at had temperatures of 1 to 5 (Guo et al., table 2).
_USUAL_SCALE: Final = (0.1, 10.0)

# Keeps a fit finite where one class is absent; it weighs as much as a hundredth of a sample.
_RIDGE: Final = 1e-2
# A score that ranks against the labels is flattened, never turned around.
_LEAST_SCALE: Final = 1e-3


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What was fitted, or why nothing was.

    Attributes:
        kind: What was: `none` where there was too little to fit on.
        static: The calibration.
        warnings: What a reader should know of it, in sentences.
    """

    kind: CalibrationKind
    static: Calibration
    warnings: tuple[str, ...]


def calibrate_on(
    kind: CalibrationKind,
    logits: Float32 | Float64,
    validation: Samples,
    horizon: int,
    settings: AdaptiveSettings,
) -> Fitted:
    """Return the calibration that a validation span allows.

    Args:
        kind: What is wanted, as in `fit_calibration`.
        logits: (n, 3) raw logits of samples that no weight was fitted on.
        validation: The n samples.
        horizon: Bars that a label looks ahead.
        settings: How much the outcomes of one moment hang together.
    """
    weight = independent(validation.decided_ms, horizon, settings.correlation)
    counts = np.bincount(validation.label, weight, len(Class)).astype(np.float64)
    up = float(counts[Class.UP])
    numbers = {"none": 0, "temperature": 1, "vector": 2 * len(Class)}[kind]
    enough = min(up, counts.sum() - up) >= LEAST_OUTCOMES
    enough &= bool((counts >= LEAST_PER_NUMBER * numbers).all())
    if kind != "none" and enough:
        static = fit_calibration(kind, logits, validation.label)
        return Fitted(kind=kind, static=static, warnings=_unusual(static))
    return Fitted(
        kind="none",
        static=Calibration(),
        warnings=() if enough else (_too_few(kind, len(weight), counts, numbers),),
    )


def independent(decided_ms: Int64, horizon: int, correlation: float) -> Float64:
    """Return (n,) float64, as how many independent outcomes each of n counts.

    The n outcomes of one moment weigh as n / (1 + (n - 1) correlation) that are independent (the
    design effect of Kish, "Survey sampling", 1965); and labels that look `horizon` bars ahead share
    their bars with as many others of their ticker (average uniqueness; Lopez de Prado, "Advances in
    Financial Machine Learning", 2018, chapter 4).

    Args:
        decided_ms: (n,) int64, when each was decided, ms since 1970 UTC.
        horizon: Bars that a label looks ahead.
        correlation: Of the outcomes of one moment among each other.
    """
    _, moment, size = np.unique(decided_ms, return_inverse=True, return_counts=True)
    weight: Float64 = 1 / (1 + (size[moment] - 1) * correlation) / horizon
    return weight


def _too_few(kind: CalibrationKind, windows: int, counts: Float64, numbers: int) -> str:
    each = f", and {LEAST_PER_NUMBER * numbers} of each class" if numbers else ""
    fate = (
        "nobody can say whether confidences are right"
        if kind == "none"
        else "the scores were left as they are, uncalibrated"
    )
    return (
        f"Too few outcomes to calibrate on: {windows:,} validation windows are as good as "
        f"{counts.sum():.0f} that are independent, {counts[Class.UP]:.0f} of them up, where "
        f"{LEAST_OUTCOMES} up and {LEAST_OUTCOMES} others{each} are needed; {fate}. "
        "The epoch was chosen on them too, which is as much luck."
    )


def _unusual(static: Calibration) -> tuple[str, ...]:
    most = max(static.scale)
    if most < _USUAL_SCALE[0]:
        return (
            f"The calibration flattens the scores to {most:.3g} of themselves: they do not tell "
            "what comes, and all confidences are nearly the same.",
        )
    if most > _USUAL_SCALE[1]:
        return (f"The calibration sharpens the scores {most:.3g} times, more than is usual.",)
    return ()


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
