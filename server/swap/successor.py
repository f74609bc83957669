"""What another model would know by now, had it decided on the bars that the server keeps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.data.bars import Rules
from models.data.growth import Arrays
from models.data.ring import bars_in
from models.inference.served import Served
from server.feeds.base import BarBatch
from server.market.state import MarketState
from shared.columns import FORMING


@dataclass(frozen=True, kw_only=True, eq=False)
class KeptBars:
    """The bars of a market as they stand at one moment.

    Attributes:
        tickers: Rows of its state.
        closed: What `BarRing.saved` returned, some tickers after the others.
        forming: Those that are forming.
    """

    tickers: int
    closed: Sequence[Arrays]
    forming: BarBatch

    def batches(self) -> Iterator[BarBatch]:
        """Yield the closed bars of one time after the other, oldest first."""
        rows, bar_ms, ohlcv = bars_in(self.closed)
        ends = np.append(np.flatnonzero(np.diff(bar_ms)) + 1, len(bar_ms))
        start = 0
        for end in ends.tolist():
            part = slice(start, end)
            yield BarBatch(rows=rows[part], bar_ms=bar_ms[part], ohlcv=ohlcv[part], history=True)
            start = end


class BarsCopy:
    """Copies the bars of a state, a little at a time: all at once would hold up a cycle.

    Of no use any more once the state takes closed bars, or more tickers.

    Args:
        state: What is copied.
        at_once: Tickers.
    """

    def __init__(self, state: MarketState, at_once: int = 300) -> None:
        self._state, self._at_once = state, at_once
        self._closed: list[Arrays] = []
        self._next = 0

    def go_on(self) -> KeptBars | None:
        """Copy some more, and return all once it is there; None before."""
        state, rows = self._state, len(self._state.flags)
        part = slice(self._next, self._next + self._at_once)
        self._closed.append(state.windows.ring.saved(part))
        self._next = part.stop
        if self._next < rows:
            return None
        forming = np.flatnonzero(state.flags & FORMING)
        return KeptBars(
            tickers=rows,
            closed=self._closed,
            forming=BarBatch(
                rows=forming.astype(np.int64),
                bar_ms=state.bar_ms[forming],
                ohlcv=state.forming[forming],
                closed=False,
            ),
        )


class Successor:
    """Another model's state of the same market; lives in one thread until it takes over.

    Args:
        model: The model.
        rules: What is a jump and what is a gap.
        bars: What the server keeps.
        recalibrate: Whether to learn from what came true.
    """

    def __init__(self, model: Served, rules: Rules, bars: KeptBars, *, recalibrate: bool) -> None:
        self.state = MarketState(bars.tickers, model, rules, recalibrate=recalibrate)
        self._bars = bars

    def warm_up(self) -> Iterator[None]:
        """Decide on all that is kept, a moment a step; the last one is explained.

        So its recalibrator has learned from what came true since the oldest of these bars.
        """
        for batch in self._bars.batches():
            self.state.take(batch, explain=False)
            yield
        self.state.explain_owed()
        if len(self._bars.forming.rows):
            self.state.take(self._bars.forming)

    def follow(self, event: BarBatch | int) -> None:
        """Take what the market took meanwhile: bars, or that there are so many tickers now."""
        if isinstance(event, int):
            self.state.grow(event)
        else:
            self.state.take(event)
