"""Labelled windows of a history, and their split in the order of time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np

from models.data.bars import DropReason, Rules, validate
from models.data.corrections import settled
from models.data.features.feature_set import FeatureSet
from models.data.labels import LabelRule, path_returns
from models.data.table import BarTable, Int32
from models.data.volatility import CLOSES, volatility
from shared.contract import STEPS, WINDOW_SHAPE, Bool, Float32, Float64, Int64
from shared.errors import DataError, PluginError


@dataclass(frozen=True, kw_only=True, eq=False)
class BarSeries:
    """The accepted bars of one ticker, oldest first.

    Attributes:
        bar_ms: (n,) int64, close of the bar, ms since 1970 UTC, strictly ascending.
        ohlcv: (n, 5) float64, open, high, low, close in currency, volume in units.
        jump: (n,) bool, the series is cut before this bar.
        gap: (n,) bool, the window restarts with this bar.
    """

    bar_ms: Int64
    ohlcv: Float64
    jump: Bool
    gap: Bool

    def windows(self, feature_set: FeatureSet) -> tuple[Float32, Int64]:
        """Return every window that spans neither a cut nor a gap, and where it ends.

        Args:
            feature_set: What the windows hold.

        Returns:
            (k, 6, 8) float32 raw features, oldest bar first, and (k,) int64 position of the
            newest bar of each.
        """
        rows = feature_set.history(self.ohlcv)
        first = feature_set.window_bars - 1  # the newest bar of the first window
        if len(self.bar_ms) <= first:
            return np.empty((0, *WINDOW_SHAPE), np.float32), np.empty(0, np.int64)
        windows = np.lib.stride_tricks.sliding_window_view(rows, STEPS, axis=0)  # (k, 8, 6)
        newest = np.arange(first, len(self.bar_ms))
        whole = (newest - _latest(self.jump)[first:] >= first) & (
            newest - _latest(self.gap)[first:] >= STEPS - 1
        )
        return windows.transpose(0, 2, 1)[whole].astype(np.float32), newest[whole]

    def volatility(self, newest: Int64) -> Float32:
        """Return (k,) float32 `models.data.volatility` at the (k,) ends of windows."""
        return volatility(self._closes(newest, CLOSES)).astype(np.float32)

    def log_returns(self, newest: Int64) -> Float32:
        """Return (k, 6) float32 log returns of the bars of the windows with the (k,) ends."""
        close = self._closes(newest, STEPS + 1)
        return np.log(close[:, 1:] / close[:, :-1]).astype(np.float32)

    def _closes(self, newest: Int64, count: int) -> Float64:
        # (k, count) closes up to each end of a window; a window has so many behind it.
        closes: Float64 = self.ohlcv[newest[:, None] + np.arange(1 - count, 1), 3]
        return closes


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples:
    """Windows with what followed; bar t is a window's newest, and h the horizon of the label.

    Attributes:
        windows: (n, 6, 8) float32, raw features, oldest bar first.
        label: (n,) int64, class of what followed bar t.
        decided_ms: (n,) int64, close of bar t, ms since 1970 UTC.
        target_ms: (n,) int64, close of bar t+h, when the label is known, ms since 1970 UTC.
        ticker: (n,) int32, index into the table's symbols.
        ordinal: (n,) int64, which of its ticker's accepted bars bar t+h is.
        volatility: (n,) float32, `models.data.volatility` at bar t.
        log_returns: (n, 6) float32, ln(close / close before) of the window's bars, oldest first.
        returns: (n,) float64, close[t+h] / close[t] - 1.
        delayed: (n,) float64, close[t+1+h] / close[t+1] - 1, of who acts one bar late; NaN where
            bar t+1+h is not known or lies behind a cut or a gap.
    """

    windows: Float32
    label: Int64
    decided_ms: Int64
    target_ms: Int64
    ticker: Int32
    ordinal: Int64
    volatility: Float32
    log_returns: Float32
    returns: Float64
    delayed: Float64

    def take(self, chosen: Bool | Int64) -> "Samples":
        """Return the samples where (n,) `chosen` is true, or those at the (k,) positions."""
        return Samples(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Three spans, each later than the one before and `gap_bars` away from it.

    Attributes:
        train: To fit weights and scaler on.
        validation: To choose on.
        test: To score once.
    """

    train: Samples
    validation: Samples
    test: Samples


def clean(bar_ms: Int64, ohlcv: Float64, rules: Rules) -> tuple[BarSeries, Counter[DropReason]]:
    """Return the accepted bars of one ticker's history, and the count of each reason.

    What corrects an earlier bar has taken its place: a history is as it was said last.

    Args:
        bar_ms: (n,) int64, close of each bar as they came, ms since 1970 UTC.
        ohlcv: (n, 5) float64, open, high, low, close in currency, volume in units.
        rules: The limits.
    """
    none_yet = np.zeros(1)
    bars = settled(bar_ms, ohlcv)
    times, rows = bars.bar_ms[None], bars.ohlcv[None]
    verdict = validate(times, rows, none_yet.astype(np.int64), none_yet, rules)
    kept = verdict.accepted[0]
    series = BarSeries(
        bar_ms=bars.bar_ms[kept],
        ohlcv=verdict.ohlcv[0, kept],
        jump=verdict.jump[0, kept],
        gap=verdict.gap[0, kept],
    )
    return series, verdict.counts() + bars.reasons


def by_ticker(table: BarTable) -> Iterator[tuple[int, Int64]]:
    """Yield each ticker's index and the (k,) int64 positions of its bars, oldest first."""
    order = np.argsort(table.row, kind="stable")
    ends = np.searchsorted(table.row[order], np.arange(len(table.symbols)), side="right")
    yield from enumerate(np.split(order, ends[:-1]))


def collect(
    table: BarTable, rules: Rules, label: LabelRule, feature_set: FeatureSet
) -> tuple[Samples, Counter[DropReason]]:
    """Return all labelled windows of a table, by ticker and time, and the count of each reason.

    Args:
        table: The bars.
        rules: The limits.
        label: How what follows becomes a class.
        feature_set: What the windows hold.

    Raises:
        DataError: The table holds no labelled window.
        PluginError: The set gives no number for some bars.
    """
    reasons = Counter({DropReason(name): count for name, count in table.repaired.items()})
    parts: list[Samples] = []
    for ticker, rows in by_ticker(table):
        series, counts = clean(table.bar_ms[rows], table.ohlcv[rows], rules)
        reasons += counts
        parts.append(_labeled(series, ticker, label, feature_set))
    if not any(len(part.label) for part in parts):
        raise DataError(
            rules.too_short()
            or f"no ticker has {feature_set.window_bars + label.horizon} bars in a row, "
            "so nothing can be learned"
        )
    return join_samples(parts), reasons


def join_samples(parts: Sequence[Samples]) -> Samples:
    """Return the samples of all parts, at least one, in their order."""
    names = [f.name for f in fields(Samples)]
    return Samples(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


def gap_for(label: LabelRule) -> int:
    """Return the bars between spans: then no window holds a bar that labelled an earlier one."""
    return label.horizon + STEPS


def split(samples: Samples, train_until_ms: int, validate_until_ms: int, gap_bars: int) -> Split:
    """Return three spans by the time of the target, as `purged` chooses them.

    Args:
        samples: All samples.
        train_until_ms: Newest target of the train span, ms since 1970 UTC.
        validate_until_ms: Newest target of the validation span, ms since 1970 UTC.
        gap_bars: Bars of a ticker to skip; at least `gap_for` the rule of the label.

    Raises:
        DataError: A span holds no sample.
    """
    spans = purged(samples, train_until_ms, validate_until_ms, gap_bars)
    for name, chosen in spans.items():
        if not chosen.any():
            raise DataError(f"the {name} span holds no labelled window, choose other dates")
    return Split(**{name: samples.take(chosen) for name, chosen in spans.items()})


def purged(
    samples: Samples, train_until_ms: int, validate_until_ms: int, gap_bars: int
) -> dict[Literal["train", "validation", "test"], Bool]:
    """Return (n,) bool for each span, which samples belong to it; some may have none.

    The last `gap_bars` bars of a ticker before a boundary belong to no span, so the later spans
    are whole; nor does what was not yet known, of any ticker, at the first decision of the later
    span: a ticker that ended has no later bars to count from. Dates alone cannot say this: where
    bars are missing, a ticker's gap reaches back further than the others'.

    Args:
        samples: All samples.
        train_until_ms: Newest target of the train span, ms since 1970 UTC.
        validate_until_ms: Newest target of the validation span, ms since 1970 UTC.
        gap_bars: Bars of a ticker to skip.
    """
    trained = samples.target_ms <= train_until_ms
    validated = samples.target_ms <= validate_until_ms
    return {
        "train": trained & _clear_of(samples, ~trained, gap_bars),
        "validation": ~trained & validated & _clear_of(samples, ~validated, gap_bars),
        "test": ~trained & ~validated,
    }


def _latest(marks: Bool) -> Int64:
    # (n,) position of the newest mark up to each position, 0 before the first.
    latest: Int64 = np.maximum.accumulate(np.where(marks, np.arange(len(marks)), 0))
    return latest


def _labeled(series: BarSeries, ticker: int, label: LabelRule, feature_set: FeatureSet) -> Samples:
    windows, newest = series.windows(feature_set)
    if not np.isfinite(windows).all():
        raise PluginError(f"the feature set {feature_set.name} gives no number for some bars")
    whole = _unbroken(series, newest, label.horizon)
    windows, newest = windows[whole], newest[whole]
    path = _path(series, newest, label.horizon)
    known = series.volatility(newest)
    target = newest + label.horizon
    return Samples(
        windows=windows,
        # Of float32, as serving keeps it: a return on a threshold gets the same class there.
        label=label.classify(path, known.astype(np.float64)),
        decided_ms=series.bar_ms[newest],
        target_ms=series.bar_ms[target],
        ticker=np.full(len(target), ticker, np.int32),
        ordinal=target,
        volatility=known,
        log_returns=series.log_returns(newest),
        returns=path_returns(path),
        delayed=_delayed(series, newest, label.horizon),
    )


def _unbroken(series: BarSeries, start: Int64, horizon: int) -> Bool:
    # (k,) whether `horizon` bars follow each start without a cut or a gap between.
    breaks = np.cumsum(series.jump | series.gap)
    known: Bool = start + horizon < len(series.bar_ms)
    known[known] = breaks[start[known] + horizon] == breaks[start[known]]
    return known


def _path(series: BarSeries, start: Int64, horizon: int) -> Float64:
    # (k, horizon + 1, 5) the bars from each start on.
    ahead: Float64 = series.ohlcv[start[:, None] + np.arange(horizon + 1)]
    return ahead


def _delayed(series: BarSeries, newest: Int64, horizon: int) -> Float64:
    whole = _unbroken(series, newest, horizon + 1)
    returns = np.full(len(newest), np.nan)
    returns[whole] = path_returns(_path(series, newest[whole] + 1, horizon))
    return returns


def _clear_of(samples: Samples, later: Bool, gap_bars: int) -> Bool:
    # (n,) whether the target lies more than `gap_bars` of its ticker's bars before the later span,
    # and was known when that began.
    first = np.full(samples.ticker.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, samples.ticker[later], samples.ordinal[later])
    began_ms = samples.decided_ms[later].min(initial=np.iinfo(np.int64).max)
    far = samples.ordinal + gap_bars < first[samples.ticker]
    clear: Bool = far & (samples.target_ms <= began_ms)
    return clear
