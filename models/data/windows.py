"""The newest windows of all tickers as arrays: one new bar of each costs one vectorised step.

The server decides on these, and an audit holds them against the windows of training.
"""

import logging
from collections import Counter

import numpy as np

from models.data.accepted import Accepted
from models.data.bars import DROPPED, DropReason, Rules, Validated, validate, widened
from models.data.features.feature_set import FeatureSet, fits_window
from models.data.growth import PerTicker
from models.data.labels import MAX_HORIZON
from models.data.ring import BarRing
from models.data.spans import bars_since, steps_in_row
from models.data.volatility import CLOSES
from shared.contract import STEPS, WINDOW_SHAPE, Bool, Float32, Float64, Int64
from shared.errors import PluginError

log = logging.getLogger(__name__)


class Windows(PerTicker):
    """The look-back and the window of every ticker; forming bars are validated but never enter.

    Attributes:
        reasons: How many bars were dropped or mended, or interrupt their series, by reason.
        accepted: How many closed bars were taken; what takes the place of one is no further bar.
        bar_ms: (n, 6) int64, close of each bar of the windows, ms since 1970 UTC.
        since_interrupt: (n,) int64, bars from the newest jump or gap on; of what lies further back
            than anybody asks, as many as are asked for.
        ring: The closed bars that were taken, with room for the decision on each.

    Args:
        tickers: n, their number.
        rules: What is a jump and what is a gap.
        feature_set: What the windows hold.
        kept: How many closed bars of each ticker are kept; the look-back and the labels of open
            decisions need some whatever is asked.
    """

    PER_TICKER = (
        *("bar_ms", "since_interrupt", "_features", "_bars_since_cut", "_steps_since_gap"),
        *("_last_ms", "_last_close"),
    )

    def __init__(self, tickers: int, rules: Rules, feature_set: FeatureSet, kept: int = 0) -> None:
        self.reasons: Counter[DropReason] = Counter()
        self.accepted = 0
        self.bar_ms = np.zeros((tickers, STEPS), dtype=np.int64)
        self.since_interrupt = np.zeros(tickers, dtype=np.int64)
        # A window can be made anew, and the volatility at an open decision be told.
        self._behind = max(feature_set.window_bars, MAX_HORIZON + CLOSES)
        self.ring = BarRing(tickers, max(kept, self._behind + 1), self._behind)
        self._set = feature_set
        self._rules = rules
        self._features = np.zeros((tickers, *WINDOW_SHAPE), dtype=np.float32)
        self._bars_since_cut = np.zeros(tickers, dtype=np.int64)
        self._steps_since_gap = np.zeros(tickers, dtype=np.int64)
        self._last_ms = np.zeros(tickers, dtype=np.int64)
        self._last_close = np.zeros(tickers)
        self._told = ""

    @property
    def newest_closed_ms(self) -> int:
        """Close of the newest bar that has closed, ms since 1970 UTC; 0 before the first."""
        return int(self._last_ms.max(initial=0))

    @property
    def full(self) -> Bool:
        """Return (n,) bool: the tickers that can be decided on."""
        full: Bool = self._steps_since_gap >= STEPS
        return full

    def grow(self, tickers: int) -> None:
        """Make room for more tickers, which have no bars yet."""
        super().grow(tickers)
        self.ring.grow(tickers)

    def features(self, rows: Int64) -> Float32:
        """Return (k, 6, 8) float32, the windows of `rows` (k,), oldest bar first."""
        return self._features[rows]

    def newest(self, rows: Int64) -> Accepted:
        """Return the newest closed bars of `rows` (k,), each with one, as they stand now."""
        return self._standing(rows, np.zeros(len(rows), np.int64))

    def are_news(self, rows: Int64, bar_ms: Int64, ohlcv: Float64) -> Bool:
        """Return (n,) bool, which closed bars, as in `push`, are new here or correct one.

        A bar that lies back, of a time that has none here, is no news: it would be dropped.
        """
        news: Bool = bar_ms > self._last_ms[rows]
        old = np.flatnonzero(~news)
        age = self.ring.age_of(rows[old], bar_ms[old])
        before = self.ring.around(rows[old], np.maximum(age, 0))[1][:, 1]
        news[old] = (age >= 0) & (widened(ohlcv[old]) != before).any(axis=1)
        return news

    def push(self, rows: Int64, bar_ms: Int64, ohlcv: Float64, *, closed: bool = True) -> Accepted:
        """Validate a new bar of some tickers, and take what may be believed.

        A closed bar enters the look-back of its ticker and adds a step to its window. A jump starts
        both afresh, a gap the window alone. A closed bar of the time of one that is still kept
        takes its place, and look-back and window are made anew.

        Args:
            rows: (n,) int64 indices of tickers, none twice.
            bar_ms: (n,) int64, close of each bar, ms since 1970 UTC.
            ohlcv: (n, 5) float64, open, high, low, close in currency, volume in units.
            closed: False while the bars are still forming.
        """
        last_ms, last_close = self._last_ms[rows], self._last_close[rows]
        verdict = validate(bar_ms[:, None], ohlcv[:, None], last_ms, last_close, self._rules)
        good = verdict.accepted[:, 0]
        jump, gap = verdict.jump[good, 0], verdict.gap[good, 0]
        bars = verdict.ohlcv[good, 0]
        accepted = Accepted(
            rows=rows[good],
            bar_ms=bar_ms[good],
            ohlcv=bars,
            change=_change(bars[:, 3], last_close[good], (last_ms > 0)[good] & ~jump),
            interrupts=jump | gap,
            jumps=jump,
            corrects=np.zeros(len(bars), np.bool_),
        )
        if not closed:  # what is kept will come again, closed
            self.reasons += Counter({r: k for r, k in verdict.counts().items() if r in DROPPED})
            return accepted
        self._count(verdict)
        self._take(accepted, jump)
        late = verdict.late[:, 0]
        if not late.any():
            return accepted
        return accepted.joined(self._correct(rows[late], bar_ms[late], ohlcv[late]))

    def fill(self, rows: Int64, bar_ms: Int64, ohlcv: Float64) -> tuple[Bool, Validated]:
        """Take many closed bars of some tickers at once, as if they were pushed one by one.

        Args:
            rows: (k,) int64 indices of tickers, none twice.
            bar_ms: (k, t) int64, close of each bar, oldest first, ms since 1970 UTC; 0, as all
                prices, where a ticker has fewer than t.
            ohlcv: (k, t, 5) float64, open, high, low, close in currency, volume in units.

        Returns:
            (k,) bool, of which tickers they were taken: not of those with bars that come late,
            which have to be pushed. And what is thought of the bars that were.
        """
        past = self._last_ms[rows], self._last_close[rows]
        verdict = validate(bar_ms, ohlcv, *past, self._rules)
        taken: Bool = np.logical_not(verdict.late.any(axis=1))
        if not taken.all():
            verdict, rows, bar_ms = verdict.take(taken), rows[taken], bar_ms[taken]
        self._count(verdict)
        if none := int(((bar_ms == 0) & (verdict.ohlcv[..., 3] == 0)).sum()):
            self.reasons[DropReason.ZERO_PRICE] -= none
        self.ring.extend(rows, verdict.accepted, bar_ms, verdict.ohlcv)
        some = verdict.accepted.any(axis=1)
        self._last_ms[rows[some]] = (bar_ms * verdict.accepted)[some].max(axis=1)
        self._renew(rows[some])
        return taken, verdict

    def _count(self, verdict: Validated) -> None:
        # Of bars that come late it is not known yet what becomes of them.
        counts = verdict.counts()
        del counts[DropReason.OUT_OF_ORDER], counts[DropReason.DUPLICATE]
        self.reasons += counts
        self.accepted += int(verdict.accepted.sum())

    def _take(self, bars: Accepted, jump: Bool) -> None:
        rows = bars.rows
        self._last_ms[rows] = bars.bar_ms
        self._last_close[rows] = bars.ohlcv[:, 3]
        self.ring.append(rows, bars.bar_ms, bars.ohlcv)
        self.since_interrupt[rows] = np.where(bars.interrupts, 1, self.since_interrupt[rows] + 1)
        self._bars_since_cut[rows] = np.where(jump, 1, self._bars_since_cut[rows] + 1)
        self._steps_since_gap[rows[bars.interrupts]] = 0
        ready = self._bars_since_cut[rows] >= self._set.lookback
        if ready.any():
            self._step(rows[ready], bars.bar_ms[ready])

    def _correct(self, rows: Int64, bar_ms: Int64, ohlcv: Float64) -> Accepted:
        age, mended = self.ring.age_of(rows, bar_ms), widened(ohlcv)
        known = age >= 0
        before = self.ring.around(rows, np.maximum(age, 0))[1][:, 1]
        other = known & (mended != before).any(axis=1)
        rows, age = rows[other], age[other]
        jumps = self._jumps(rows, age)
        self.ring.replace(rows, age, mended[other])
        self._renew(rows)
        self.reasons += Counter(
            {
                DropReason.OUT_OF_ORDER: int((~known).sum()),
                DropReason.DUPLICATE: int((known & ~other).sum()),
                DropReason.CORRECTED: len(rows),
                DropReason.RANGE_WIDENED: int((mended != ohlcv)[other].any(axis=1).sum()),
            }
        )
        self.reasons += Counter({DropReason.JUMP: self._jumps(rows, age) - jumps})
        return self._standing(rows, age)

    def _jumps(self, rows: Int64, age: Int64) -> int:
        # Before the bars of these ages and before those that follow them.
        return int(self._judged(*self.ring.around(rows, age)).jump.sum())

    def _standing(self, rows: Int64, age: Int64) -> Accepted:
        bar_ms, bars = self.ring.around(rows, age)
        verdict = self._judged(bar_ms, bars)
        comparable = (bar_ms[:, 0] > 0) & ~verdict.jump[:, 1]
        return Accepted(
            rows=rows,
            bar_ms=bar_ms[:, 1],
            ohlcv=bars[:, 1],
            change=_change(bars[:, 1, 3], bars[:, 0, 3], comparable),
            interrupts=(verdict.jump | verdict.gap)[:, 1],
            jumps=verdict.jump[:, 1],
            corrects=np.ones(len(rows), np.bool_),
        )

    def _judged(self, bar_ms: Int64, bars: Float64) -> Validated:
        # Each of (k, m) kept bars against the one before it; none is known before the first.
        none = np.zeros(len(bar_ms))
        return validate(bar_ms, bars, none.astype(np.int64), none, self._rules)

    def _renew(self, rows: Int64) -> None:
        # All that follows from bars is worked out as a history's is, from those that are kept.
        bar_ms = self.ring.newest_times(rows, self._behind)
        bars = self.ring.newest_bars(rows, self._behind)
        verdict = self._judged(bar_ms, bars)
        self._last_close[rows] = bars[:, -1, 3]
        self.bar_ms[rows] = bar_ms[:, -STEPS:]
        self.since_interrupt[rows] = bars_since(verdict, verdict.jump | verdict.gap)[:, -1]
        since_cut = bars_since(verdict, verdict.jump)[:, -STEPS:]
        self._bars_since_cut[rows] = since_cut[:, -1]
        ready = since_cut >= self._set.lookback  # (k, 6)
        spans = np.lib.stride_tricks.sliding_window_view(bars, self._set.lookback, axis=1)
        made, known = np.zeros((*ready.shape, WINDOW_SHAPE[1])), np.zeros(ready.shape, np.bool_)
        if ready.any():
            made[ready], known[ready] = self._described(spans[:, -STEPS:].swapaxes(2, 3)[ready])
        self._features[rows] = made
        interrupts = (verdict.jump | verdict.gap)[:, -STEPS:]
        self._steps_since_gap[rows] = steps_in_row(ready, known, interrupts)

    def _step(self, rows: Int64, bar_ms: Int64) -> None:
        newest, known = self._described(self.ring.newest_bars(rows, self._set.lookback))
        self._features[rows, :-1] = self._features[rows, 1:]
        self._features[rows, -1] = newest
        self.bar_ms[rows, :-1] = self.bar_ms[rows, 1:]
        self.bar_ms[rows, -1] = bar_ms
        self._steps_since_gap[rows] = np.where(known, self._steps_since_gap[rows] + 1, 0)

    def _described(self, blocks: Float64) -> tuple[Float64, Bool]:
        # (k, 8) features of the newest bars of (k, lookback, 5) blocks, and (k,) of which bars the
        # set has some: where it has none, the window starts afresh, so that a faulty set costs
        # decisions and not the server.
        try:
            newest = self._set.newest(blocks)
        except PluginError as e:
            self._tell(str(e))
            return np.zeros((len(blocks), WINDOW_SHAPE[1])), np.zeros(len(blocks), np.bool_)
        known = fits_window(newest)
        if not known.all():
            self._tell(f"the feature set {self._set.name} gives no number for some bars")
        return np.where(known[:, None], newest, 0.0), known

    def _tell(self, fault: str) -> None:
        # Once, and not with every bar of a market.
        if fault != self._told:
            log.warning("%s: the tickers concerned are not decided on", fault)
        self._told = fault


def _change(close: Float64, before: Float64, comparable: Bool) -> Float32:
    ratio = np.divide(close, before, where=comparable, out=np.ones(len(close)))
    return (ratio - 1).astype(np.float32)
