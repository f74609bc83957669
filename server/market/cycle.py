"""The signal cycle: bars in, messages out; pure, without socket or clock.

All that is published is made here, and nowhere else.
"""

from dataclasses import dataclass

import numpy as np

from models.explain.methods import LIVE
from server.feeds.base import BarBatch
from server.market.buy_log import BuyMemory
from server.market.state import Changes, MarketState
from server.protocol.sequencer import Sequencer
from shared.contract import Bool, Class, Float64, Int64
from shared.protocol.envelope import Stamp
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

    def heatmap(self, row: int, made_ms: int) -> Heatmap:
        """Return why the model decided as it did on a ticker that has a full window, as an answer.

        Args:
            row: Index of the ticker.
            made_ms: The time now, ms since 1970 UTC.
        """
        (drops,) = self._state.drops(np.array([row]))
        return self._heatmap(row, self._stamps.answer(self._bar_ms(row), made_ms), drops)

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
        newest_ms = int(state.bar_ms[rows].max())
        return Confidence(
            stamp=self._stamps.published("confidence", newest_ms, made_ms),
            symbols=tuple(self._symbols[rows]),
            columns=state.rows.take(rows),
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
            self._heatmap(row, self._stamps.published("heatmap", self._bar_ms(row), made_ms), drop)
            for row, drop in zip(rows.tolist(), drops, strict=True)
        ]

    def _heatmap(self, row: int, stamp: Stamp, drops: Float64) -> Heatmap:
        state = self._state
        top_drop, random_drop = drops.tolist()
        return Heatmap(
            stamp=stamp,
            symbol=self._symbols[row],
            method=LIVE.name,
            title=LIVE.title,
            kind=LIVE.kind,
            winner=state.winner(row),
            top_drop=top_drop,
            random_drop=random_drop,
            probabilities=state.probabilities[row].copy(),
            scores=state.scores[row].copy(),
            saliency=state.saliency[row].copy(),
            raw=state.windows.features(np.array([row]))[0],
            scaled=state.scaled[row].copy(),
            bar_ms=state.windows.bar_ms[row].copy(),
        )

    def _bar_ms(self, row: int) -> int:
        return int(self._state.bar_ms[row])

    def _bar(self, changes: Changes, i: int, made_ms: int, *, closed: bool) -> Bar:
        bars = changes.bars
        return Bar(
            stamp=self._stamps.published("bar", int(bars.bar_ms[i]), made_ms),
            symbol=self._symbols[bars.rows[i]],
            closed=closed,
            ohlcv=bars.ohlcv[i].copy(),
        )
