"""How the confidence of every row moved over the newest bars: a ring a row, in one array."""

from typing import Final

import numpy as np

from client.state.moved_rows import moved
from client.state.update import RowChanges
from shared.columns import DECIDED, FORMING
from shared.contract import Bool, Class, Float32, Float64, Int64
from shared.protocol.answers import Bars

TREND_BARS: Final = 60


class Trends:
    """The up confidence decided on the newest bars of each row.

    Attributes:
        low: The least value ever taken; 1 before the first.
        high: The greatest value ever taken; 0 before the first.

    Args:
        rows: n, how many there are.
    """

    low: float
    high: float

    def __init__(self, rows: int) -> None:
        self.low, self.high = 1.0, 0.0
        self._values = np.full((rows, TREND_BARS), np.nan, np.float32)
        self._next = np.zeros(rows, np.int64)  # where each ring goes on
        self._newest_ms = np.zeros(rows, np.int64)  # close of the bar of each newest value
        self._recalled = np.zeros(rows, np.bool_)

    def moved(self, origin: Int64) -> "Trends":
        """Return n rows, each the one at `origin`, (n,) int64; nothing is known where it is -1."""
        there = Trends(len(origin))
        there.low, there.high = self.low, self.high
        known = origin >= 0
        there._values[known] = self._values[origin[known]]
        there._next, there._newest_ms = moved(self._next, origin), moved(self._newest_ms, origin)
        there._recalled = moved(self._recalled, origin)
        return there

    def take(self, rows: RowChanges, interval_ms: int) -> None:
        """Add what was decided on new bars.

        Args:
            rows: The rows that changed.
            interval_ms: Length of a bar, ms.
        """
        index, up = rows.index, rows.probabilities[:, Class.UP]
        forming = (rows.flags & FORMING) != 0
        # The row tells the time of the bar that forms; what it says was decided on the one before.
        decided_ms = rows.bar_ms - np.where(forming, interval_ms, 0)
        decided = (rows.flags & DECIDED) != 0
        again = decided & (decided_ms == self._newest_ms[index])
        self._values[index[again], self._next[index[again]] - 1] = up[again]
        new = decided & (decided_ms > self._newest_ms[index])
        self._push(index[new], up[new], decided_ms[new])
        self._widen(up[decided])

    def recall(self, row: int, bars: Bars) -> None:
        """Put what was decided before into a row; what came since stays its newest."""
        self._recalled[row] = True
        up = bars.probabilities[:, Class.UP][-TREND_BARS:]
        times = bars.decision_ms[-TREND_BARS:]
        newer = bool(self._newest_ms[row]) and not (
            len(times) and times[-1] >= self._newest_ms[row]
        )
        newest_ms, newest = int(self._newest_ms[row]), self.of(np.array([row]))[0, -1]
        self._values[row], self._next[row] = np.nan, 0
        self._values[row, TREND_BARS - len(up) :] = up
        self._newest_ms[row] = times[-1] if len(times) else 0
        if newer:
            self._push(np.array([row]), np.array([newest]), np.array([newest_ms]))
        self._widen(up)

    def are_recalled(self, rows: Int64) -> Bool:
        """Return of `rows`, (k,) int64, whether what was decided before is known: (k,) bool."""
        recalled: Bool = self._recalled[rows]
        return recalled

    def of(self, rows: Int64) -> Float32:
        """Return (k, 60) float32 of `rows`, (k,) int64, oldest first; NaN where none is known."""
        order = (self._next[rows][:, None] + np.arange(TREND_BARS)) % TREND_BARS
        values: Float32 = self._values[rows[:, None], order]
        return values

    def rises(self, rows: Int64) -> Float64:
        """Return (k,) float64, the newest value less the mean of `rows`, (k,) int64; 0 for none."""
        known = ~np.isnan(self._values[rows])
        total = np.where(known, self._values[rows], 0).sum(axis=1, dtype=np.float64)
        mean = total / np.maximum(known.sum(axis=1), 1)
        newest = self._values[rows, self._next[rows] - 1]
        return np.where(np.isnan(newest), 0.0, newest - mean)

    def _push(self, rows: Int64, up: Float32, bar_ms: Int64) -> None:
        self._values[rows, self._next[rows]] = up
        self._next[rows] = (self._next[rows] + 1) % TREND_BARS
        self._newest_ms[rows] = bar_ms

    def _widen(self, up: Float32) -> None:
        # One scale for all rows, or a line that hardly moves would look like one that rose.
        if len(up):
            self.low = min(self.low, float(up.min()))
            self.high = max(self.high, float(up.max()))
