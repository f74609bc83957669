"""The metrics by which a classifier of up, flat and down is judged."""

from typing import Final

import numpy as np
from scipy.stats import rankdata

from models.bundles.metrics import Metrics
from shared.contract import Bool, Class, Float64, Int64

BINS: Final = 15

Counts = Int64 | Float64


def metrics_of(truth: Int64, probabilities: Float64, answer: Int64 | None = None) -> Metrics:
    """Return the metrics of n forecasts; one that is undefined on them is 0, an AUC 0.5.

    Args:
        truth: (n,) int64 classes, n at least 1.
        probabilities: (n, 3) float64.
        answer: (n,) int64 classes; the most probable ones unless given, as a rule gives them.
    """
    table = confusion(truth, probabilities.argmax(axis=1) if answer is None else answer)
    up, confidence = truth == Class.UP, probabilities[:, Class.UP]
    brier = ((confidence - up) ** 2).mean()
    return Metrics(
        accuracy=float(accuracy(table)),
        macro_f1=float(macro_f1(table)),
        mcc=float(matthews(table)),
        direction_mcc=float(matthews(moves(table))),
        up_auc=area_under_roc(up, confidence),
        up_brier=float(brier),
        up_brier_skill=float(brier_skill(brier, up.mean())),
        up_ece=calibration_error(up, confidence),
    )


def confusion(truth: Int64, answer: Int64) -> Int64:
    """Return the (3, 3) int64 counts, truth down and answer across."""
    cells = np.bincount(len(Class) * truth + answer, minlength=len(Class) ** 2)
    return cells.reshape(len(Class), len(Class))


def accuracy(tables: Counts) -> Float64:
    """Return the (...) shares of right answers of (..., k, k) confusion tables; 0 of none."""
    right = np.trace(tables, axis1=-2, axis2=-1)
    share: Float64 = right / np.maximum(tables.sum(axis=(-2, -1)), 1)
    return share


def moves(tables: Counts) -> Counts:
    """Return the (..., 2, 2) part where neither the truth nor the answer is flat."""
    kept = [Class.DOWN, Class.UP]
    return tables[..., kept, :][..., kept]


def macro_f1(tables: Counts) -> Float64:
    """Return the (...) means over classes of F1 = 2 TP / (2 TP + FP + FN); 0 for an absent class.

    Args:
        tables: (..., k, k) counts, truth down and answer across.
    """
    both = tables.sum(axis=-2) + tables.sum(axis=-1)
    right = np.diagonal(tables, axis1=-2, axis2=-1)
    score: Float64 = (2 * right / np.maximum(both, 1)).mean(axis=-1)
    return score


def matthews(tables: Counts) -> Float64:
    """Return the (...) Matthews correlations of (..., k, k) tables; 0 where it is undefined.

    Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient",
    Computational Biology and Chemistry 28 (2004), in the form (c s - t.p) /
    sqrt((s^2 - p.p) (s^2 - t.t)) with s samples, c right answers, t true and p answered counts.
    """
    counts = tables.astype(np.float64)
    true, answered = counts.sum(axis=-1), counts.sum(axis=-2)
    total, right = true.sum(axis=-1), np.trace(counts, axis1=-2, axis2=-1)
    spread = (total**2 - (answered**2).sum(axis=-1)) * (total**2 - (true**2).sum(axis=-1))
    surplus = right * total - (true * answered).sum(axis=-1)
    return np.where(spread > 0, surplus / np.sqrt(np.where(spread > 0, spread, 1.0)), 0.0)


def brier_skill(brier: Float64, share: Float64) -> Float64:
    """Return 1 - Brier score over that of always forecasting the share; 0 where nothing varies.

    Brier, Monthly Weather Review 78 (1950); the reference forecast is the span's own share of
    class 2, which nobody knew beforehand, so that a skill of 0 is already an achievement.

    Args:
        brier: (...) float64, mean squared errors of the probability of class 2.
        share: (...) float64, how often class 2 came true.
    """
    reference = share * (1 - share)
    return np.where(reference > 0, 1 - brier / np.where(reference > 0, reference, 1.0), 0.0)


def area_under_roc(positive: Bool, score: Float64) -> float:
    """Return the area under the ROC curve, from ranks; 0.5 where one of the classes is absent.

    Mann and Whitney, Annals of Mathematical Statistics 18 (1947): equal scores share their mean
    rank, and AUC = (sum of positive ranks - P (P + 1) / 2) / (P N).
    """
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if positives == 0 or negatives == 0:
        return 0.5
    surplus = rankdata(score)[positive].sum() - positives * (positives + 1) / 2
    return float(surplus / (positives * negatives))


def calibration_error(positive: Bool, confidence: Float64) -> float:
    """Return the expected calibration error over `BINS` bins of equal width.

    Naeini, Cooper and Hauskrecht, AAAI 2015: the distance between mean confidence and share of
    positives in a bin, weighted by the samples in it.

    Args:
        positive: (n,) bool, what came true.
        confidence: (n,) float64 probabilities of it.
    """
    surplus = np.bincount(bin_of(confidence), weights=confidence - positive, minlength=BINS)
    return float(np.abs(surplus).sum() / len(positive))


def bin_of(confidence: Float64) -> Int64:
    """Return the (n,) int64 bin of equal width, from 0, of (n,) probabilities."""
    return np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
