"""The signal cycle: bars in, messages out; pure, without socket or clock."""

from dataclasses import dataclass

import numpy as np

from server.feeds.base import BarBatch
from server.market.buy_log import BuyMemory
from server.market.state import Changes, MarketState
from server.protocol.sequencer import Sequencer
from shared.contract import Bool, Class, Int64
from shared.protocol.messages import Bar, Buy, Confidence, Heatmap, Published


@dataclass(frozen=True, kw_only=True, eq=False)
class Subscribed:
    """The tickers that somebody looks at.

    Attributes:
        heatmap: (n,) bool, whose heatmaps are subscribed to.
        bar: (n,) bool, whose bars are subscribed to.
    """

    heatmap: Bool
    bar: Bool


class Cycle:
    """Takes batches into the state and says what changed.

    Args:
        symbols: (n,) the tickers.
        state: What is known of them; only the cycle changes it.
        stamps: Numbers the messages.
        buys: Remembers what is said under `buy`.
    """

    def __init__(
        self, symbols: tuple[str, ...], state: MarketState, stamps: Sequencer, buys: BuyMemory
    ) -> None:
        self._symbols = np.array(symbols, dtype=object)
        self._state = state
        self._stamps = stamps
        self._buys = buys

    def run(self, batch: BarBatch, made_ms: int, wanted: Subscribed) -> list[Published]:
        """Take a batch and return what there is to say about it; nothing about history.

        The messages are, in this order: the rows that changed, the tickers that entered class 2,
        and the heatmaps and bars that are wanted. A ticker that stands n times makes n cycles.

        Args:
            batch: Any bars.
            made_ms: The time now, ms since 1970 UTC.
            wanted: Who is looked at.
        """
        said: list[Published] = []
        for part in batch.rounds():
            changes = self._state.take(part)
            if not part.history:
                said += self._say(changes, made_ms, wanted, closed=part.closed)
        return said

    def _say(
        self, changes: Changes, made_ms: int, wanted: Subscribed, *, closed: bool
    ) -> list[Published]:
        said: list[Published] = []
        if len(changes.rows):
            said.append(self._confidence(changes.rows, made_ms))
        if len(changes.entered):
            said.append(self._buy(changes.entered, made_ms))
        looked_at = changes.explained[wanted.heatmap[changes.explained]]
        said += self._heatmaps(looked_at, made_ms)
        found = np.flatnonzero(wanted.bar[changes.bars.rows])
        said += [self._bar(changes, i, made_ms, closed=closed) for i in found.tolist()]
        return said

    def _confidence(self, rows: Int64, made_ms: int) -> Confidence:
        state = self._state
        bar_ms = state.bar_ms[rows]
        return Confidence(
            stamp=self._stamps.published("confidence", int(bar_ms.max()), made_ms),
            symbols=tuple(self._symbols[rows]),
            probabilities=state.probabilities[rows],
            last=state.last[rows],
            change=state.change[rows],
            bar_ms=bar_ms,
            flags=state.flags[rows],
            sets=state.sets[rows],
            coverage=state.coverage,
        )

    def _buy(self, rows: Int64, made_ms: int) -> Buy:
        state = self._state
        bar_ms = state.bar_ms[rows]
        buy = Buy(
            stamp=self._stamps.published("buy", int(bar_ms.max()), made_ms),
            symbols=tuple(self._symbols[rows]),
            confidence=state.probabilities[rows, Class.UP],
            last=state.last[rows],
            bar_ms=bar_ms,
        )
        self._buys.add(buy)
        return buy

    def _heatmaps(self, rows: Int64, made_ms: int) -> list[Heatmap]:
        drops = self._state.drops(rows) if len(rows) else np.zeros((0, 2))
        return [
            self._state.heatmap(
                row,
                self._symbols[row],
                self._stamps.published("heatmap", int(self._state.bar_ms[row]), made_ms),
                drop,
            )
            for row, drop in zip(rows.tolist(), drops, strict=True)
        ]

    def _bar(self, changes: Changes, i: int, made_ms: int, *, closed: bool) -> Bar:
        bars = changes.bars
        return Bar(
            stamp=self._stamps.published("bar", int(bars.bar_ms[i]), made_ms),
            symbol=self._symbols[bars.rows[i]],
            closed=closed,
            ohlcv=bars.ohlcv[i].copy(),
        )
