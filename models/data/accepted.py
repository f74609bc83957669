"""The bars that may be believed, of those that came at one moment."""

from dataclasses import dataclass, fields

import numpy as np

from shared.contract import Bool, Float32, Float64, Int64


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
        jumps: (k,) bool, whether that is a jump.
        corrects: (k,) bool, whether the bar took the place of an earlier one of its time, which may
            lie back; its `change` and `interrupts` are against the bar before it all the same.
    """

    rows: Int64
    bar_ms: Int64
    ohlcv: Float64
    change: Float32
    interrupts: Bool
    jumps: Bool
    corrects: Bool

    def take(self, chosen: Bool) -> "Accepted":
        """Return the bars where (k,) `chosen` is true."""
        return Accepted(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def joined(self, other: "Accepted") -> "Accepted":
        """Return these bars and then the others."""
        names = [f.name for f in fields(self)]
        return Accepted(**{n: np.concatenate([getattr(self, n), getattr(other, n)]) for n in names})
