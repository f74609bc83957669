"""What looks ahead differs when what lies ahead is taken away: the comparisons of an audit.

Each compares what comes of all data with what comes of the bars that had closed by some time, or of
data whose later part is poisoned. What is compared is a parameter, so that a planted leak goes
through exactly the checks that the real parts do.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import msgspec
import numpy as np

from models.calibration.adaptive import Forecast, Recalibrator
from models.calibration.stream import stream
from models.data.bars import DropReason, Rules
from models.data.features.feature_set import FeatureSet
from models.data.labels import LabelRule
from models.data.scaler import Scaler
from models.data.table import BarTable, Int32
from models.evaluation.lookahead.batch_vs_streaming import Decisions, all_at_once, one_at_a_time
from models.inference.engine import Engine
from models.training.dataset import Samples, collect, gap_for, split
from shared.contract import WINDOW_SHAPE, Class, Float64, Int64

# Sums of the same numbers may be rounded otherwise in a shorter array; no leak is as small.
LIMIT: Final = 1e-6

FEATURES_PART: Final = "features"
SERVING_PART: Final = "serving"
TIMES_PART: Final = "bar times"
LABELS_PART: Final = "labels"
PREDICTIONS_PART: Final = "predictions"
SCALER_PART: Final = "scaler"
CARD_PART: Final = "card's scaler"
RECALIBRATION_PART: Final = "recalibration"

_PREDICTED: Final = 256  # newest windows at each time
_KEY_BITS: Final = 44  # ms since 1970 fit in them until the year 2527


def fit_scaler(
    samples: Samples, train_until_ms: int, validate_until_ms: int, gap_bars: int
) -> Scaler:
    """Return the scaler of the train span, as training fits it."""
    return Scaler.fit(split(samples, train_until_ms, validate_until_ms, gap_bars).train.windows)


Collect = Callable[[BarTable, Rules, LabelRule, FeatureSet], tuple[Samples, Counter[DropReason]]]


def _as_closed(bar_ms: Int64) -> Int64:
    return bar_ms


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What could look ahead; the defaults are what tickerlens works with.

    Attributes:
        feature_set: What the windows hold; the `whole` of a leaky one sees all bars of a series.
        known_ms: From when bars close to when they are used, ms since 1970 UTC.
        collect: From bars to labelled samples.
        fit_scaler: From samples, the ends of the train and validation spans, and the gap in bars
            between spans, to the scaler.
        stream: From a history of outcomes to forecasts.
    """

    feature_set: FeatureSet
    known_ms: Callable[[Int64], Int64] = _as_closed
    collect: Collect = collect
    fit_scaler: Callable[[Samples, int, int, int], Scaler] = fit_scaler
    stream: Callable[[Recalibrator, Float64, Int64, Int64, Int64], Forecast] = stream

    def read(self, table: BarTable, until_ms: int | None = None) -> BarTable:
        """Return the bars that closed by then, with the times at which they are used."""
        closed = table.bar_ms <= (table.bar_ms.max() if until_ms is None else until_ms)
        return replace(
            table,
            row=table.row[closed],
            bar_ms=self.known_ms(table.bar_ms[closed]),
            ohlcv=table.ohlcv[closed],
        )


class LookaheadCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that was compared.

    Attributes:
        part: `features`, `serving`, `bar times`, `labels`, `predictions`, `scaler`,
            `card's scaler` or `recalibration`.
        name: The feature, or what else of the part; empty where there is nothing to tell apart.
        compared: How many numbers were compared.
        difference: The greatest difference, in the unit of the numbers; of bar times and labels,
            how many differ.
        leaks: Whether that is more than rounding explains.
    """

    part: str
    name: str = ""
    compared: int
    difference: float
    leaks: bool


def check_cuts(
    table: BarTable, rules: Rules, parts: Parts, engine: Engine, moments: Sequence[int]
) -> list[LookaheadCheck]:
    """Hold windows and predictions of the data cut at each moment against those of the whole."""
    whole = all_at_once(parts.read(table), rules, parts.feature_set)
    features, said, unmatched, compared = np.zeros(WINDOW_SHAPE[1]), 0.0, 0, 0
    for moment in moments:
        cut = all_at_once(parts.read(table, moment), rules, parts.feature_set)
        before = whole.take(whole.decided_ms <= moment)
        at_whole, at_cut, differ = _matched(before, cut)
        one, other = before.take(at_whole), cut.take(at_cut)
        features = np.maximum(features, _by_feature(one, other))
        said = max(said, _by_prediction(engine, one, other))
        unmatched, compared = unmatched + differ, compared + len(at_whole)
    return [
        *_feature_checks(FEATURES_PART, parts, features, compared),
        _counted(TIMES_PART, "cut", compared + unmatched, unmatched),
        LookaheadCheck(
            part=PREDICTIONS_PART,
            compared=min(compared, _PREDICTED * len(moments)) * len(Class),
            difference=said,
            leaks=said > LIMIT,
        ),
    ]


def check_serving(table: BarTable, rules: Rules, parts: Parts) -> list[LookaheadCheck]:
    """Hold windows that were made of one bar after the other against those of all bars at once."""
    read = parts.read(table)
    batch, served = (made(read, rules, parts.feature_set) for made in (all_at_once, one_at_a_time))
    at_batch, at_served, differ = _matched(batch, served)
    features = _by_feature(batch.take(at_batch), served.take(at_served))
    return [
        *_feature_checks(SERVING_PART, parts, features, len(at_batch)),
        _counted(TIMES_PART, "serving", len(at_batch) + differ, differ),
    ]


def check_labels(
    table: BarTable,
    rules: Rules,
    rule: LabelRule,
    feature_set: FeatureSet,
    parts: Parts,
    moments: Sequence[int],
) -> list[LookaheadCheck]:
    """Hold the labels that are known at each moment against those of the whole."""
    whole, _ = parts.collect(parts.read(table), rules, rule, feature_set)
    compared = differing = 0
    for moment in moments:
        known, _ = parts.collect(parts.read(table, moment), rules, rule, feature_set)
        before = whole.take(whole.target_ms <= moment)
        at_whole, at_cut, differ = _matched(before, known)
        differing += differ + int((before.label[at_whole] != known.label[at_cut]).sum())
        compared += len(at_whole) + differ
    return [_counted(LABELS_PART, "", compared, differing)]


def check_scaler(samples: Samples, rule: LabelRule, parts: Parts) -> list[LookaheadCheck]:
    """Hold the scaler against the one of data whose windows after the train span are poisoned."""
    times = np.unique(samples.target_ms)
    bounds = int(times[len(times) * 70 // 100]), int(times[len(times) * 85 // 100])
    later = samples.target_ms > bounds[0]
    poison = np.where(later[:, None, None], 3 * samples.windows + 0.5, samples.windows)
    real, poisoned = (
        parts.fit_scaler(s, *bounds, gap_for(rule))
        for s in (samples, replace(samples, windows=poison.astype(np.float32)))
    )
    return _feature_checks(SCALER_PART, parts, scaler_difference(real, poisoned), len(times))


def check_recalibration(
    recalibrator: Callable[[], Recalibrator],
    logits: Float64,
    samples: Samples,
    parts: Parts,
    moments: Sequence[int],
) -> list[LookaheadCheck]:
    """Hold the forecasts up to each moment against those of a stream with poisoned later outcomes.

    Args:
        recalibrator: Makes a fresh one.
        logits: (n, 3) float64, statically calibrated.
        samples: n of them.
        parts: What is tried.
        moments: Outcomes that are known after these are poisoned, ms since 1970 UTC.
    """

    def forecast(label: Int64) -> Float64:
        said = parts.stream(recalibrator(), logits, samples.decided_ms, samples.target_ms, label)
        return np.concatenate([said.probabilities, said.sets], axis=1)

    whole, compared, greatest = forecast(samples.label), 0, 0.0
    for moment in moments:
        later = samples.target_ms > moment
        poisoned = forecast(np.where(later, (samples.label + 1) % len(Class), samples.label))
        until = samples.decided_ms <= moment
        compared += int(until.sum()) * whole.shape[1]
        greatest = max(greatest, _greatest(whole[until] - poisoned[until]))
    # The same numbers in the same order: not a bit may differ.
    return [
        LookaheadCheck(
            part=RECALIBRATION_PART, compared=compared, difference=greatest, leaks=greatest > 0
        )
    ]


def scaler_difference(one: Scaler, other: Scaler) -> Float64:
    """Return the (8,) greatest difference of mean or standard deviation, in the feature's unit."""
    columns = [[s.mean, s.sd] for s in (one, other)]
    difference: Float64 = np.abs(np.array(columns[0]) - np.array(columns[1])).max(axis=0)
    return difference


class _Keyed(Protocol):
    @property
    def ticker(self) -> Int32: ...

    @property
    def decided_ms(self) -> Int64: ...


def _matched(one: _Keyed, other: _Keyed) -> tuple[Int64, Int64, int]:
    # Positions in both of what both have, and how many only one of them has.
    key, another = ((x.ticker.astype(np.int64) << _KEY_BITS) + x.decided_ms for x in (one, other))
    common, first, second = np.intersect1d(key, another, assume_unique=True, return_indices=True)
    only_one = len(key) + len(another) - 2 * len(common)
    return first.astype(np.int64), second.astype(np.int64), only_one


def _by_feature(one: Decisions, other: Decisions) -> Float64:
    if len(one.windows) == 0:
        return np.zeros(WINDOW_SHAPE[1])
    difference = (one.windows - other.windows).astype(np.float64)
    return np.array([_greatest(difference[..., i]) for i in range(WINDOW_SHAPE[1])])


def _by_prediction(engine: Engine, one: Decisions, other: Decisions) -> float:
    newest = np.argsort(one.decided_ms, kind="stable")[-_PREDICTED:]
    # What is no number is found by the features, and no network answers to it.
    pairs = np.isfinite(one.windows[newest]) & np.isfinite(other.windows[newest])
    finite = newest[pairs.all(axis=(1, 2))]
    said = [
        engine.explain(x.windows[finite]).probabilities.astype(np.float64) for x in (one, other)
    ]
    return _greatest(said[0] - said[1])


def _greatest(difference: Float64) -> float:
    # Something that is a number on one side only differs without limit.
    if difference.size == 0:
        return 0.0
    return float(np.nan_to_num(np.abs(difference), nan=np.inf, posinf=np.inf).max())


def _feature_checks(
    part: str, parts: Parts, difference: Float64, compared: int
) -> list[LookaheadCheck]:
    return [
        LookaheadCheck(part=part, name=name, compared=compared, difference=d, leaks=d > LIMIT)
        for name, d in zip(parts.feature_set.names, difference.tolist(), strict=True)
    ]


def _counted(part: str, name: str, compared: int, differing: int) -> LookaheadCheck:
    return LookaheadCheck(
        part=part,
        name=name,
        compared=compared,
        difference=float(differing),
        leaks=differing > 0,
    )
