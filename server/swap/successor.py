"""What another model would know by now, had it decided on the bars that the server keeps."""

from collections.abc import Iterator
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
        closed: What `BarRing.saved` returned.
        forming: Those that are forming.
    """

    tickers: int
    closed: Arrays
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


def kept_bars(state: MarketState) -> KeptBars:
    """Return copies of the bars that a state keeps, which nothing of what follows changes."""
    forming = np.flatnonzero(state.flags & FORMING)
    return KeptBars(
        tickers=len(state.flags),
        closed=state.windows.ring.saved(),
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
