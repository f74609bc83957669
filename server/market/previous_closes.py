"""The close of the session before, of each ticker: what the change of a day is told against."""

import numpy as np

from models.data.accepted import Accepted
from models.data.bars import Rules, Validated
from models.data.growth import PerTicker
from shared.contract import Bool, Float64, Int64


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

    def fill(self, rows: Int64, bar_ms: Int64, verdict: Validated) -> None:
        """Take many closed bars of some tickers at once, as if they were taken one by one.

        Args:
            rows: (k,) int64 indices of tickers, none twice.
            bar_ms: (k, t) int64, close of each bar, oldest first, ms since 1970 UTC.
            verdict: What is thought of them.
        """
        some: Bool = np.logical_or.reduce(verdict.accepted, axis=1)
        rows, bar_ms, verdict = rows[some], bar_ms[some], verdict.take(some)
        newest_ms = (bar_ms * verdict.accepted).max(axis=1, initial=0)
        until_ms, _ = self._rules.session_closes(newest_ms)
        turned = until_ms > self._until_ms[rows]
        before = self._last_regular(bar_ms, verdict.accepted & (bar_ms <= until_ms[:, None]))
        known = self._regular[rows], self._regular_ms[rows]
        close = verdict.ohlcv[..., 3]
        for array, values, earlier in zip(
            (self._before, self._before_ms), (close, bar_ms), known, strict=True
        ):
            found = values[np.arange(len(rows)), before]
            array[rows[turned]] = np.where(before >= 0, found, earlier)[turned]
        of, nth = np.nonzero(verdict.jump)
        today = of[self._rules.session_closes(bar_ms[of, nth])[0] == until_ms[of]]
        self._before[rows[today]] = self._before_ms[rows[today]] = 0
        self._until_ms[rows] = np.maximum(self._until_ms[rows], until_ms)
        last = self._last_regular(bar_ms, verdict.accepted)
        here = np.flatnonzero(last >= 0)
        self._regular[rows[here]] = close[here, last[here]]
        self._regular_ms[rows[here]] = bar_ms[here, last[here]]

    def _last_regular(self, bar_ms: Int64, chosen: Bool) -> Int64:
        # (k,) place of the last of the (k, t) chosen bars within its session; -1 where none is.
        chosen = chosen.copy()
        every = np.arange(len(chosen))
        while True:
            place = chosen.shape[1] - 1 - chosen[:, ::-1].argmax(axis=1)
            there = chosen[every, place]
            late = there & (
                bar_ms[every, place] > self._rules.session_closes(bar_ms[every, place])[1]
            )
            if not late.any():
                return np.where(there, place, -1)
            chosen[late, place[late]] = False

    def correct(self, bars: Accepted) -> None:
        """Take over bars that took the place of earlier ones of their times."""
        rows, close = bars.rows, bars.ohlcv[:, 3]
        for known, known_ms in (
            (self._before, self._before_ms),
            (self._regular, self._regular_ms),
        ):
            same = known_ms[rows] == bars.bar_ms
            known[rows[same]] = close[same]
