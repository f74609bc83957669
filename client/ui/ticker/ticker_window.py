"""One ticker: its candles, why the model says what it says, and what it said before."""

from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from client.state import captions, text
from client.state.attribution_map import AttributionMap, view_for
from client.state.bar_axis import NO_BAR
from client.state.decision import withheld
from client.state.explained import Choice, Explained
from client.state.freshness import Freshness
from client.state.read_out import read_out, when_words
from client.state.series import EMPTY, TickerSeries, series_of
from client.state.table import Table
from client.state.update import Update
from client.state.wish import Wish
from client.ui.charts.bar_view import Timeline
from client.ui.charts.confidence_chart import ConfidenceChart
from client.ui.charts.price_chart import PriceChart
from client.ui.theme.theme import Theme, WindowLook
from client.ui.ticker.map_panel import MapPanel
from client.ui.ticker.ticker_header import TickerHeader
from client.ui.ticker.ticker_keys import REMARK, TickerKeys
from client.ui.ticker.ticker_layout import USUAL_SIZE, lay_out, stacked
from client.ui.ticker.time_bar import TimeBar
from client.ui.ticker.trust_panels import ReasonsPanel, TrustPanel
from client.ui.ticker.watcher import Watcher
from client.ui.widgets.panel import Panel
from client.ui.widgets.status_line import StatusLine
from shared.explaining import OfferedMethod
from shared.features import UNNAMED, Feature
from shared.protocol.messages import Heatmap
from shared.protocol.past import PastBuys

_RIGHT_PX: Final = 556
_COMPARING_PX: Final = 740


class TickerWindow(QWidget):
    """The window of one ticker: follows it while open.

    Signals:
        closed: The window was closed; carries the symbol.
        export_wanted: The user wants to write what it shows to a file.

    Attributes:
        symbol: The ticker.
        explained: What is wanted to be explained, and what was told.
        maps: The maps as they are shown.
        times: Which decision is shown, and the way to others.
        table: All rows.
        buys: What is known of past buys; None where nothing is.
        status: The line at its foot.
    """

    closed = Signal(str)
    export_wanted = Signal()

    symbol: str
    explained: Explained
    maps: MapPanel
    times: TimeBar

    def __init__(
        self,
        symbol: str,
        table: Table,
        watcher: Watcher,
        theme: Theme,
        methods: tuple[OfferedMethod, ...] = (),
        features: tuple[Feature, ...] = UNNAMED,
    ) -> None:
        super().__init__()
        self.symbol = symbol
        self.table, self._watcher = table, watcher
        self._series: TickerSeries = EMPTY
        self.buys: PastBuys | None = None
        self.timeline = Timeline(self)
        self._look = WindowLook(theme, self)
        self._header, self.status = TickerHeader(self._look), StatusLine(theme)
        self._prices = PriceChart(self.timeline, self._look)
        self._history = ConfidenceChart(self.timeline, self._look)
        self.explained, self._wishes = Explained(symbol, methods, features), tuple[Wish, ...]()
        self.maps, self._reasons, self._trust = MapPanel(self._look), ReasonsPanel(), TrustPanel()
        self._prices_panel, self.times = Panel("", self._prices), TimeBar()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.resize(USUAL_SIZE.boundedTo(self.screen().availableSize()))
        self._keys = TickerKeys(
            self.timeline, self.maps.controls, self.times, self.close, self.export_wanted.emit
        )
        self._lay_out()
        self.maps.bar_hovered.connect(self._light)
        self.maps.chosen.connect(self.choose)
        self.timeline.pointed.connect(self._read_out)
        self.timeline.clicked.connect(self._look_at)
        self.times.went.connect(self.look_back)
        self._look.changed.connect(self._show_row)
        self.status.show_remark(REMARK)
        self._show_explained()
        self.show_scale()
        self._read_out()
        watcher.watch(symbol)
        self.setFocus()

    def apply(self, update: Update) -> None:
        """Take over what `update` says of this ticker; the table has taken over its rows."""
        if update.restarted:
            self._show_series(EMPTY)
        if self.symbol in update.past_buys:
            self._show_buys(update.past_buys[self.symbol])
        self._take_bars(update, update.heatmaps.get(self.symbol))
        if self.explained.apply(update) | self._withhold():
            self._show_explained()
        self._wish()
        if update.card is not None:
            self.show_scale()
        self._show_row()

    def show_scale(self) -> None:
        """Show the row on another scale of colors, and where that begins."""
        spread = self.table.spread
        self._history.show_base_rate(None if spread is None else spread.base_rate)
        self._show_row()

    def choose(self, choice: Choice) -> None:
        """Look at another method, class or view, or at two methods."""
        self.explained.choose(choice)
        self._wish()
        self._show_explained()

    def look_back(self, bar_ms: int | None) -> None:
        """Look at the decision on a bar of the past.

        Args:
            bar_ms: Close of the bar, ms since 1970 UTC; None for now.
        """
        self.explained.recall(bar_ms)
        self._watcher.recall(self.symbol, bar_ms)
        bar = None if bar_ms is None else self._series.index_of(bar_ms)
        if bar is not None:
            self.timeline.reveal(bar)
        self._wish()
        self._show_explained()
        self._show_row()

    def _look_at(self, bar: int) -> None:
        decided = self._series.decision_ms
        bar_ms = None if bar == NO_BAR else int(self._series.bar_ms[bar])
        # The newest decision is the one of now, and behind it there is none.
        past = bar_ms is not None and len(decided) and bar_ms < decided[-1]
        self.look_back(bar_ms if past else None)

    def show_freshness(self, freshness: Freshness) -> None:
        """Show the state of link and data; what is not of now is grey."""
        self.status.show_freshness(freshness)
        self._header.set_market(stale=not freshness.current, played=freshness.played)
        self._look.set_grey(not freshness.current)
        if self._withhold() or self.explained.is_behind():
            self._show_explained(tell_late=True)
        self._show_row()

    @property
    def series(self) -> TickerSeries:
        """The bars and decisions that are shown."""
        return self._series

    def _take_bars(self, update: Update, heatmap: Heatmap | None) -> None:
        before = self._series
        answer = update.bars.get(self.symbol)
        series = before if answer is None else series_of(answer)
        for bar in update.live_bars.get(self.symbol, ()):
            series = series.with_bar(bar)
        if heatmap is not None:
            series = series.with_decision(int(heatmap.bar_ms[-1]), heatmap.probabilities)
        if series is not before:
            self._show_series(series)

    def _show_series(self, series: TickerSeries) -> None:
        self._series = series
        if self.table.universe is None:
            return
        self._prices.show_series(series, self.table.universe)
        self._history.show_series(series)
        self._history.set_gutter(self._prices.gutter)
        self._show_known()
        self.timeline.show_bars(series.bar_ms)
        self._read_out()

    def _show_buys(self, buys: PastBuys) -> None:
        self.buys = buys
        self._prices.show_buys(buys)
        self._show_known()
        self._read_out()

    def _show_known(self) -> None:
        buys = np.empty(0, np.int64) if self.buys is None else self.buys.bar_ms
        self.times.show_known(self._series.decision_ms, buys[np.isin(buys, self._series.bar_ms)])

    def _wish(self) -> None:
        wishes = self.explained.wishes()
        if wishes != self._wishes:
            self._wishes = wishes
            self._watcher.explain(self.symbol, wishes)

    def _withhold(self) -> bool:
        # Whether another reason than before keeps the map from being shown, or none does any more.
        before, row = self.explained.withheld, self.table.row_of.get(self.symbol)
        self.explained.withheld = withheld(self.table, row, self.explained.heatmap)
        return before != self.explained.withheld

    def _show_explained(self, *, tell_late: bool = False) -> None:
        universe, explained = self.table.universe, self.explained
        if universe is None:
            return
        self.maps.show_explained(explained, universe, tell_late=tell_late)
        comparing = explained.beside is not None
        self._right.setFixedWidth(_COMPARING_PX if comparing else _RIGHT_PX)
        shown, wanted, _ = explained.shown(tell_late=tell_late)
        attribution = shown if isinstance(shown, AttributionMap) else None
        heatmap = explained.decision
        self._prices.show_window(None if heatmap is None else int(heatmap.bar_ms[-1]))
        method = explained.method if attribution is None else attribution.method
        self._prices.show_attribution(attribution, view_for(method, explained.choice.view))
        self._reasons.show_attribution(attribution, dimmed=wanted is not None)
        self._trust.show_explained(explained, tell_late=tell_late)
        self._header.show_scores(heatmap)
        self.times.show_place(
            explained.past_ms,
            when_words(self.table.universe, self.explained.past_ms),
            answered=explained.recalled,
        )

    def _show_row(self) -> None:
        row = self.table.row_of.get(self.symbol)
        if row is not None:
            self._header.show_ticker(self.table, row)
            bits = int(self.table.sets[row]) if self.table.decided[row] else 0
            if self.explained.past_ms is not None:
                bits = self._show_then(self.explained.past_ms)
            self._trust.show_set(bits, self.table.coverage)
            name = text.distinct(self.table.names[row], self.symbol)
            parts = (name, self.symbol, "tickerlens")
            self.setWindowTitle(captions.window_title(parts))

    def _show_then(self, bar_ms: int) -> int:
        # Returns the prediction set of then.
        past, bar = self.explained.past, self._series.index_of(bar_ms)
        closes = self._series.ohlcv[:, 3] if bar is not None else np.zeros(1)
        close = float(closes[bar or 0])
        change = close / float(closes[bar - 1]) - 1 if bar else 0.0
        self._header.show_then(
            past, close, change, when_words(self.table.universe, self.explained.past_ms)
        )
        return 0 if past is None else past.sets

    def _light(self, bar_ms: int | None) -> None:
        bar = None if bar_ms is None else self._series.index_of(bar_ms)
        self.timeline.lit.emit(NO_BAR if bar is None else bar)

    def _read_out(self) -> None:
        universe, bar = self.table.universe, self.timeline.bar
        pointed = 0 <= bar < len(self._series)
        for pane in (self.maps.first, self.maps.second):
            pane.view.light(int(self._series.bar_ms[bar]) if pointed else None)
        if universe is None:
            return
        if not pointed:
            parts = [text.interval_words(universe.interval), "the 6-bar window"]
            if self.buys is not None and self.buys.count:
                parts.append("buys: ▲ came true, △ did not")
            if self._series.forming:
                parts.append("the last bar is forming")
            self._prices_panel.title.setText(" · ".join(parts))
            return
        said = read_out(self._series, bar, universe, self.buys)
        self._prices_panel.title.setText(said)

    def _lay_out(self) -> None:
        self._right = stacked((self.maps, self._reasons, self._trust))
        self._right.setFixedWidth(_RIGHT_PX)
        history = Panel("Confidence: up · flat · down", self._history)
        charts, foot = ((self._prices_panel, 5), (history, 2)), ((self.status, 1), (self.times, 0))
        lay_out(self, self._header, charts, self._right, foot)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what a key is for."""
        if not self._keys.take(event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop following the ticker."""
        self._watcher.unwatch(self.symbol)
        self.closed.emit(self.symbol)
        super().closeEvent(event)
