"""The charts of a ticker's window over each other, and what is read off them in words."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from client.state.bar_axis import NO_BAR
from client.state.followed_ticker import FollowedTicker
from client.state.read_out import over_chart, read_out
from client.state.table import Table
from client.state.update import Update
from client.state.watcher import Watcher
from client.ui.charts.bar_view import Timeline
from client.ui.charts.confidence_chart import ConfidenceChart
from client.ui.charts.price_chart import PriceChart
from client.ui.theme.theme import Look
from client.ui.ticker.comparison import TickerComparison
from client.ui.widgets.panel import Panel

_SPACE_PX: Final = 12
_STRETCHES: Final = (5, 2)


class ChartColumn(QWidget):
    """Prices over confidences, of one ticker or of two.

    Signals:
        pointed: The close of the bar under the pointer in ms since 1970 UTC, as an object because
            it is wider than a C int; None where there is none.

    Args:
        ticker: What is shown.
        table: All rows.
        watcher: Who is told which other ticker is looked at.
        look: The colors.

    Attributes:
        timeline: The bars in sight.
        prices: The candles.
        comparison: The other ticker.
        confidences: The lower chart, in its panel.
    """

    pointed = Signal(object)

    timeline: Timeline
    prices: PriceChart
    comparison: TickerComparison
    confidences: Panel

    def __init__(self, ticker: FollowedTicker, table: Table, watcher: Watcher, look: Look) -> None:
        super().__init__()
        self._ticker, self._table = ticker, table
        self.timeline = Timeline(self)
        self.prices = PriceChart(self.timeline, look)
        self._history = ConfidenceChart(self.timeline, look)
        self.comparison = TickerComparison(table, watcher, self.prices, self._history)
        self._panel = Panel("", self.prices)
        self.confidences = Panel("Confidence: up · flat · down", self._history)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_SPACE_PX)
        for panel, stretch in zip((self._panel, self.confidences), _STRETCHES, strict=True):
            column.addWidget(panel, stretch)
        self.timeline.pointed.connect(self.read_out)
        self.prices.based.connect(self.read_out)

    def show_ticker(self, ticker: FollowedTicker) -> None:
        """Show another ticker, beside the same other one."""
        self._ticker = ticker
        if ticker.symbol == self.comparison.symbol:
            self.comparison.choose("", ticker.series)
        self.prices.show_buys(ticker.buys)
        self.show_series()

    def compare(self, symbol: str) -> None:
        """Show another ticker beside this one; empty for none."""
        self.comparison.choose(symbol, self._ticker.series)
        self.read_out()

    def apply(self, update: Update) -> None:
        """Take over what `update` says of the other ticker."""
        if self.comparison.apply(update, self._ticker.series):
            self.read_out()

    def show_series(self) -> None:
        """Show what the ticker's bars and decisions are now."""
        series = self._ticker.series
        if self._table.universe is None:
            return
        self.prices.show_series(series, self._table.universe)
        self._history.show_series(series)
        self._history.set_gutter(self.prices.gutter)
        self.timeline.show_bars(series.bar_ms)
        self.comparison.show(series)
        self.read_out()

    def show_buys(self) -> None:
        """Show what is known of past buys now."""
        self.prices.show_buys(self._ticker.buys)
        self.read_out()

    def show_base_rate(self) -> None:
        """Show how often class 2 comes true, whatever is said."""
        spread = self._table.spread
        self._history.show_base_rate(None if spread is None else spread.base_rate)

    def light(self, bar_ms: int | None) -> None:
        """Light the bar that closes at `bar_ms`, ms since 1970 UTC, or none."""
        bar = None if bar_ms is None else self._ticker.series.index_of(bar_ms)
        self.timeline.lit.emit(NO_BAR if bar is None else bar)

    def reveal(self, bar_ms: int | None) -> None:
        """Bring the bar that closes at `bar_ms`, ms since 1970 UTC, in sight."""
        bar = None if bar_ms is None else self._ticker.series.index_of(bar_ms)
        if bar is not None:
            self.timeline.reveal(bar)

    def read_out(self) -> None:
        """Say what is under the pointer, or what is shown."""
        universe, bar, ticker = self._table.universe, self.timeline.bar, self._ticker
        is_one = 0 <= bar < len(ticker.series)
        self.pointed.emit(int(ticker.series.bar_ms[bar]) if is_one else None)
        if universe is None:
            return
        both = self.comparison.words(bar, ticker.symbol)
        said = (
            read_out(ticker.series, bar, universe, ticker.buys)
            if is_one
            else over_chart(ticker.series, universe, ticker.buys)
        )
        self._panel.title.show_words(f"{both}   {said}" if both else said)
