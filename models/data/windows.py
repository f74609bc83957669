"""The newest windows of all tickers as arrays: one new bar of each costs one vectorised step.

The server decides on these, and an audit holds them against the windows of training.
"""

import logging
from collections import Counter
from dataclasses import dataclass

import numpy as np

from models.data.bars import DROPPED, DropReason, Rules, Validated, validate
from models.data.features.feature_set import FeatureSet, fits_window
from models.data.growth import grown
from models.data.labels import MAX_HORIZON
from models.data.ring import BarRing
from shared.contract import STEPS, WINDOW_SHAPE, Bool, Float32, Float64, Int64
from shared.errors import PluginError

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, eq=False)
class Accepted:
    """The bars that may be believed, of those that came at one moment.

    Attributes:
        rows: (k,) int64 indices of tickers, none twice.
        bar_ms: (k,) int64, close of each bar, ms since 1970 UTC.
        ohlcv: (k, 5) float64, ranges widened where they had to be.
        change: (k,) float32, close over the last closed bar's, minus 1; 0 for a ticker's first bar
            and across a jump, where the two closes cannot be compared.
        interrupts: (k,) bool, whether a jump or a gap lies before the bar.
    """

    rows: Int64
    bar_ms: Int64
    ohlcv: Float64
    change: Float32
    interrupts: Bool


class Windows:
    """The look-back and the window of every ticker; forming bars are validated but never enter.

    Attributes:
        reasons: How many bars were dropped or mended, or interrupted their series, by reason.
        accepted: How many closed bars were taken.
        bar_ms: (n, 6) int64, close of each bar of the windows, ms since 1970 UTC.
        ring: The closed bars that were taken, with room for the decision on each.

    Args:
        tickers: n, their number.
        rules: What is a jump and what is a gap.
        feature_set: What the windows hold.
        kept: How many closed bars of each ticker are kept; the look-back and the labels of open
            decisions need some whatever is asked.
    """

    def __init__(self, tickers: int, rules: Rules, feature_set: FeatureSet, kept: int = 0) -> None:
        self.reasons: Counter[DropReason] = Counter()
        self.accepted = 0
        self.bar_ms = np.zeros((tickers, STEPS), dtype=np.int64)
        behind = max(feature_set.lookback, MAX_HORIZON + 1)
        self.ring = BarRing(tickers, max(kept, behind), behind)
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
        self.bar_ms = grown(self.bar_ms, tickers)
        self.ring.grow(tickers)
        self._features = grown(self._features, tickers)
        self._bars_since_cut = grown(self._bars_since_cut, tickers)
        self._steps_since_gap = grown(self._steps_since_gap, tickers)
        self._last_ms = grown(self._last_ms, tickers)
        self._last_close = grown(self._last_close, tickers)

    def features(self, rows: Int64) -> Float32:
        """Return (k, 6, 8) float32, the windows of `rows` (k,), oldest bar first."""
        return self._features[rows]

    def push(self, rows: Int64, bar_ms: Int64, ohlcv: Float64, *, closed: bool = True) -> Accepted:
        """Validate a new bar of some tickers, and take what may be believed.

        A closed bar enters the look-back of its ticker and adds a step to its window. A jump starts
        both afresh, a gap the window alone.

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
        comparable = (last_ms > 0)[good] & ~jump
        ratio = np.divide(bars[:, 3], last_close[good], where=comparable, out=np.ones(len(bars)))
        accepted = Accepted(
            rows=rows[good],
            bar_ms=bar_ms[good],
            ohlcv=bars,
            change=(ratio - 1).astype(np.float32),
            interrupts=jump | gap,
        )
        self._count(verdict, closed=closed)
        if closed:
            self._take(accepted, jump)
        return accepted

    def _count(self, verdict: Validated, *, closed: bool) -> None:
        counts = verdict.counts()
        if closed:
            self.reasons += counts
            self.accepted += int(verdict.accepted.sum())
        else:  # what is kept will come again, closed
            self.reasons += Counter({r: k for r, k in counts.items() if r in DROPPED})

    def _take(self, bars: Accepted, jump: Bool) -> None:
        rows = bars.rows
        self._last_ms[rows] = bars.bar_ms
        self._last_close[rows] = bars.ohlcv[:, 3]
        self.ring.append(rows, bars.bar_ms, bars.ohlcv)
        self._bars_since_cut[rows] = np.where(jump, 1, self._bars_since_cut[rows] + 1)
        self._steps_since_gap[rows[bars.interrupts]] = 0
        ready = self._bars_since_cut[rows] >= self._set.lookback
        if ready.any():
            self._step(rows[ready], bars.bar_ms[ready])

    def _step(self, rows: Int64, bar_ms: Int64) -> None:
        newest, known = self._described(rows)
        self._features[rows, :-1] = self._features[rows, 1:]
        self._features[rows, -1] = newest
        self.bar_ms[rows, :-1] = self.bar_ms[rows, 1:]
        self.bar_ms[rows, -1] = bar_ms
        self._steps_since_gap[rows] = np.where(known, self._steps_since_gap[rows] + 1, 0)

    def _described(self, rows: Int64) -> tuple[Float64, Bool]:
        # (k, 8) features of the newest bars, and (k,) of which bars the set has some: where it has
        # none, the window starts afresh, so that a faulty set costs decisions and not the server.
        try:
            newest = self._set.newest(self.ring.newest_bars(rows, self._set.lookback))
        except PluginError as e:
            self._tell(str(e))
            return np.zeros((len(rows), WINDOW_SHAPE[1])), np.zeros(len(rows), np.bool_)
        known = fits_window(newest)
        if not known.all():
            self._tell(f"the feature set {self._set.name} gives no number for some bars")
        return np.where(known[:, None], newest, 0.0), known

    def _tell(self, fault: str) -> None:
        # Once, and not with every bar of a market.
        if fault != self._told:
            log.warning("%s: the tickers concerned are not decided on", fault)
        self._told = fault
