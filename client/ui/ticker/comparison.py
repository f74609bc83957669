"""Another ticker in the window of one: its prices in percent, and its confidence."""

import numpy as np

from client.state.beside import found, up_beside
from client.state.followed_ticker import FollowedTicker
from client.state.series import TickerSeries
from client.state.table import Table
from client.state.update import Update
from client.state.watcher import Watcher
from client.ui.charts.confidence_chart import ConfidenceChart
from client.ui.charts.price_chart import PriceChart


class TickerComparison:
    """The other ticker; none at first.

    Args:
        table: All rows.
        watcher: Who is told what is looked at.
        prices: Where its closes are shown.
        history: Where its confidence is shown.
    """

    def __init__(
        self, table: Table, watcher: Watcher, prices: PriceChart, history: ConfidenceChart
    ) -> None:
        self._table, self._watcher = table, watcher
        self._prices, self._history = prices, history
        self._other: FollowedTicker | None = None

    @property
    def symbol(self) -> str:
        """The other ticker; empty without one."""
        return "" if self._other is None else self._other.symbol

    def choose(self, symbol: str, series: TickerSeries) -> None:
        """Compare with another ticker from now on; empty with none."""
        if symbol == self.symbol:
            return
        self.leave()
        if symbol:
            self._other = FollowedTicker(symbol, self._table, self._watcher)
        self.show(series)

    def leave(self) -> None:
        """Follow it no more."""
        if self._other is not None:
            self._other.leave()
            self._other = None

    def apply(self, update: Update, series: TickerSeries) -> bool:
        """Take over what `update` says of it, and return whether anything is shown anew."""
        changed = self._other is not None and self._other.apply(update).bars
        if changed:
            self.show(series)
        return changed

    def show(self, series: TickerSeries) -> None:
        """Show it beside other bars."""
        other = None if self._other is None else self._other.series
        self._prices.show_other(other)
        none = np.empty(0, np.float32)
        self._history.show_other(none if other is None else up_beside(series, other))

    def found(self, line: str, but: str) -> str:
        """Return the ticker that was typed, or its name, or a part of it; empty for none."""
        return found(line, self._table, but)

    def words(self, bar: int, symbol: str) -> str:
        """Return how far both moved until a bar; empty without another ticker.

        Args:
            bar: Position of the bar; the newest where there is none.
            symbol: The ticker it is compared with.
        """
        beside = self._prices.beside
        if beside is None:
            return ""
        bar = bar if 0 <= bar < len(beside.closes) else len(beside.closes) - 1
        return beside.words(bar, (self._name(symbol), self._name(self.symbol)))

    def _name(self, symbol: str) -> str:
        row = self._table.row_of.get(symbol)
        return symbol if row is None else self._table.names[row] or symbol
