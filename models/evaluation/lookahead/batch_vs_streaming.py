"""The two ways from bars to what is decided on: all at once, and one bar at a time.

The second is what a server does with every bar, so an audit can hold training against serving.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.data.bars import Rules
from models.data.features.feature_set import FeatureSet
from models.data.table import BarTable, Int32
from models.data.windows import Windows
from models.training.dataset import by_ticker, clean
from shared.contract import Bool, Float32, Int64


@dataclass(frozen=True, kw_only=True, eq=False)
class Decisions:
    """Windows that a model can decide on, by ticker and time.

    Attributes:
        windows: (n, 6, 8) float32 raw features, oldest bar first.
        decided_ms: (n,) int64, close of the newest bar, ms since 1970 UTC.
        ticker: (n,) int32, index into the table's symbols.
    """

    windows: Float32
    decided_ms: Int64
    ticker: Int32

    def take(self, chosen: Bool | Int64) -> "Decisions":
        """Return those where (n,) `chosen` is true, or those at the (k,) positions."""
        return Decisions(
            windows=self.windows[chosen],
            decided_ms=self.decided_ms[chosen],
            ticker=self.ticker[chosen],
        )


def all_at_once(table: BarTable, rules: Rules, feature_set: FeatureSet) -> Decisions:
    """Return every window of a table, made as training makes it.

    Args:
        table: The bars.
        rules: The limits.
        feature_set: What the windows hold.
    """
    parts = []
    for ticker, rows in by_ticker(table):
        series, _ = clean(table.bar_ms[rows], table.ohlcv[rows], rules)
        windows, newest = series.windows(feature_set)
        parts.append((windows, series.bar_ms[newest], np.full(len(newest), ticker, np.int32)))
    return _joined(parts)


def one_at_a_time(table: BarTable, rules: Rules, feature_set: FeatureSet) -> Decisions:
    """Return every window of a table, made of one bar after the other and of the look-back alone.

    Args:
        table: The bars.
        rules: The limits.
        feature_set: What the windows hold.
    """
    served = Windows(len(table.symbols), rules, feature_set)
    bars = [rows for _, rows in by_ticker(table)]
    made, full = [], []
    for step in range(max(map(len, bars))):
        tickers = np.array([i for i, rows in enumerate(bars) if step < len(rows)])
        at = np.array([bars[i][step] for i in tickers])
        came = served.push(tickers, table.bar_ms[at], table.ohlcv[at])
        made.append((served.features(came.rows), came.bar_ms, came.rows.astype(np.int32)))
        full.append(served.full[came.rows])
    return _joined(made, np.concatenate(full))


def _joined(parts: Sequence[tuple[Float32, Int64, Int32]], full: Bool | None = None) -> Decisions:
    # By ticker and time, whatever the order of the parts. Of a bar that was corrected the last
    # window counts, as in a history, or none if that is not full.
    windows, decided_ms, ticker = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((decided_ms, ticker))
    last = np.ones(len(order), np.bool_)
    last[:-1] = (np.diff(ticker[order]) != 0) | (np.diff(decided_ms[order]) != 0)
    chosen = order[last] if full is None else order[last][full[order[last]]]
    return Decisions(windows=windows, decided_ms=decided_ms, ticker=ticker).take(chosen)
