"""One ticker: its candles, why the model says what it says, and what it said before."""

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from client.state import captions, text
from client.state.attribution_map import AttributionMap, view_for
from client.state.bar_axis import NO_BAR
from client.state.explained import Choice, Explained
from client.state.followed_ticker import FollowedTicker
from client.state.freshness import Freshness
from client.state.read_out import when_words
from client.state.series import TickerSeries
from client.state.table import Table
from client.state.update import Update
from client.state.watcher import Watcher
from client.ui.charts.bar_view import Timeline
from client.ui.theme.theme import Theme, WindowLook
from client.ui.ticker.chart_column import ChartColumn
from client.ui.ticker.compare_field import CompareField
from client.ui.ticker.map_panel import MapPanel
from client.ui.ticker.ticker_header import TickerHeader
from client.ui.ticker.ticker_keys import REMARK, TickerKeys
from client.ui.ticker.ticker_layout import USUAL_SIZE, lay_out, room_in, stacked
from client.ui.ticker.time_bar import TimeBar
from client.ui.ticker.trust_panels import ReasonsPanel, TrustPanel
from client.ui.widgets.status_line import StatusLine
from shared.explaining import OfferedMethod
from shared.features import UNNAMED, Feature
from shared.protocol.past import PastBuys

_RIGHT_PX: Final = 556
_COMPARING_PX: Final = 740


class TickerWindow(QWidget):
    """The window of one ticker: follows it while open, and goes to others.

    Signals:
        closed: The window was closed.
        stepped: The user wants the ticker so many rows further in the list.
        link_wanted: The user wants it to follow the list's selection, or no longer.
        export_wanted: The user wants to write what it shows to a file.

    Attributes:
        ticker: What is known of the ticker.
        charts: Its prices and confidences.
        maps: The maps as they are shown.
        times: Which decision is shown, and the way to others.
        table: All rows.
        status: The line at its foot.
    """

    closed = Signal()
    stepped = Signal(int)
    link_wanted = Signal(bool)
    export_wanted = Signal()

    ticker: FollowedTicker
    charts: ChartColumn
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
        self.table, self._watcher = table, watcher
        self.ticker = FollowedTicker(symbol, table, watcher, methods, features)
        self._look = WindowLook(theme, self)
        self.charts = ChartColumn(self.ticker, table, watcher, self._look)
        self._header, self.status = TickerHeader(self._look), StatusLine(theme)
        self._versus = CompareField(lambda line: self.charts.comparison.found(line, self.symbol))
        self.maps, self._reasons, self._trust = MapPanel(self._look), ReasonsPanel(), TrustPanel()
        self.times = TimeBar()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.resize(USUAL_SIZE.boundedTo(self.screen().availableSize()))
        self._keys = TickerKeys(
            self.charts.prices,
            self.maps.controls,
            self.times,
            self._header.steps,
            {
                Qt.Key.Key_E: self.export_wanted.emit,
                Qt.Key.Key_Escape: self._leave,
                Qt.Key.Key_K: self._versus.open,
            },
        )
        self._lay_out()
        self._connect()
        self.status.show_remark(REMARK)
        self._show_explained()
        self.show_scale()
        self.charts.read_out()
        self.setFocus()

    @property
    def timeline(self) -> Timeline:
        """The bars in sight."""
        return self.charts.timeline

    @property
    def symbol(self) -> str:
        """The ticker that is shown."""
        return self.ticker.symbol

    @property
    def explained(self) -> Explained:
        """What is wanted to be explained, and what was told."""
        return self.ticker.explained

    @property
    def series(self) -> TickerSeries:
        """The bars and decisions that are shown."""
        return self.ticker.series

    @property
    def buys(self) -> PastBuys | None:
        """What is known of past buys; None where nothing is."""
        return self.ticker.buys

    def show_ticker(self, symbol: str) -> None:
        """Show another ticker, by the same method and at the same zoom; as it is now."""
        before = self.ticker
        if symbol == before.symbol:
            return
        told = before.explained
        self.ticker = FollowedTicker(symbol, self.table, self._watcher, told.methods, told.features)
        before.leave()
        self.ticker.choose(told.choice)
        self.ticker.withhold()
        self.charts.show_ticker(self.ticker)
        self._versus.show_chosen(self.charts.comparison.symbol)
        self._show_known()
        self._show_explained()
        self._show_row()

    def show_linked(self, *, linked: bool) -> None:
        """Say whether it follows the list's selection."""
        self._header.steps.show_linked(linked=linked)

    def apply(self, update: Update) -> None:
        """Take over what `update` says of this ticker; the table has taken over its rows."""
        news = self.ticker.apply(update)
        if news.buys:
            self.charts.show_buys()
        if news.bars:
            self.charts.show_series()
        if news.buys or news.bars:
            self._show_known()
        self.charts.apply(update)
        if news.maps:
            self._show_explained()
        if update.card is not None:
            self.show_scale()
        self._show_row()

    def show_scale(self) -> None:
        """Show the row on another scale of colors, and where that begins."""
        self.charts.show_base_rate()
        self._show_row()

    def choose(self, choice: Choice) -> None:
        """Look at another method, class or view, or at two methods."""
        self.ticker.choose(choice)
        self._show_explained()

    def look_back(self, bar_ms: int | None) -> None:
        """Look at the decision on a bar of the past.

        Args:
            bar_ms: Close of the bar, ms since 1970 UTC; None for now.
        """
        self.ticker.recall(bar_ms)
        self.charts.reveal(bar_ms)
        self._show_explained()
        self._show_row()

    def show_freshness(self, freshness: Freshness) -> None:
        """Show the state of link and data; what is not of now is grey."""
        self.status.show_freshness(freshness)
        self._header.set_market(stale=not freshness.current, played=freshness.played)
        self._look.set_grey(not freshness.current)
        if self.ticker.withhold() or self.explained.is_behind():
            self._show_explained(tell_late=True)
        self._show_row()

    def compare(self, symbol: str) -> None:
        """Show another ticker beside this one, in percent; empty for none."""
        self.charts.compare(symbol)
        self._versus.show_chosen(symbol)

    def _leave(self) -> None:
        measure = self.charts.prices.measure
        if measure.words:
            measure.clear()
        else:
            self.close()

    def _look_at(self, bar: int) -> None:
        self.look_back(None if bar == NO_BAR else self.ticker.past_of(bar))

    def _show_known(self) -> None:
        self.times.show_known(self.series.decision_ms, self.ticker.buys_in_sight())

    def _show_explained(self, *, tell_late: bool = False) -> None:
        universe, explained = self.table.universe, self.explained
        if universe is None:
            return
        self.maps.show_explained(explained, universe, tell_late=tell_late)
        self._make_room()
        shown, wanted, _ = explained.shown(tell_late=tell_late)
        attribution = shown if isinstance(shown, AttributionMap) else None
        heatmap = explained.decision
        self.charts.prices.show_window(None if heatmap is None else int(heatmap.bar_ms[-1]))
        method = explained.method if attribution is None else attribution.method
        self.charts.prices.show_attribution(attribution, view_for(method, explained.choice.view))
        self._reasons.show_attribution(attribution, dimmed=wanted is not None)
        self._trust.show_explained(explained, tell_late=tell_late)
        self._header.show_scores(heatmap)
        when = when_words(universe, explained.past_ms)
        self.times.show_place(explained.past_ms, when, answered=explained.recalled)

    def _show_row(self) -> None:
        row = self.table.row_of.get(self.symbol)
        if row is None:
            return
        self._header.show_ticker(self.table, row)
        self.charts.prices.show_change(self._header.change)
        bits = int(self.table.sets[row]) if self.table.decided[row] else 0
        if self.explained.past_ms is not None:
            bits = self._show_then(self.explained.past_ms)
        self._trust.show_set(bits, self.table.coverage)
        name = text.distinct(self.table.names[row], self.symbol)
        self.setWindowTitle(captions.window_title((name, self.symbol, "tickerlens")))

    def _show_then(self, bar_ms: int) -> int:
        # Returns the prediction set of then.
        past = self.explained.past
        when = when_words(self.table.universe, bar_ms)
        self._header.show_then(past, *self.ticker.price_at(bar_ms), when)
        return 0 if past is None else past.sets

    def _connect(self) -> None:
        self.maps.bar_hovered.connect(self.charts.light)
        self.maps.chosen.connect(self.choose)
        self.charts.pointed.connect(self.maps.light)
        self._versus.chosen.connect(self.compare)
        self._versus.left.connect(self.setFocus)
        self.timeline.clicked.connect(self._look_at)
        self.times.went.connect(self.look_back)
        self._look.changed.connect(self._show_row)
        self._header.steps.stepped.connect(self.stepped)
        self._header.steps.linked.connect(self.link_wanted)

    def _lay_out(self) -> None:
        self._right = stacked((self.maps, self._reasons, self._trust))
        self._right.setFixedWidth(_RIGHT_PX)
        self._header.add(self._versus)
        foot = ((self.status, 1), (self.times, 0))
        lay_out(self, self._header, self.charts, self._right, foot)

    def _make_room(self) -> None:
        comparing = self.explained.beside is not None
        maps_px = _COMPARING_PX if comparing else _RIGHT_PX
        self._right.setFixedWidth(maps_px)
        room = room_in(self.size(), maps_px, comparing=comparing)
        self._trust.setVisible(room.trust)
        self.charts.confidences.setVisible(room.history)
        self._reasons.setVisible(room.reasons)
        self._right.setVisible(room.maps)
        self.charts.setVisible(room.charts)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for, once the layouts are through with it."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._make_room)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what a key is for."""
        if not self._keys.take(event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop following the ticker."""
        self.charts.comparison.leave()
        self.ticker.leave()
        self.closed.emit()
        super().closeEvent(event)
