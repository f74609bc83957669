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
from models.data.features import feature_history
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
from models.training.dataset import FeatureHistory, Samples, collect
from shared.contract import FEATURE_NAMES, LOOKBACK, Float64, Int64


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


def planted(interval_ms: int) -> tuple[Leak, ...]:
    """Return the leaks, for bars of that length."""

    def opened_ms(bar_ms: Int64) -> Int64:
        return bar_ms - interval_ms

    return (
        Leak(
            name="a centered average",
            parts=Parts(history=_with_column("vs_ma5", _centered_average)),
            part=FEATURES_PART,
            feature="vs_ma5",
        ),
        Leak(
            name="the label as a column",
            parts=Parts(history=_with_column("return", _following_return)),
            part=FEATURES_PART,
            feature="return",
        ),
        Leak(
            name="a mean over the whole history",
            parts=Parts(history=_with_column("volume", _volume_over_all)),
            part=FEATURES_PART,
            feature="volume",
        ),
        Leak(
            name="a bar stamped at its open, used at its open",
            parts=Parts(known_ms=opened_ms),
            part=TIMES_PART,
        ),
        Leak(name="a future scaler", parts=Parts(fit_scaler=_future_scaler), part=SCALER_PART),
        Leak(name="a label before its time", parts=Parts(collect=_early_labels), part=LABELS_PART),
        Leak(
            name="an outcome before its time",
            parts=Parts(stream=_early_outcomes),
            part=RECALIBRATION_PART,
        ),
    )


def _with_column(name: str, column: Callable[[Float64], Float64]) -> FeatureHistory:
    # The features, but the named one from a column over all bars of the series.
    def history(ohlcv: Float64) -> Float64:
        rows = feature_history(ohlcv)
        if len(rows):
            rows[:, FEATURE_NAMES.index(name)] = column(ohlcv)[LOOKBACK - 1 :]
        return rows

    return history


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
    table: BarTable, rules: Rules, label: LabelRule
) -> tuple[Samples, Counter[DropReason]]:
    samples, reasons = collect(table, rules, label)
    return replace(samples, target_ms=samples.decided_ms), reasons


def _early_outcomes(
    recalibrator: Recalibrator,
    logits: Float64,
    decided_ms: Int64,
    target_ms: Int64,
    label: Int64,
) -> Forecast:
    return stream(recalibrator, logits, decided_ms, decided_ms, label)
