"""Intervals by resampling whole days, because the tickers of a day move together.

Days in a row that belong together are drawn together (`models.evaluation.metrics.day_blocks`).
Every figure is a function of sums over days (a confusion table, squared errors, two histograms), so
that a thousand resamples are one matrix product.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec
import numpy as np

from models.bundles.metrics import Metrics
from models.evaluation.metrics.classification import (
    BINS,
    accuracy,
    bin_of,
    brier_skill,
    macro_f1,
    matthews,
    metrics_of,
    moves,
)
from models.evaluation.metrics.forecasts import Forecasts
from shared.contract import Bool, Class, Float64, Int64

DRAWS: Final = 1000
LEAST_BLOCKS: Final = 5  # fewer days say nothing about other days
LEVEL: Final = 0.95

MetricName = Literal[
    "accuracy",
    "macro_f1",
    "mcc",
    "direction_mcc",
    "up_auc",
    "up_brier",
    "up_brier_skill",
    "up_ece",
]
LOWER_IS_BETTER: Final[frozenset[str]] = frozenset({"up_brier", "up_ece"})

_SCORES: Final = 1024  # steps of the ROC curve of a resample
_TABLE: Final = len(Class) ** 2
# Columns of a tally: the confusion table, squared errors, surplus by bin; then as many steps of
# scores of ups, and of others, as there are.
_BRIER: Final = _TABLE
_SURPLUS: Final = slice(_BRIER + 1, _BRIER + 1 + BINS)


class Measured(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure and how far chance may have moved it.

    Attributes:
        value: On all rows.
        low: Lower end of the 95% interval; None where there are too few days.
        high: Its upper end.
    """

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def above_zero(self) -> bool:
        """Return whether the whole interval lies above 0."""
        return self.low is not None and self.low > 0

    @property
    def below_zero(self) -> bool:
        """Return whether the whole interval lies below 0."""
        return self.high is not None and self.high < 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Days:
    """The days of a span, and the resamples of them that every figure shares.

    Attributes:
        block: (n,) int64, the day of each row, from 0.
        count: Days.
        draws: (m, count) float64, how often each resample drew each day; None with too few days.
        length: Days in a row that are drawn together, on average.
    """

    block: Int64
    count: int
    draws: Float64 | None
    length: int = 1

    @classmethod
    def draw(cls, block: Int64, count: int, followed: Float64, seed: int = 0) -> "Days":
        """Return days with `DRAWS` resamples of as many days.

        The same seed gives the same resamples, so that differences between forecasters are paired.

        Args:
            block: (n,) int64, the day of each row, from 0 in the order of time.
            count: Days.
            followed: (n, k) float64, what is measured of each row; the memory of its daily means
                says how many days in a row belong together.
            seed: Of the resamples.
        """
        if count < LEAST_BLOCKS:
            return cls(block=block, count=count, draws=None)
        # It loads `arch`, which takes seconds that readers of intervals need not wait.
        from models.evaluation.metrics.day_blocks import drawn, mean_length

        rows = np.bincount(block, minlength=count)
        length = mean_length(_sums(block, count, followed) / np.maximum(rows, 1)[:, None])
        draws = drawn(count, length, DRAWS, seed)
        return cls(block=block, count=count, draws=draws, length=length)

    def sums(self, columns: Float64) -> Float64:
        """Return the (count, k) float64 sums by day of (n, k) columns."""
        return _sums(self.block, self.count, columns)


def _sums(block: Int64, count: int, columns: Float64) -> Float64:
    parts = [np.bincount(block, weights=column, minlength=count) for column in columns.T]
    return np.stack(parts, axis=1)


def followed(truth: Int64, forecasters: Sequence[Forecasts]) -> Float64:
    """Return (n, 1 + 2 k) float64 that say how long days belong together.

    Whether class 2 came true, and of each forecaster its squared error of class 2 and whether it
    was right: all metrics are made of these.

    Args:
        truth: (n,) int64 classes.
        forecasters: k that forecast them.
    """
    up = truth == Class.UP
    columns = [up.astype(np.float64)]
    for one in forecasters:
        columns += [(one.up - up) ** 2, (one.answer == truth).astype(np.float64)]
    return np.stack(columns, axis=1)


def measure(value: float, resampled: Float64 | None) -> Measured:
    """Return a value with the percentile interval of its (m,) resamples."""
    if resampled is None:
        return Measured(value=value)
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Measured(value=value, low=float(low), high=float(high))


def mean_of(values: Float64, days: Days, counted: Bool | None = None) -> Measured:
    """Return the mean of the values that count, with its interval; 0 where none does.

    Args:
        values: (n,) float64, 0 where they do not count.
        days: The days of the n values.
        counted: (n,) bool, which count; None for all.
    """
    weight = np.ones(len(values)) if counted is None else counted.astype(np.float64)
    value = float(values.sum() / max(weight.sum(), 1))
    if days.draws is None or not weight.any():
        return Measured(value=value)
    drawn = days.draws @ days.sums(np.stack([values, weight], axis=1))
    return measure(value, drawn[:, 0] / np.maximum(drawn[:, 1], 1))


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """All metrics of one forecaster on one span.

    Attributes:
        metrics: On all rows.
        resampled: By figure the (m,) float64 values of the resamples; empty with too few days.
    """

    metrics: Metrics
    resampled: Mapping[MetricName, Float64]

    def measured(self, name: MetricName) -> Measured:
        """Return a figure with its interval."""
        return measure(getattr(self.metrics, name), self.resampled.get(name))

    def against(self, other: "Judged", name: MetricName) -> Measured:
        """Return how much higher a figure is than another forecaster's, paired by resample."""
        value = getattr(self.metrics, name) - getattr(other.metrics, name)
        mine, theirs = self.resampled.get(name), other.resampled.get(name)
        return measure(value, None if mine is None or theirs is None else mine - theirs)


def judge_by_days(truth: Int64, forecasts: Forecasts, days: Days) -> Judged:
    """Return the metrics of n forecasts with the resamples of their days.

    Args:
        truth: (n,) int64 classes, n at least 1.
        forecasts: What was forecast.
        days: The days of the same rows.
    """
    metrics = metrics_of(truth, forecasts.probabilities, forecasts.answer)
    if days.draws is None:
        return Judged(metrics=metrics, resampled={})
    return Judged(
        metrics=metrics, resampled=_resampled(days.draws @ _tally(truth, forecasts, days))
    )


def _tally(truth: Int64, forecasts: Forecasts, days: Days) -> Float64:
    # (days, k) the sums that all figures are made of.
    up, confidence = truth == Class.UP, forecasts.up
    score = _score_steps(confidence)
    steps = int(score.max()) + 1  # few rows have few steps, and empty ones cost as much as others
    tally = np.zeros((days.count, _SURPLUS.stop + 2 * steps))
    cell = len(Class) * truth + forecasts.answer
    np.add.at(tally, (days.block, cell), 1.0)
    np.add.at(tally, (days.block, _SURPLUS.start + bin_of(confidence)), confidence - up)
    np.add.at(tally, (days.block, _SURPLUS.stop + np.where(up, 0, steps) + score), 1.0)
    tally[:, _BRIER] = days.sums(((confidence - up) ** 2)[:, None])[:, 0]
    return tally


def _score_steps(confidence: Float64) -> Int64:
    # (n,) steps from 0 that hold about as many rows each; equal scores share one.
    edges = np.unique(np.quantile(confidence, np.linspace(0, 1, _SCORES)[1:], method="lower"))
    return np.searchsorted(edges, confidence).clip(0, _SCORES - 1)


def _resampled(sums: Float64) -> dict[MetricName, Float64]:
    # (m, k) sums of resamples to (m,) metrics.
    tables = sums[:, :_TABLE].reshape(-1, len(Class), len(Class))
    total = tables.sum(axis=(1, 2))
    brier = sums[:, _BRIER] / total
    return {
        "accuracy": accuracy(tables),
        "macro_f1": macro_f1(tables),
        "mcc": matthews(tables),
        "direction_mcc": matthews(moves(tables)),
        "up_auc": _area(*np.split(sums[:, _SURPLUS.stop :], 2, axis=1)),
        "up_brier": brier,
        "up_brier_skill": brier_skill(brier, tables[:, Class.UP].sum(axis=1) / total),
        "up_ece": np.abs(sums[:, _SURPLUS]).sum(axis=1) / total,
    }


def _area(ups: Float64, others: Float64) -> Float64:
    # (m,) area under ROC of (m, steps) counts: pairs in order, and half of those in one step.
    below = np.cumsum(others, axis=1)
    pairs = ups.sum(axis=1) * below[:, -1]
    below -= others / 2
    ordered = np.einsum("ij,ij->i", ups, below)
    return np.where(pairs > 0, ordered / np.where(pairs > 0, pairs, 1.0), 0.5)
