"""The newest closed bars of every ticker, each with the decision on it: the one store of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from models.data.growth import Arrays, PerTicker, put_rows
from shared.contract import Bool, Class, Float32, Float64, Int64


@dataclass(frozen=True, kw_only=True, eq=False)
class Records:
    """Some bars of one ticker in a row, oldest first.

    Attributes:
        bar_ms: (m,) int64, close of each bar, ms since 1970 UTC.
        ohlcv: (m, 5) float64, open, high, low, close in currency, volume in units.
        probabilities: (m, 3) float32, of down, flat, up; all zero where nothing was decided.
    """

    bar_ms: Int64
    ohlcv: Float64
    probabilities: Float32

    @property
    def decided(self) -> Bool:
        """Return (m,) bool, the bars that were decided on."""
        decided: Bool = self.probabilities.max(axis=1, initial=0) > 0
        return decided


def bars_in(saved: Sequence[Arrays]) -> tuple[Int64, Int64, Float64]:
    """Return the bars that `BarRing.saved` returned, in the order of time.

    Args:
        saved: Of some tickers, of the next ones, and so on.

    Returns:
        (m,) int64 rows of tickers, (m,) int64 closes, ms since 1970 UTC, and (m, 5) float64 open,
        high, low, close in currency, volume in units.
    """
    rows, bar_ms, ohlcv, first = [], [], [], 0
    for part in saved:
        places = np.nonzero(part["bar_ms"])
        rows.append(places[0] + first)
        bar_ms.append(part["bar_ms"][places])
        ohlcv.append(part["ohlcv"][places])
        first += len(part["bar_ms"])
    times = np.concatenate(bar_ms)
    order = np.argsort(times, kind="stable")
    return np.concatenate(rows)[order], times[order], np.concatenate(ohlcv)[order]


class BarRing(PerTicker):
    """A ring of bars for each ticker; memory is taken once, and touched as it fills.

    Args:
        tickers: n, their number.
        kept: How many bars of each are kept.
        lookback: How many of them `newest_bars` may be asked for, at most `kept`.
    """

    PER_TICKER = ("_bar_ms", "_ohlcv", "_probabilities", "_count")

    def __init__(self, tickers: int, kept: int, lookback: int) -> None:
        self._kept, self._lookback = kept, lookback
        self._bar_ms = np.zeros((tickers, kept), dtype=np.int64)
        # The first slots stand a second time behind the last one, so that no look-back is cut in
        # two where the ring begins anew: it is then one copy instead of a search slot by slot.
        self._ohlcv = np.zeros((tickers, kept + lookback, 5))
        self._probabilities = np.zeros((tickers, kept, len(Class)), dtype=np.float32)
        self._count = np.zeros(tickers, dtype=np.int64)  # bars since the start, also forgotten ones

    def saved(self, rows: slice = slice(None)) -> dict[str, npt.NDArray[Any]]:
        """Return copies of the slots that were ever used, by name of the array.

        Args:
            rows: Of which tickers.
        """
        used = min(int(self._count.max(initial=0)), self._kept)
        slots = {name: getattr(self, name)[rows, :used].copy() for name in self.PER_TICKER[:-1]}
        return {name.lstrip("_"): array for name, array in slots.items()} | {
            "count": self._count[rows].copy()
        }

    def put_back(self, arrays: Arrays, origin: Int64) -> None:
        """Overwrite the bars of tickers by those that were saved, as in `PerTicker.put_back`.

        Raises:
            ValueError: More slots were saved than there are, or of another form.
        """
        used = arrays["bar_ms"].shape[1]
        if used > self._kept:
            raise ValueError(f"{used} bars of a ticker were saved, more than {self._kept}")
        for name in self.PER_TICKER[:-1]:
            put_rows(getattr(self, name)[:, :used], arrays[name.lstrip("_")], origin)
        put_rows(self._count, arrays["count"], origin)
        self._ohlcv[:, self._kept :] = self._ohlcv[:, : self._lookback]

    def append(self, rows: Int64, bar_ms: Int64, ohlcv: Float64) -> None:
        """Add a bar of some tickers, which is not decided on yet; the oldest one makes room.

        Args:
            rows: (k,) int64 indices of tickers, none twice.
            bar_ms: (k,) int64, close of each bar, ms since 1970 UTC.
            ohlcv: (k, 5) float64, open, high, low, close in currency, volume in units.
        """
        self._count[rows] += 1
        slot = self._newest_slot(rows)
        self._bar_ms[rows, slot] = bar_ms
        self._put(rows, slot, ohlcv)
        self._probabilities[rows, slot] = 0

    def extend(self, rows: Int64, accepted: Bool, bar_ms: Int64, ohlcv: Float64) -> None:
        """Add many bars of some tickers at once, which are not decided on yet.

        Args:
            rows: (k,) int64 indices of tickers, none twice.
            accepted: (k, t) bool, which of the bars are added.
            bar_ms: (k, t) int64, close of each bar, oldest first, ms since 1970 UTC.
            ohlcv: (k, t, 5) float64, open, high, low, close in currency, volume in units.
        """
        whole = accepted.all()
        for row, there, times, bars in zip(rows.tolist(), accepted, bar_ms, ohlcv, strict=True):
            if whole:  # as nearly always
                self._extend(row, times, bars)
            else:
                self._extend(row, times[there], bars[there])
        self._ohlcv[rows, self._kept :] = self._ohlcv[rows, : self._lookback]

    def _extend(self, row: int, bar_ms: Int64, ohlcv: Float64) -> None:
        start, size = int(self._count[row]), len(bar_ms)
        self._count[row] += size
        done = max(size - self._kept, 0)  # those before make room at once
        while done < size:
            slot = (start + done) % self._kept
            part = slice(done, done + min(size - done, self._kept - slot))
            place = slice(slot, slot + part.stop - part.start)
            self._bar_ms[row, place], self._ohlcv[row, place] = bar_ms[part], ohlcv[part]
            self._probabilities[row, place] = 0
            done = part.stop

    def decide(self, rows: Int64, probabilities: Float32) -> None:
        """Put the decision beside the newest bar of some tickers.

        Args:
            rows: (k,) int64 indices of tickers that have a bar.
            probabilities: (k, 3) float32, of down, flat, up.
        """
        self._probabilities[rows, self._newest_slot(rows)] = probabilities

    def newest_bars(self, rows: Int64, count: int, age: Int64 | None = None) -> Float64:
        """Return (k, count, 5) float64, the newest bars of `rows` (k,), oldest first.

        At most `lookback`; before a ticker has as many, the first ones are all 0.

        Args:
            rows: (k,) int64 indices of tickers.
            count: How many bars of each.
            age: (k,) int64, how many bars came after the last one of these; None for the newest.
        """
        # A look-back that begins before slot 0 ends in the slots that stand twice. Before the ring
        # has gone round, it begins in those that are still 0.
        newest = self._newest_slot(rows) - (0 if age is None else age)
        start = (newest - (count - 1)) % self._kept
        spans = np.moveaxis(sliding_window_view(self._ohlcv, count, axis=1), -1, 2)
        bars: Float64 = spans[rows, start]
        return bars

    def newest_times(self, rows: Int64, count: int, age: Int64 | None = None) -> Int64:
        """Return (k, count) int64, closes of the bars that `newest_bars` returns, ms."""
        before = np.arange(count - 1, -1, -1)[None]
        return self._times(rows, before if age is None else before + age[:, None])

    def age_of(self, rows: Int64, bar_ms: Int64) -> Int64:
        """Return (k,) int64, how many bars came after the one of that time; -1 if there is none.

        The oldest bar that is kept does not count where one before it was forgotten: nothing tells
        then how far its close moved.

        Args:
            rows: (k,) int64 indices of tickers.
            bar_ms: (k,) int64, close of the bar that is looked for, ms since 1970 UTC.
        """
        slot = self._find(rows, bar_ms)
        age = (self._newest_slot(rows) - slot) % self._kept
        oldest = np.where(self._count[rows] > self._kept, self._kept - 1, self._count[rows])
        there = (self._bar_ms[rows, slot] == bar_ms) & (age < oldest)
        return np.where(there, age, -1)

    def around(self, rows: Int64, age: Int64) -> tuple[Int64, Float64]:
        """Return (k, 3) int64 times, ms, and (k, 3, 5) float64 bars: one, that before, that after.

        They stand in the order of time; what is not there is all 0.

        Args:
            rows: (k,) int64 indices of tickers.
            age: (k,) int64, how many bars came after the one in the middle.
        """
        ages = age[:, None] + np.array([1, 0, -1])
        bar_ms = self._times(rows, ages)
        bars: Float64 = self._ohlcv[rows[:, None], self._slot(rows, ages)]
        return bar_ms, np.where(bar_ms[..., None] > 0, bars, 0.0)

    def replace(self, rows: Int64, age: Int64, ohlcv: Float64) -> None:
        """Give some bars other numbers; the decisions on them stay as they were said.

        Args:
            rows: (k,) int64 indices of tickers, none twice.
            age: (k,) int64, how many bars came after each.
            ohlcv: (k, 5) float64, open, high, low, close in currency, volume in units.
        """
        self._put(rows, self._slot(rows, age[:, None])[:, 0], ohlcv)

    def newest(self, row: int, count: int) -> Records:
        """Return copies of the newest records of a ticker, `count` or as many as there are."""
        end = int(self._count[row])
        slots = np.arange(end - min(count, end, self._kept), end) % self._kept
        return Records(
            bar_ms=self._bar_ms[row, slots],
            ohlcv=self._ohlcv[row, slots],
            probabilities=self._probabilities[row, slots],
        )

    def _find(self, rows: Int64, bar_ms: Int64) -> Int64:
        # (k,) slots of bars of these times, any where there is none. Most tickers of a market have
        # a bar where the first one has it; only the others are searched slot by slot.
        slot = np.zeros(len(rows), np.int64)
        slot[:] = (self._bar_ms[rows[:1]] == bar_ms[:1, None]).argmax(axis=1).max(initial=0)
        other = np.flatnonzero(self._bar_ms[rows, slot] != bar_ms)
        slot[other] = (self._bar_ms[rows[other]] == bar_ms[other, None]).argmax(axis=1)
        return slot

    def _put(self, rows: Int64, slot: Int64, ohlcv: Float64) -> None:
        self._ohlcv[rows, slot] = ohlcv
        twice = slot < self._lookback
        self._ohlcv[rows[twice], self._kept + slot[twice]] = ohlcv[twice]

    def _times(self, rows: Int64, ages: Int64) -> Int64:
        # (k, m) ms of bars of (k, m) or (1, m) ages; 0 of those that are not there.
        kept = np.minimum(self._count[rows], self._kept)[:, None]
        times = self._bar_ms[rows[:, None], self._slot(rows, ages)]
        return np.where((ages >= 0) & (ages < kept), times, 0)

    def _slot(self, rows: Int64, ages: Int64) -> Int64:
        slot: Int64 = (self._newest_slot(rows)[:, None] - ages) % self._kept
        return slot

    def _newest_slot(self, rows: Int64) -> Int64:
        slot: Int64 = (self._count[rows] - 1) % self._kept
        return slot
