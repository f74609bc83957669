"""The newest bars of all tickers: which still form, which are closed, and what corrects them; pure.

A bar is closed by the exchange's clock: once its time and a grace are over, or the source says so,
but never before its end. Closed bars of a ticker are told in the order of time, each once; what is
said of one later is told as a correction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.data.growth import grown
from server.feeds.base import BarBatch
from server.feeds.live.source import LiveBars
from shared.contract import Bool, Float64, Int64

_KEPT: Final = 8  # bars back that a correction may reach


@dataclass(eq=False)
class _BoardMoment:
    # The bars that close at one moment, a row for each ticker.
    ohlcv: Float64
    known: Bool
    final: Bool
    told: Bool

    @classmethod
    def of(cls, tickers: int) -> "_BoardMoment":
        none = np.zeros(tickers, np.bool_)
        return cls(np.zeros((tickers, 5)), none, none.copy(), none.copy())

    def grow(self, tickers: int) -> None:
        self.ohlcv, self.known = grown(self.ohlcv, tickers), grown(self.known, tickers)
        self.final, self.told = grown(self.final, tickers), grown(self.told, tickers)


class Board:
    """Takes what is heard of bars, and gives what there is to tell.

    Attributes:
        said_ms: (n,) int64, close of the newest closed bar that was told of each ticker, ms since
            1970 UTC; 0 before the first.
        held: (n,) bool, of whom nothing is told yet, because earlier bars are still to come.
        doubted: (n,) bool, whose bars are told as they form, and closed as pages have them alone.
        missed: Bars that came after a later one of their ticker had been told.

    Args:
        tickers: n, their number.
        interval_s: Length of a bar, s.
    """

    def __init__(self, tickers: int, interval_s: int) -> None:
        self.said_ms = np.zeros(tickers, np.int64)
        self.held = np.ones(tickers, np.bool_)
        self.doubted = np.zeros(tickers, np.bool_)
        self.missed = 0
        self._span_ms = _KEPT * interval_s * 1_000
        self._moments: dict[int, _BoardMoment] = {}

    def grow(self, tickers: int) -> None:
        """Make room for more tickers; they are held."""
        came = np.arange(tickers) >= len(self.held)
        self.said_ms = grown(self.said_ms, tickers)
        self.held = grown(self.held, tickers) | came
        self.doubted = grown(self.doubted, tickers)
        for moment in self._moments.values():
            moment.grow(tickers)

    def take(self, bars: LiveBars) -> Iterator[BarBatch]:
        """Take bars as they stand now; yield what forms, and corrections of what was told."""
        for ms in np.unique(bars.bar_ms).tolist():
            at = bars.bar_ms == ms
            rows, ohlcv = bars.rows[at], bars.ohlcv[at]
            moment = self._moment(ms)
            fresh = moment.told[rows] | (ms > self.said_ms[rows])
            self.missed += int((~fresh).sum())
            rows, ohlcv = rows[fresh], ohlcv[fresh]
            other = (moment.ohlcv[rows] != ohlcv).any(axis=1) | ~moment.known[rows]
            moment.ohlcv[rows], moment.known[rows] = ohlcv, True
            moment.final[rows] |= bars.final
            told = moment.told[rows]
            yield from _batches(rows, ms, ohlcv, other & told, closed=True)
            yield from _batches(rows, ms, ohlcv, other & ~told & ~self.held[rows], closed=False)

    def due_ms(self, grace_ms: int) -> int | None:
        """Return when `close` has something to do next, ms since 1970 UTC; None if nothing waits.

        Args:
            grace_ms: As in `close`.
        """
        times = [
            ms if m.final[open_].any() else ms + grace_ms
            for ms, m in self._moments.items()
            if (open_ := m.known & ~m.told & ~self.held & ~self.doubted).any()
        ]
        return min(times, default=None)

    def close(self, now_ms: int, grace_ms: int) -> Iterator[BarBatch]:
        """Yield the bars that are closed by now and were not told, those of one moment together.

        Args:
            now_ms: The time by the exchange's clock, ms since 1970 UTC.
            grace_ms: How long after its end a bar is closed that nobody says is final.
        """
        for ms in sorted(self._moments):
            if ms > now_ms:
                break
            moment = self._moments[ms]
            ready = moment.known & ~moment.told & ~self.held & ~self.doubted
            if ms + grace_ms > now_ms:
                ready &= moment.final
            rows = np.flatnonzero(ready)
            moment.told[rows] = True
            late = ms <= self.said_ms[rows]
            self.missed += int(late.sum())
            rows = rows[~late]
            self.said_ms[rows] = ms
            yield from _batches(rows, ms, moment.ohlcv[rows], np.ones(len(rows), np.bool_))

    def heard(self, row: int, bar_ms: Int64) -> Float64:
        """Return (k, 5) float64, bars of a ticker that live news told of and nobody was told yet.

        Args:
            row: The ticker.
            bar_ms: (k,) int64, close of each bar; where nothing was heard of it, NaN is returned.
        """
        bars = np.full((len(bar_ms), 5), np.nan)
        for place, ms in enumerate(bar_ms.tolist()):
            moment = self._moments.get(ms)
            if moment is not None and moment.known[row] and not moment.told[row]:
                bars[place] = moment.ohlcv[row]
        return bars

    def settle(
        self, row: int, bar_ms: Int64, ohlcv: Float64, until_ms: int, *, anew: bool = False
    ) -> Iterator[BarBatch]:
        """Take the bars of one ticker as its source leaves them; yield what is new or other.

        Args:
            row: The ticker.
            bar_ms: (k,) int64, close of each bar, ascending.
            ohlcv: (k, 5) float64.
            until_ms: Up to here these are all there are: what only live news told of is none.
            anew: All that was told before is another series now: the whole is told again.
        """
        times = set(bar_ms.tolist())
        for ms in [ms for ms in self._moments if ms <= until_ms and ms not in times]:
            self._moments[ms].known[row] &= self._moments[ms].told[row]
        fresh = (bar_ms > self.said_ms[row]) | anew
        for ms, bar in zip(bar_ms[~fresh].tolist(), ohlcv[~fresh], strict=True):
            told = self._moments.get(ms)
            if told is not None and told.told[row] and (told.ohlcv[row] != bar).any():
                told.ohlcv[row] = bar
                yield _batch(np.array([row]), np.array([ms]), bar[None])
        if fresh.any():
            self.begin(np.full(int(fresh.sum()), row), bar_ms[fresh], ohlcv[fresh])
            yield _batch(np.full(int(fresh.sum()), row), bar_ms[fresh], ohlcv[fresh])

    def begin(self, rows: Int64, bar_ms: Int64, ohlcv: Float64) -> None:
        """Note closed bars that are told by the caller.

        Args:
            rows: (n,) int64, a ticker may stand more than once, its newest bar last.
            bar_ms: (n,) int64, close of each bar, ms since 1970 UTC.
            ohlcv: (n, 5) float64.
        """
        np.maximum.at(self.said_ms, rows, bar_ms)
        newest = int(bar_ms.max(initial=0))
        for ms in np.unique(bar_ms[bar_ms > newest - self._span_ms]).tolist():
            at, moment = bar_ms == ms, self._moment(ms)
            moment.ohlcv[rows[at]] = ohlcv[at]
            moment.known[rows[at]] = moment.told[rows[at]] = True

    def hold(self, rows: Int64) -> None:
        """Tell nothing of these tickers, (k,) int64, until they are released."""
        self.held[rows] = True

    def release(self, row: int) -> None:
        """Go on telling of a ticker: all bars before what was heard live are told."""
        self.held[row] = False

    def forget_forming(self, rows: Int64, until_ms: int) -> None:
        """Forget what was heard of bars that close until then and are not told: part is missing."""
        for ms, moment in self._moments.items():
            if ms <= until_ms:
                moment.known[rows] &= moment.told[rows]

    def _moment(self, ms: int) -> _BoardMoment:
        if ms not in self._moments:
            self._moments[ms] = _BoardMoment.of(len(self.held))
            newest = max(self._moments)
            for old in [m for m in self._moments if m <= newest - self._span_ms]:
                if old != ms and not (self._moments[old].known & ~self._moments[old].told).any():
                    del self._moments[old]
        return self._moments[ms]


def _batches(
    rows: Int64, ms: int, ohlcv: Float64, chosen: Bool, *, closed: bool = True
) -> Iterator[BarBatch]:
    if chosen.any():
        rows = rows[chosen]
        yield _batch(rows, np.full(len(rows), ms), ohlcv[chosen], closed=closed)


def _batch(rows: Int64, bar_ms: Int64, ohlcv: Float64, *, closed: bool = True) -> BarBatch:
    return BarBatch(
        rows=rows.astype(np.int64), bar_ms=bar_ms.astype(np.int64), ohlcv=ohlcv, closed=closed
    )
