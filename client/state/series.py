"""The bars and decisions of one ticker, as its window shows them; never changed in place."""

import dataclasses
from typing import Final

import numpy as np

from shared.contract import Float32, Float64, Int64
from shared.limits import MAX_BARS
from shared.protocol.answers import Bars
from shared.protocol.messages import Bar


@dataclasses.dataclass(frozen=True, eq=False)
class TickerSeries:
    """Bars and decisions, oldest first.

    Attributes:
        bar_ms: (n,) int64, close of each bar, ms since 1970 UTC.
        ohlcv: (n, 5) float64, open, high, low, close in currency, volume in units.
        forming: Whether the last bar has not closed yet.
        decision_ms: (m,) int64, close of the bar decided on, ms since 1970 UTC.
        probabilities: (m, 3) float32, of down, flat, up.
    """

    bar_ms: Int64
    ohlcv: Float64
    forming: bool
    decision_ms: Int64
    probabilities: Float32

    def __len__(self) -> int:
        return len(self.bar_ms)

    def with_bar(self, bar: Bar) -> "TickerSeries":
        """Return the series with `bar` as its last, or in the place of the bar of its time.

        A bar that lies back and takes no place changes nothing.
        """
        time = bar.stamp.newest_bar_ms
        place = self.index_of(time)
        if place is not None and place < len(self) - 1:
            ohlcv = self.ohlcv.copy()
            ohlcv[place] = bar.ohlcv
            return dataclasses.replace(self, ohlcv=ohlcv)
        keep = len(self) - 1 if len(self) and time == self.bar_ms[-1] else len(self)
        if keep and time <= self.bar_ms[keep - 1]:
            return self
        return dataclasses.replace(
            self,
            bar_ms=np.append(self.bar_ms[:keep], time)[-MAX_BARS:],
            ohlcv=np.vstack([self.ohlcv[:keep], bar.ohlcv])[-MAX_BARS:],
            forming=not bar.closed,
        )

    def with_decision(self, bar_ms: int, probabilities: Float32) -> "TickerSeries":
        """Return the series with one more decision; the newest on a bar stands.

        Args:
            bar_ms: Close of the bar decided on, ms since 1970 UTC.
            probabilities: (3,) float32, of down, flat, up.
        """
        keep = int(np.searchsorted(self.decision_ms, bar_ms))
        return dataclasses.replace(
            self,
            decision_ms=np.append(self.decision_ms[:keep], bar_ms)[-MAX_BARS:],
            probabilities=np.vstack([self.probabilities[:keep], probabilities])[-MAX_BARS:],
        )

    def index_of(self, bar_ms: int) -> int | None:
        """Return the position of the bar that closes at `bar_ms`, if it is here."""
        index = int(np.searchsorted(self.bar_ms, bar_ms))
        return index if index < len(self) and self.bar_ms[index] == bar_ms else None

    def mean_close(self, bars: int) -> Float64:
        """Return (n,) float64: the mean of so many closes up to each bar, NaN for the first ones.

        Args:
            bars: How many, the bar itself among them; at least 1.
        """
        means = np.full(len(self), np.nan)
        sums = np.cumsum(np.insert(self.ohlcv[:, 3], 0, 0.0))
        means[bars - 1 :] = (sums[bars:] - sums[:-bars]) / bars
        return means

    def decision_of_bar(self) -> Float32:
        """Return (n, 3) float32: the probabilities decided on each bar, NaN where none were."""
        aligned = np.full((len(self), 3), np.nan, dtype=np.float32)
        _, bars, decisions = np.intersect1d(self.bar_ms, self.decision_ms, return_indices=True)
        aligned[bars] = self.probabilities[decisions]
        return aligned


EMPTY: Final = TickerSeries(
    bar_ms=np.empty(0, np.int64),
    ohlcv=np.empty((0, 5)),
    forming=False,
    decision_ms=np.empty(0, np.int64),
    probabilities=np.empty((0, 3), np.float32),
)


def series_of(bars: Bars) -> TickerSeries:
    """Return the series of an answer."""
    return TickerSeries(bars.bar_ms, bars.ohlcv, bars.forming, bars.decision_ms, bars.probabilities)
