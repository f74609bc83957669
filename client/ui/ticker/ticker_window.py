"""One ticker: its candles, why the model says what it says, and what it said before."""

from typing import Final, Protocol

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from client.state import text
from client.state.attribution_map import AttributionMap, view_for
from client.state.bar_axis import NO_BAR
from client.state.decision import withheld
from client.state.explained import Choice, Explained
from client.state.freshness import Freshness
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
from client.ui.ticker.trust_panels import ReasonsPanel, TrustPanel
from client.ui.widgets.panel import Panel
from client.ui.widgets.status_line import StatusLine
from shared.contract import CLASS_NAMES, Class, interval_seconds
from shared.explaining import OfferedMethod
from shared.features import UNNAMED, Feature
from shared.plain_text import plain_text
from shared.protocol.answers import Universe
from shared.protocol.messages import Heatmap

_RIGHT_PX: Final = 556
_COMPARING_PX: Final = 740
_SPACE_PX: Final = 12
_KEYS: Final = "M method · C compare · F newest bars · ← → ↑ ↓ move and zoom · Esc close"


class Watcher(Protocol):
    """Who is told which tickers are looked at: a `Link`."""

    def watch(self, symbol: str) -> None:
        """Follow a ticker."""

    def unwatch(self, symbol: str) -> None:
        """Stop following it."""

    def explain(self, symbol: str, wishes: tuple[Wish, ...]) -> None:
        """Have `wishes` explained of a ticker that is followed, and nothing else."""


def read_out(series: TickerSeries, bar: int, universe: Universe) -> str:
    """Return what the pointer reads off a bar: its time, prices, volume, and what was said then."""
    seconds, zone = interval_seconds(universe.interval), text.zone_of(universe.timezone)
    *prices, traded = series.ohlcv[bar].tolist()
    shown = [text.price(p, universe.decimals) for p in prices]
    forming = " (forming)" if series.forming and bar == len(series) - 1 else ""
    parts = [
        text.bar_time(int(series.bar_ms[bar]), seconds, zone) + forming,
        *(f"{name} {value}" for name, value in zip("OHLC", shown, strict=True)),
        f"V {text.volume(traded)}",
    ]
    shares = series.decision_of_bar()[bar]
    if not np.isnan(shares[0]):
        said = (f"{CLASS_NAMES[c]} {text.percent(float(shares[c]))}" for c in reversed(Class))
        parts.append(" · ".join(said))
    return "   ".join(parts)


class TickerWindow(QWidget):
    """The window of one ticker: follows it while open.

    Signals:
        closed: The window was closed; carries the symbol.

    Attributes:
        symbol: The ticker.
        explained: What is wanted to be explained, and what was told.
        maps: The maps as they are shown.
    """

    closed = Signal(str)

    symbol: str
    explained: Explained
    maps: MapPanel

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
        self._table, self._watcher = table, watcher
        self._series: TickerSeries = EMPTY
        self.timeline = Timeline(self)
        self._look = WindowLook(theme, self)
        self._header, self._status = TickerHeader(self._look), StatusLine(theme)
        self._prices = PriceChart(self.timeline, self._look)
        self._history = ConfidenceChart(self.timeline, self._look)
        self.explained, self._wishes = Explained(symbol, methods, features), tuple[Wish, ...]()
        self.maps, self._reasons, self._trust = MapPanel(self._look), ReasonsPanel(), TrustPanel()
        self._prices_panel = Panel("", self._prices)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.resize(1374, 740)
        self._lay_out()
        self.maps.bar_hovered.connect(self._light)
        self.maps.chosen.connect(self.choose)
        self.timeline.pointed.connect(self._read_out)
        self._look.changed.connect(self._show_row)
        self._status.show_remark(_KEYS)
        self._show_explained()
        self.show_scale()
        self._read_out()
        watcher.watch(symbol)
        self.setFocus()

    def apply(self, update: Update) -> None:
        """Take over what `update` says of this ticker; the table has taken over its rows."""
        if update.restarted:
            self._show_series(EMPTY)
        self._take_bars(update, update.heatmaps.get(self.symbol))
        if self.explained.apply(update) | self._withhold():
            self._show_explained()
        self._wish()
        if update.card is not None:
            self.show_scale()
        self._show_row()

    def show_scale(self) -> None:
        """Show the row on another scale of colors, and where that begins."""
        spread = self._table.spread
        self._history.show_base_rate(None if spread is None else spread.base_rate)
        self._show_row()

    def choose(self, choice: Choice) -> None:
        """Look at another method, class or view, or at two methods."""
        self.explained.choose(choice)
        self._wish()
        self._show_explained()

    def show_freshness(self, freshness: Freshness) -> None:
        """Show the state of link and data; what is not of now is grey."""
        self._status.show_freshness(freshness)
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
        if self._table.universe is None:
            return
        self._prices.show_series(series, self._table.universe)
        self._history.show_series(series)
        self._history.set_gutter(self._prices.gutter)
        self.timeline.show_bars(series.bar_ms)
        self._read_out()

    def _wish(self) -> None:
        wishes = self.explained.wishes()
        if wishes != self._wishes:
            self._wishes = wishes
            self._watcher.explain(self.symbol, wishes)

    def _withhold(self) -> bool:
        # Whether another reason than before keeps the map from being shown, or none does any more.
        before, row = self.explained.withheld, self._table.row_of.get(self.symbol)
        self.explained.withheld = withheld(self._table, row, self.explained.heatmap)
        return before != self.explained.withheld

    def _show_explained(self, *, tell_late: bool = False) -> None:
        universe, explained = self._table.universe, self.explained
        if universe is None:
            return
        self.maps.show_explained(explained, universe, tell_late=tell_late)
        comparing = explained.beside is not None
        self._right.setFixedWidth(_COMPARING_PX if comparing else _RIGHT_PX)
        shown, wanted = explained.shown(tell_late=tell_late)
        attribution = shown if isinstance(shown, AttributionMap) else None
        heatmap = None if explained.withheld else explained.heatmap
        self._prices.show_window(None if heatmap is None else int(heatmap.bar_ms[-1]))
        method = explained.method if attribution is None else attribution.method
        self._prices.show_attribution(attribution, view_for(method, explained.choice.view))
        self._reasons.show_attribution(attribution, dimmed=wanted is not None)
        self._trust.show_explained(explained, tell_late=tell_late)
        self._header.show_scores(heatmap)

    def _show_row(self) -> None:
        row = self._table.row_of.get(self.symbol)
        if row is not None:
            self._header.show_ticker(self._table, row)
            bits = int(self._table.sets[row]) if self._table.decided[row] else 0
            self._trust.show_set(bits, self._table.coverage)
            name = text.distinct(self._table.names[row], self.symbol)
            parts = (name, self.symbol, "tickerlens")
            # [*] in a title is Qt's own.
            title = plain_text(" · ".join(part for part in parts if part))
            self.setWindowTitle(title.replace("[*]", "[*][*]"))

    def _light(self, bar_ms: int | None) -> None:
        bar = None if bar_ms is None else self._series.index_of(bar_ms)
        self.timeline.lit.emit(NO_BAR if bar is None else bar)

    def _read_out(self) -> None:
        universe, bar = self._table.universe, self.timeline.bar
        if universe is None:
            return
        if not 0 <= bar < len(self._series):
            parts = [text.interval_words(universe.interval), "the 6-bar window"]
            if self._series.forming:
                parts.append("the last bar is forming")
            self._prices_panel.title.setText(" · ".join(parts))
            return
        self._prices_panel.title.setText(read_out(self._series, bar, universe))

    def _lay_out(self) -> None:
        left, self._right = QVBoxLayout(), QWidget()
        right = QVBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(_SPACE_PX)
        left.addWidget(self._prices_panel, 5)
        left.addWidget(Panel("Confidence: up · flat · down", self._history), 2)
        right.setSpacing(_SPACE_PX)
        for panel in (self.maps, self._reasons, self._trust):
            right.addWidget(panel, 1000 if panel is self.maps else 0)
        right.addStretch(1)
        self._right.setFixedWidth(_RIGHT_PX)
        body = QHBoxLayout()
        body.setContentsMargins(14, 14, 14, 14)
        body.setSpacing(_SPACE_PX)
        body.addLayout(left, 1)
        body.addWidget(self._right)
        foot = QFrame()
        foot.setProperty("role", "foot")
        foot.setFixedHeight(30)
        row = QHBoxLayout(foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._status)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addLayout(body, 1)
        column.addWidget(foot)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Esc; move and zoom the charts; choose the method."""
        match event.key():
            case Qt.Key.Key_M:
                back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self.maps.controls.step(-1 if back else 1)
            case Qt.Key.Key_C:
                self.maps.controls.toggle_beside()
            case Qt.Key.Key_Escape:
                self.close()
            case Qt.Key.Key_F | Qt.Key.Key_End:
                self.timeline.reset()
            case Qt.Key.Key_Left:
                self.timeline.pan(-1)
            case Qt.Key.Key_Right:
                self.timeline.pan(1)
            case Qt.Key.Key_Up:
                self.timeline.zoom(0.85)
            case Qt.Key.Key_Down:
                self.timeline.zoom(1 / 0.85)
            case _:
                super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop following the ticker."""
        self._watcher.unwatch(self.symbol)
        self.closed.emit(self.symbol)
        super().closeEvent(event)
