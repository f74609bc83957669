"""Buys of which nobody knows yet what comes true, and what did once their horizon has passed."""

import numpy as np

from models.data.bars import Rules
from models.data.labels import LabelRule, path_returns
from models.data.ring import BarRing
from models.data.volatility import CLOSES, volatility
from server.journal.records import BuyOutcomes
from shared.contract import Float64, Int64

_CLOSE = 3
_INTERRUPTED = -1


class OpenBuys:
    """Judges buys by the closed bars that their tickers got since, as training does.

    Args:
        model_id: Of the model that found them.
        rule: What makes a class of the bars that follow a decision.
        rules: What is a jump and what is a gap; what reaches across one has no outcome.
    """

    def __init__(self, model_id: str, rule: LabelRule, rules: Rules) -> None:
        self._model_id = model_id
        self._rule, self._rules = rule, rules
        self._row = np.zeros(0, np.int64)
        self._bar_ms = np.zeros(0, np.int64)
        self._up = np.zeros(0)

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._row)

    def add(self, row: Int64, bar_ms: Int64, up: Float64) -> None:
        """Wait for what comes true of some buys.

        Args:
            row: (e,) int64 indices of their tickers.
            bar_ms: (e,) int64, the bars that decided, ms since 1970 UTC.
            up: (e,) float64, the confidence in class 2 that was said.
        """
        self._row = np.append(self._row, row)
        self._bar_ms = np.append(self._bar_ms, bar_ms)
        self._up = np.append(self._up, up)

    def judge(
        self, rows: Int64, ring: BarRing, symbols: tuple[str, ...], judged_ms: int
    ) -> BuyOutcomes | None:
        """Return what has come true of buys; they wait no longer. None where nothing has.

        Args:
            rows: Tickers that got a bar, (n,) int64.
            ring: The bars.
            symbols: The ticker of every row.
            judged_ms: The time now, ms since 1970 UTC.
        """
        came = np.zeros(len(symbols), np.bool_)
        came[rows] = True
        waiting = np.flatnonzero(came[self._row])
        age = self._ages(waiting, ring)
        due = waiting[age >= self._rule.horizon]
        found = None
        if len(due):
            found = self._judged(due, age[age >= self._rule.horizon], ring, symbols, judged_ms)
        # Of a bar that is kept no longer nothing can be told any more.
        gone = np.append(due, waiting[age < 0])
        if len(gone):
            self._row = np.delete(self._row, gone)
            self._bar_ms = np.delete(self._bar_ms, gone)
            self._up = np.delete(self._up, gone)
        return found

    def _ages(self, waiting: Int64, ring: BarRing) -> Int64:
        # Bar by bar, of which there are few: a ring finds many of one time at once.
        row, bar_ms = self._row[waiting], self._bar_ms[waiting]
        age = np.zeros(len(waiting), np.int64)
        for one in np.unique(bar_ms).tolist():
            same = bar_ms == one
            age[same] = ring.age_of(row[same], bar_ms[same])
        return age

    def _judged(
        self, due: Int64, age: Int64, ring: BarRing, symbols: tuple[str, ...], judged_ms: int
    ) -> BuyOutcomes:
        horizon, row = self._rule.horizon, self._row[due]
        end = age - horizon
        bars = ring.newest_bars(row, CLOSES + horizon, end)
        times = ring.newest_times(row, horizon + 1, end)
        path = bars[:, CLOSES - 1 :]
        close = path[..., _CLOSE]
        # Bars that are kept are sound: what a newcomer is held to beside this holds of all of them.
        jumps = self._rules.jumps(close[:, 1:], close[:, :-1])
        cut = (jumps | self._rules.interrupts(times[:, 1:], times[:, :-1])).any(axis=1)
        known = volatility(bars[:, :CLOSES, _CLOSE]).astype(np.float32).astype(np.float64)
        return BuyOutcomes(
            model_id=self._model_id,
            judged_ms=judged_ms,
            symbols=tuple(symbols[r] for r in row.tolist()),
            bar_ms=self._bar_ms[due],
            up=self._up[due],
            label=np.where(cut, _INTERRUPTED, self._rule.classify(path, known)),
            result=path_returns(path),
        )
