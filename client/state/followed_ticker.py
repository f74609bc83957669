"""What one window knows of the ticker it follows; main thread, no Qt."""

from typing import NamedTuple

import numpy as np

from client.state.decision import withheld
from client.state.explained import Choice, Explained
from client.state.series import EMPTY, TickerSeries, series_of
from client.state.table import Table
from client.state.update import Update
from client.state.watcher import Watcher
from client.state.wish import Wish
from shared.contract import Int64
from shared.explaining import OfferedMethod
from shared.features import UNNAMED, Feature
from shared.protocol.messages import Heatmap
from shared.protocol.past import PastBuys


class Changed(NamedTuple):
    """What an update changed.

    Attributes:
        bars: The bars or decisions.
        buys: What is known of past buys.
        maps: What is explained.
    """

    bars: bool
    buys: bool
    maps: bool


class FollowedTicker:
    """A ticker, its bars, its past buys and its maps, from when it is followed until it is left.

    Args:
        symbol: The ticker.
        table: All rows.
        watcher: Who is told what is looked at.
        methods: What can be chosen, the live one first.
        features: What the eight columns of its windows are.

    Attributes:
        symbol: The ticker.
        series: Its bars and decisions.
        buys: What is known of past buys; None where nothing is.
        explained: What is wanted to be explained, and what was told.
    """

    symbol: str
    series: TickerSeries
    buys: PastBuys | None
    explained: Explained

    def __init__(
        self,
        symbol: str,
        table: Table,
        watcher: Watcher,
        methods: tuple[OfferedMethod, ...] = (),
        features: tuple[Feature, ...] = UNNAMED,
    ) -> None:
        self.symbol = symbol
        self.series, self.buys = EMPTY, None
        self.explained = Explained(symbol, methods, features)
        self._table, self._watcher = table, watcher
        self._wishes = tuple[Wish, ...]()
        watcher.watch(symbol)

    def leave(self) -> None:
        """Follow it no more."""
        self._watcher.unwatch(self.symbol)

    def apply(self, update: Update) -> Changed:
        """Take over what `update` says of it; the table has taken over its rows."""
        before = self.series
        if update.restarted:
            self.series = EMPTY
        bought = update.past_buys.get(self.symbol)
        self.buys = self.buys if bought is None else bought
        self._take_bars(update, update.heatmaps.get(self.symbol))
        maps = self.explained.apply(update) | self.withhold()
        self._wish()
        return Changed(update.restarted or self.series is not before, bought is not None, maps)

    def choose(self, choice: Choice) -> None:
        """Look at another method, class or view, or at two methods."""
        self.explained.choose(choice)
        self._wish()

    def recall(self, bar_ms: int | None) -> None:
        """Look at the decision on a bar of the past.

        Args:
            bar_ms: Close of the bar, ms since 1970 UTC; None for now.
        """
        self.explained.recall(bar_ms)
        self._watcher.recall(self.symbol, bar_ms)
        self._wish()

    def withhold(self) -> bool:
        """Look whether a map may be shown; return whether another reason than before forbids it."""
        before, row = self.explained.withheld, self._table.row_of.get(self.symbol)
        self.explained.withheld = withheld(self._table, row, self.explained.heatmap)
        return before != self.explained.withheld

    def past_of(self, bar: int) -> int | None:
        """Return the close of a bar, ms since 1970 UTC; None where its decision is the newest."""
        decided, bar_ms = self.series.decision_ms, int(self.series.bar_ms[bar])
        # The newest decision is the one of now, and behind it there is none.
        return bar_ms if len(decided) and bar_ms < decided[-1] else None

    def price_at(self, bar_ms: int) -> tuple[float, float]:
        """Return the close of a bar, in currency, and its change since the bar before, as a share.

        Args:
            bar_ms: Its close, ms since 1970 UTC; of one that is not here both are 0.
        """
        bar, closes = self.series.index_of(bar_ms), self.series.ohlcv[:, 3]
        if bar is None:
            return 0.0, 0.0
        close = float(closes[bar])
        return close, close / float(closes[bar - 1]) - 1 if bar else 0.0

    def buys_in_sight(self) -> Int64:
        """Return the (n,) int64 closes, ms since 1970 UTC, of the bars here that are buys."""
        bars = np.empty(0, np.int64) if self.buys is None else self.buys.bar_ms
        return bars[np.isin(bars, self.series.bar_ms)]

    def _take_bars(self, update: Update, heatmap: Heatmap | None) -> None:
        answer = update.bars.get(self.symbol)
        series = self.series if answer is None else series_of(answer)
        for bar in update.live_bars.get(self.symbol, ()):
            series = series.with_bar(bar)
        if heatmap is not None:
            series = series.with_decision(int(heatmap.bar_ms[-1]), heatmap.probabilities)
        self.series = series

    def _wish(self) -> None:
        wishes = self.explained.wishes()
        if wishes != self._wishes:
            self._wishes = wishes
            self._watcher.explain(self.symbol, wishes)
