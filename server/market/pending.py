"""What became of earlier decisions, known only once the bars that tell have closed; pure."""

import numpy as np

from models.data.growth import PerTicker
from models.data.labels import LabelRule
from models.data.volatility import CLOSES, volatility
from shared.contract import Class, Float32, Float64, Int64

_CLOSE = 3


class PendingDecisions(PerTicker):
    """Remembers the decisions of the newest `horizon` bars of each ticker, until they are judged.

    A decision is judged by the closed bars that its ticker got since, never by a clock, and by what
    they are when it is judged: of bars that were corrected meanwhile, by the corrected ones. One
    whose bars are interrupted by a jump or a gap is forgotten, as in training.

    Args:
        tickers: Their number.
        rule: What makes a class of the bars that follow a decision.
    """

    PER_TICKER = ("_logits", "_open", "_bars")

    def __init__(self, tickers: int, rule: LabelRule) -> None:
        shape = (tickers, rule.horizon)
        self._rule = rule
        # Rings: the bar `horizon` bars ago has the slot of the newest one.
        self._logits = np.zeros((*shape, len(Class)))
        self._open = np.zeros(shape, dtype=np.bool_)
        self._bars = np.zeros(tickers, dtype=np.int64)

    @property
    def path_length(self) -> int:
        """Return how many closed bars of a ticker `arrive` needs.

        They are those from the decided one on, and before it what its volatility is made of.
        """
        return self._rule.horizon + CLOSES

    def arrive(self, rows: Int64, since: Int64, path: Float64) -> tuple[Float64, Int64]:
        """Take one more closed bar of some tickers, and return the outcomes that it makes known.

        Args:
            rows: (k,) int64 indices of tickers, none twice.
            since: (k,) int64, bars from the newest jump or gap on, this one included.
            path: (k, path_length, 5) float64, the newest closed bars of each, this one the last:
                open, high, low, close in currency, volume in units.

        Returns:
            (m, 3) float64 logits of decisions, and (m,) int64 what came true of each.
        """
        self._bars[rows] += 1
        slot = self._slot(rows)
        judged = self._open[rows, slot] & (since > self._rule.horizon)
        self._open[rows, slot] = False
        # Of float32, as in training: a return on a threshold gets the same class there.
        known = volatility(path[judged, :CLOSES, _CLOSE]).astype(np.float32).astype(np.float64)
        label = self._rule.classify(path[judged, CLOSES - 1 :], known)
        return self._logits[rows[judged], slot[judged]], label

    def decide(self, rows: Int64, logits: Float32) -> None:
        """Remember what was decided on the newest bar of some tickers.

        Args:
            rows: (k,) int64 indices of tickers, none twice.
            logits: (k, 3) float32, statically calibrated.
        """
        decided = rows, self._slot(rows)
        self._logits[decided] = logits
        self._open[decided] = True

    def forget(self, rows: Int64) -> None:
        """Wait no longer for the outcomes of some tickers, (k,) int64."""
        self._open[rows] = False

    def _slot(self, rows: Int64) -> Int64:
        slot: Int64 = self._bars[rows] % self._rule.horizon
        return slot
