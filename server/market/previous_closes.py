"""The close of the session before, of each ticker: what the change of a day is told against."""

import numpy as np

from models.data.bars import Rules
from models.data.growth import PerTicker
from models.data.windows import Accepted
from shared.contract import Float64


class PreviousCloses(PerTicker):
    """Follows bars, and knows the regular close of the session before that of the newest one.

    Args:
        tickers: n, their number.
        rules: When sessions close.
    """

    PER_TICKER = ("_until_ms", "_before", "_before_ms", "_regular", "_regular_ms")

    def __init__(self, tickers: int, rules: Rules) -> None:
        self._rules = rules
        self._until_ms = np.zeros(tickers, dtype=np.int64)  # when the session before closed
        # The last close until then, and the last regular one of all, each with its bar's time.
        self._before, self._regular = np.zeros(tickers), np.zeros(tickers)
        self._before_ms = np.zeros(tickers, dtype=np.int64)
        self._regular_ms = np.zeros(tickers, dtype=np.int64)

    def take(self, bars: Accepted, *, closed: bool) -> Float64:
        """Return (k,) float64, the close of the session before that of k bars; 0 where unknown.

        Across a jump, such as a split, two closes cannot be compared: none is known then.

        Args:
            bars: The newest ones of tickers of which none stands twice.
            closed: False while they are forming.
        """
        rows = bars.rows
        until_ms, end_ms = self._rules.session_closes(bars.bar_ms)
        turned = rows[until_ms > self._until_ms[rows]]
        self._before[turned], self._before_ms[turned] = (
            self._regular[turned],
            self._regular_ms[turned],
        )
        self._before[rows[bars.jumps]] = self._before_ms[rows[bars.jumps]] = 0
        self._until_ms[rows] = np.maximum(self._until_ms[rows], until_ms)
        if closed:
            regular = bars.bar_ms <= end_ms
            self._regular[rows[regular]] = bars.ohlcv[regular, 3]
            self._regular_ms[rows[regular]] = bars.bar_ms[regular]
        return self._before[rows]

    def correct(self, bars: Accepted) -> None:
        """Take over bars that took the place of earlier ones of their times."""
        rows, close = bars.rows, bars.ohlcv[:, 3]
        for known, known_ms in (
            (self._before, self._before_ms),
            (self._regular, self._regular_ms),
        ):
            same = known_ms[rows] == bars.bar_ms
            known[rows[same]] = close[same]
