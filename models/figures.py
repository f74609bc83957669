"""The figures by which a classifier of up, flat and down is judged, in numpy alone."""

from typing import Final

import msgspec
import numpy as np

from shared.contract import Bool, Class, Float64, Int64

BINS: Final = 15


class Figures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How true the answers were on one span.

    Attributes:
        accuracy: Share of right answers.
        macro_f1: Mean F1 score of the three classes.
        mcc: Matthews correlation of the three classes; 0 is chance, 1 is perfect.
        direction_mcc: Matthews correlation where neither the truth nor the answer is flat.
        up_auc: Chance that a true 2 has a higher confidence in class 2 than another sample.
        up_brier: Mean squared error of the confidence in class 2.
        up_brier_skill: 1 - `up_brier` over that of always forecasting the span's own share of 2.
        up_ece: Mean distance of the confidence in class 2 from what came true, over 15 bins.
    """

    accuracy: float
    macro_f1: float
    mcc: float
    direction_mcc: float
    up_auc: float
    up_brier: float
    up_brier_skill: float
    up_ece: float


def judge_answers(truth: Int64, probabilities: Float64) -> Figures:
    """Return the figures of n answers; a figure that is undefined on them is 0, an AUC 0.5.

    Args:
        truth: (n,) int64 classes, n at least 1.
        probabilities: (n, 3) float64; the greatest is the answer.
    """
    table = confusion(truth, probabilities.argmax(axis=1))
    moves = table[np.ix_([Class.DOWN, Class.UP], [Class.DOWN, Class.UP])]
    up, confidence = truth == Class.UP, probabilities[:, Class.UP]
    brier = float(((confidence - up) ** 2).mean())
    reference = float(up.mean() * (1 - up.mean()))
    return Figures(
        accuracy=float(np.trace(table) / table.sum()),
        macro_f1=macro_f1(table),
        mcc=matthews(table),
        direction_mcc=matthews(moves),
        up_auc=area_under_roc(up, confidence),
        up_brier=brier,
        up_brier_skill=1 - brier / reference if reference > 0 else 0.0,
        up_ece=calibration_error(up, confidence),
    )


def confusion(truth: Int64, answer: Int64) -> Int64:
    """Return the (3, 3) int64 counts, truth down and answer across."""
    cells = np.bincount(len(Class) * truth + answer, minlength=len(Class) ** 2)
    return cells.reshape(len(Class), len(Class))


def macro_f1(table: Int64) -> float:
    """Return the mean over classes of F1 = 2 TP / (2 TP + FP + FN); 0 for an absent class."""
    both = table.sum(axis=0) + table.sum(axis=1)
    return float((2 * np.diag(table) / np.maximum(both, 1)).mean())


def matthews(table: Int64) -> float:
    """Return the Matthews correlation of a (k, k) confusion table; 0 where it is undefined.

    Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient",
    Computational Biology and Chemistry 28 (2004), in the form (c s - t.p) /
    sqrt((s^2 - p.p) (s^2 - t.t)) with s samples, c right answers, t true and p answered counts.
    """
    counts = table.astype(np.float64)
    total, true, answered = counts.sum(), counts.sum(axis=1), counts.sum(axis=0)
    spread = (total**2 - answered @ answered) * (total**2 - true @ true)
    if spread == 0:
        return 0.0
    return float((np.trace(counts) * total - true @ answered) / np.sqrt(spread))


def area_under_roc(positive: Bool, score: Float64) -> float:
    """Return the area under the ROC curve, from ranks; 0.5 where one of the classes is absent.

    Mann and Whitney, Annals of Mathematical Statistics 18 (1947): equal scores share their mean
    rank, and AUC = (sum of positive ranks - P (P + 1) / 2) / (P N).
    """
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if positives == 0 or negatives == 0:
        return 0.5
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    surplus = ranks[positive].sum() - positives * (positives + 1) / 2
    return float(surplus / (positives * negatives))


def calibration_error(positive: Bool, confidence: Float64) -> float:
    """Return the expected calibration error over `BINS` bins of equal width.

    Naeini, Cooper and Hauskrecht, AAAI 2015: the distance between mean confidence and share of
    positives in a bin, weighted by the samples in it.
    """
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    surplus = np.bincount(bins, weights=confidence - positive, minlength=BINS)
    return float(np.abs(surplus).sum() / len(positive))
