"""The two ways from bars to what is decided on: all at once, and one bar at a time.

The second does with every bar what a server does, so an audit can hold training against serving.
"""

from dataclasses import dataclass

import numpy as np

from models.bars import Rules, Verdict, judge
from models.dataset import History, by_ticker, clean
from models.features import feature_history, features
from models.table import BarTable, Int32
from shared.contract import LOOKBACK, STEPS, WINDOW_SHAPE, Bool, Float32, Float64, Int64


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

    def by_ticker_and_time(self) -> "Decisions":
        """Return the same in their order."""
        return self.take(np.lexsort((self.decided_ms, self.ticker)))


def all_at_once(table: BarTable, rules: Rules, history: History = feature_history) -> Decisions:
    """Return every window of a table, made as training makes it.

    Args:
        table: The bars.
        rules: The limits.
        history: From all bars of a series to the features of each.
    """
    parts = []
    for ticker, rows in by_ticker(table):
        series, _ = clean(table.bar_ms[rows], table.ohlcv[rows], rules)
        windows, newest = series.windows(history)
        parts.append((windows, series.bar_ms[newest], np.full(len(newest), ticker, np.int32)))
    windows, decided_ms, tickers = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Decisions(windows=windows, decided_ms=decided_ms, ticker=tickers).by_ticker_and_time()


def one_at_a_time(table: BarTable, rules: Rules) -> Decisions:
    """Return every window of a table, made of one bar after the other and of 20 at most."""
    state = _Newest(len(table.symbols), rules)
    bars = [rows for _, rows in by_ticker(table)]
    made = []
    for step in range(max(map(len, bars))):
        tickers = np.array([i for i, rows in enumerate(bars) if step < len(rows)])
        at = np.array([bars[i][step] for i in tickers])
        made.append(state.push(tickers, table.bar_ms[at], table.ohlcv[at]))
    return Decisions(
        windows=np.concatenate([part.windows for part in made]),
        decided_ms=np.concatenate([part.decided_ms for part in made]),
        ticker=np.concatenate([part.ticker for part in made]),
    ).by_ticker_and_time()


class _Newest:
    # The newest 20 bars and 6 rows of features of each ticker, and nothing else of the past.

    def __init__(self, tickers: int, rules: Rules) -> None:
        self._rules = rules
        self._last_ms = np.zeros(tickers, np.int64)
        self._last_close = np.zeros(tickers)
        self._bars = np.zeros((tickers, LOOKBACK, 5))
        self._rows = np.zeros((tickers, *WINDOW_SHAPE), np.float32)
        self._since_cut = np.zeros(tickers, np.int64)
        self._since_gap = np.zeros(tickers, np.int64)

    def push(self, tickers: Int64, bar_ms: Int64, ohlcv: Float64) -> Decisions:
        # The windows that one more bar of each of the (k,) tickers completes.
        last_ms, last_close = self._last_ms[tickers], self._last_close[tickers]
        verdict = judge(bar_ms[:, None], ohlcv[:, None], last_ms, last_close, self._rules)
        good = verdict.accepted[:, 0]
        self._take(tickers[good], bar_ms[good], verdict, good)
        ready = tickers[good][self._since_cut[tickers[good]] >= LOOKBACK]
        self._rows[ready, :-1] = self._rows[ready, 1:]
        self._rows[ready, -1] = features(self._bars[ready])
        self._since_gap[ready] += 1
        full = ready[self._since_gap[ready] >= STEPS]
        return Decisions(
            windows=self._rows[full],
            decided_ms=self._last_ms[full],
            ticker=full.astype(np.int32),
        )

    def _take(self, tickers: Int64, bar_ms: Int64, verdict: Verdict, good: Bool) -> None:
        bars, jump, gap = verdict.ohlcv[good, 0], verdict.jump[good, 0], verdict.gap[good, 0]
        self._last_ms[tickers], self._last_close[tickers] = bar_ms, bars[:, 3]
        self._bars[tickers, :-1] = self._bars[tickers, 1:]
        self._bars[tickers, -1] = bars
        self._since_cut[tickers] = np.where(jump, 1, self._since_cut[tickers] + 1)
        self._since_gap[tickers[jump | gap]] = 0
