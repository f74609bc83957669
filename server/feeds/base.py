"""The small protocol that every source of bars speaks."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from shared.contract import Float64, Int64
from shared.markets import Market


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What a feed plays, known before its first bar.

    Attributes:
        symbols: (n,) the tickers; their order is that of all arrays per ticker.
        names: (n,) what people call them; the symbol itself where no name is known.
        markets: (n,) the market segment of each, such as KOSPI; may be empty.
        market: Time zone and decimals.
        interval: Length of a bar, such as 1d.
        label: What the bars come from, for people.
        simulated: True when no bar is of a real market.
        repaired: What was mended while reading: how many bars, by reason.
    """

    symbols: tuple[str, ...]
    names: tuple[str, ...]
    markets: tuple[str, ...]
    market: Market
    interval: str
    label: str
    simulated: bool
    repaired: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class BarBatch:
    """Bars that become known at the same moment; clean or not, they are judged later.

    Attributes:
        rows: (n,) int64 indices into `Listing.symbols`; a ticker may stand more than once.
        bar_ms: (n,) int64, close of each bar, ms since 1970 UTC.
        ohlcv: (n, 5) float64, open, high, low, close in currency, volume in units.
        closed: False while the bars are still forming.
        history: True for bars that only fill windows: nothing is published about them.
        wait: How long to wait before the batch, in bars.
    """

    rows: Int64
    bar_ms: Int64
    ohlcv: Float64
    closed: bool = True
    history: bool = False
    wait: float = 0.0

    def take(self, index: Int64) -> "BarBatch":
        """Return the batch of the bars at `index` (m,), in that order."""
        return dataclasses.replace(
            self, rows=self.rows[index], bar_ms=self.bar_ms[index], ohlcv=self.ohlcv[index]
        )

    def rounds(self) -> "Iterator[BarBatch]":
        """Yield batches in which no ticker stands twice: all first bars, all second bars, ..."""
        order = np.argsort(self.rows, kind="stable")
        rows = self.rows[order]
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        nth = np.arange(len(rows)) - np.repeat(starts, np.diff(starts, append=len(rows)))
        for turn in range(int(nth.max(initial=-1)) + 1):
            yield self.take(np.sort(order[nth == turn]))


class Feed(Protocol):
    """A source of bars; it neither waits nor judges."""

    @property
    def listing(self) -> Listing:
        """What is played."""

    def batches(self) -> Iterator[BarBatch]:
        """Yield all history, then one batch after the other.

        Raises:
            TickerlensError: The source failed; the server stops with this sentence.
        """
