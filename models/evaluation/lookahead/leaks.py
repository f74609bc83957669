"""Leaks as they happen, planted to see whether an audit finds them and names them.

Each is a mistake that a back-test rewards: Kaufman, Rosset, Perlich and Stitelman, "Leakage in data
mining", ACM TKDD 6 (2012), and Kapoor and Narayanan, Patterns 4 (2023), list where they come from.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.calibration.adaptive import Forecast, Recalibrator
from models.calibration.stream import stream
from models.data.bars import DropReason, Rules
from models.data.features.feature_set import FeatureSet
from models.data.labels import LabelRule
from models.data.scaler import Scaler
from models.data.table import BarTable
from models.evaluation.lookahead.checks import (
    FEATURES_PART,
    LABELS_PART,
    RECALIBRATION_PART,
    SCALER_PART,
    TIMES_PART,
    Parts,
)
from models.training.dataset import Samples, collect
from shared.contract import Float64, Int64


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A mistake, and where it must be found.

    Attributes:
        name: What people call it.
        parts: With the mistake in them.
        part: Of the check that must find it.
        feature: That must be named; empty where it is in no single one.
    """

    name: str
    parts: Parts
    part: str
    feature: str = ""


def planted(feature_set: FeatureSet, interval_ms: int) -> tuple[Leak, ...]:
    """Return the leaks, for windows of that set and bars of that length.

    Those in a feature take the place of one of the set's, whatever it measures.
    """

    def opened_ms(bar_ms: Int64) -> Int64:
        return bar_ms - interval_ms

    def in_column(name: str, place: int, column: Callable[[Float64], Float64]) -> Leak:
        leaky = _with_column(feature_set, place, column)
        return Leak(
            name=name,
            parts=Parts(feature_set=leaky),
            part=FEATURES_PART,
            feature=feature_set.names[place],
        )

    real = Parts(feature_set=feature_set)
    return (
        in_column("a centered average", 5, _centered_average),
        in_column("the label as a column", 3, _following_return),
        in_column("a mean over the whole history", 4, _volume_over_all),
        Leak(
            name="a bar stamped at its open, used at its open",
            parts=replace(real, known_ms=opened_ms),
            part=TIMES_PART,
        ),
        Leak(
            name="a future scaler",
            parts=replace(real, fit_scaler=_future_scaler),
            part=SCALER_PART,
        ),
        Leak(
            name="a label before its time",
            parts=replace(real, collect=_early_labels),
            part=LABELS_PART,
        ),
        Leak(
            name="an outcome before its time",
            parts=replace(real, stream=_early_outcomes),
            part=RECALIBRATION_PART,
        ),
    )


def _with_column(
    feature_set: FeatureSet, place: int, column: Callable[[Float64], Float64]
) -> FeatureSet:
    # The set, but one feature of a history from a column over all bars of the series.
    def whole(ohlcv: Float64) -> Float64:
        rows = feature_set.history(ohlcv).copy()
        rows[:, place] = column(ohlcv)[feature_set.lookback - 1 :]
        return rows

    return replace(feature_set, whole=whole)


def _centered_average(ohlcv: Float64) -> Float64:
    close, five = ohlcv[:, 3], np.ones(5)
    sums, counts = (np.convolve(x, five, mode="same") for x in (close, np.ones(len(close))))
    ahead: Float64 = close / (sums / counts) - 1  # of t-2 .. t+2
    return ahead


def _following_return(ohlcv: Float64) -> Float64:
    close = ohlcv[:, 3]
    return np.append(np.log(close[1:] / close[:-1]), 0.0)


def _volume_over_all(ohlcv: Float64) -> Float64:
    volume = ohlcv[:, 4]
    ratio: Float64 = np.log1p(volume) - np.log1p(volume.mean())
    return ratio


def _future_scaler(
    samples: Samples, train_until_ms: int, validate_until_ms: int, gap_bars: int
) -> Scaler:
    return Scaler.fit(samples.windows)


def _early_labels(
    table: BarTable, rules: Rules, label: LabelRule, feature_set: FeatureSet
) -> tuple[Samples, Counter[DropReason]]:
    samples, reasons = collect(table, rules, label, feature_set)
    return replace(samples, target_ms=samples.decided_ms), reasons


def _early_outcomes(
    recalibrator: Recalibrator,
    logits: Float64,
    decided_ms: Int64,
    target_ms: Int64,
    label: Int64,
) -> Forecast:
    return stream(recalibrator, logits, decided_ms, decided_ms, label)
