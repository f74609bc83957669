"""The desk's main window: the watch-list, the buy log, and whether they can be believed."""

from collections.abc import Iterable
from typing import Final, Protocol

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QMenu

from client.clock import now_ms
from client.state.buys import Buys
from client.state.filter_language import FilterError, completions, parse
from client.state.freshness import Freshness, Place, Word, freshness
from client.state.health import Health
from client.state.server_words import place_words, server_words
from client.state.table import Table
from client.state.update import Update
from client.state.watcher import Watcher
from client.state.workspace import Workspace
from client.ui.shell.desk_layout import lay_out
from client.ui.shell.keys import show_keys
from client.ui.shell.list_keeper import ListKeeper
from client.ui.shell.list_menus import ListMenus
from client.ui.shell.model_dialog import ModelKeeper
from client.ui.shell.ticker_windows import TickerWindows
from client.ui.shell.tint_legend import TintLegend
from client.ui.shell.top_bar import TopBar
from client.ui.shell.window_keys import front, press_anywhere, turn_full_screen
from client.ui.theme.theme import Theme
from client.ui.watchlist.buy_log import BuyLogModel, BuyLogView
from client.ui.watchlist.watchlist_model import WatchlistModel
from client.ui.watchlist.watchlist_view import WatchlistView
from client.ui.widgets.status_line import StatusLine, dropped_words
from shared.protocol.messages import Status
from shared.settings import DeskSettings

_BEAT_MS: Final = 250
_NEW: Final = Workspace()
_AS_EVER: Final = DeskSettings()


class DeskLink(Watcher, Protocol):
    """What the desk needs of a `Link`."""

    def health(self) -> Health:
        """Return the state of the link now."""

    def glance(self, symbols: Iterable[str]) -> None:
        """Follow the maps of these tickers, and of no others but those that are watched."""

    def refresh(self) -> None:
        """Ask for all that is shown anew."""


class MainWindow(QMainWindow):
    """The main window; owns what the desk knows, and the windows of tickers.

    Attributes:
        table: All rows.
        watchlist: The list on screen.
        keeper: What the user arranged in it.
        tickers: The windows of tickers.
    """

    table: Table
    watchlist: WatchlistView
    keeper: ListKeeper
    tickers: TickerWindows

    def __init__(
        self,
        link: DeskLink,
        theme: Theme,
        workspace: Workspace = _NEW,
        settings: DeskSettings = _AS_EVER,
    ) -> None:
        super().__init__()
        self._link, self._theme = link, theme
        self.table = Table()
        self.table.absolute = settings.tint == "absolute"
        self.table.worth.wanted = settings.buy_from / 100
        self._model, self._buys = WatchlistModel(self.table), BuyLogModel(Buys(), self.table)
        self.watchlist = WatchlistView(self._model, theme)
        self.tickers = TickerWindows(self.watchlist, self.table, link, theme, self._freshness)
        self._legend = TintLegend(theme)
        self._top = TopBar(self._completions, self._fill_lists, self._legend)
        self._status = StatusLine(theme)
        self.keeper = ListKeeper(self._model, self.watchlist, self._top.lists, workspace)
        self.menus = ListMenus(self._model, self.watchlist, self.keeper, self._top.field.text)
        self._buy_view = BuyLogView(self._buys, theme)
        self._word = Word()
        self._told_model = ModelKeeper(self, self.table)
        lay_out(self, self._top, self.watchlist, self._buy_view, self._status)
        self._connect()
        self._beat = QTimer(self, interval=_BEAT_MS)
        self._beat.timeout.connect(self.beat)
        self._beat.start()
        self.beat()
        self.watchlist.setFocus()

    def apply(self, update: Update) -> None:
        """Show what is new; called at most 20 times a second."""
        first = not self.table.decided.any()
        self.table.apply(update)
        self._model.refresh(restarted=update.universe is not None)
        # The first values come into a list that stood in the universe's order: to hold that one
        # under the pointer would help nobody.
        if first and self.table.decided.any():
            self._model.arrange()
            self.keeper.restore_place()
        self._buys.take(update)
        strong, buys = (int(some.sum()) for some in (self.table.worth.strong, self.table.up_wins))
        self._top.show_counts(len(self.table), strong, buys - strong)
        if update.card is not None:
            self._legend.show_scale(self.table.scale)
            self.watchlist.heading.show_meaning(self.table.up_means)
        self._told_model.take(update)
        if update.status is not None:
            self._show_server(update.status)
        self.tickers.apply(update)
        self._word.take(update.status, now_ms(), restarted=update.restarted)
        self._word.saw(int(self.table.bar_ms.max(initial=0)))
        if update.status is not None or update.restarted or len(update.rows.index):
            self.beat()

    def open_ticker(self, symbol: str) -> None:
        """Open the window of a ticker, or bring it to the front."""
        self.tickers.open(symbol)

    def beat(self) -> None:
        """Show what changes by itself: ages, the clock and the state of the link."""
        fresh = self._freshness()
        universe = self.table.universe
        simulated = universe is not None and universe.simulated
        self._top.lists.show_counts(self.keeper.counts())
        self._top.show_market(simulated=simulated, played=fresh.played)
        self._status.show_freshness(fresh)
        self._status.show_remark(place_words(fresh, self.table.universe, now_ms()))
        self._model.market_ms = self._buys.market_ms = fresh.market_ms
        self._told_model.market_ms = fresh.market_ms
        for view in (self.watchlist, self._buy_view):
            view.set_stale(not fresh.current)
        hint = "No ticker matches" if len(self.table) else fresh.health.sentence
        self.watchlist.set_hint(hint)
        self.watchlist.refresh_ages()
        for window in self.tickers.every():
            window.show_freshness(fresh)

    def _freshness(self) -> Freshness:
        place = Place.of(self.table.universe)
        return freshness(self._link.health(), self._word, now_ms(), place)

    def _show_server(self, status: Status) -> None:
        words = server_words(status, self.table.universe, self._told_model.words)
        notes = (status.feed_error, status.feed_note, status.model_note, dropped_words(status))
        tip = "\n".join(filter(None, notes))
        self._status.show_server(words, tip)

    def _connect(self) -> None:
        self._top.field.typed.connect(self._filter)
        self._top.field.left.connect(self.watchlist.enter)
        self._legend.clicked.connect(self._change_scale)
        self._status.asked.connect(self._told_model.open)
        self.watchlist.opened.connect(self.open_ticker)
        self.watchlist.in_sight.connect(self._link.glance)
        self._buy_view.opened.connect(self.open_ticker)
        QShortcut(QKeySequence.StandardKey.Find, self, self._find)
        keys = {
            "F1": lambda: show_keys(front(self)),
            "F2": self._told_model.open,
            "F5": self._refresh,
            "F11": lambda: turn_full_screen(front(self)),
            "Ctrl+T": self._theme.toggle,
            "Ctrl+W": lambda: front(self).close(),
            "Ctrl+Q": self.close,
        }
        press_anywhere(self, keys)

    def _change_scale(self) -> None:
        self.table.absolute = not self.table.absolute
        self._legend.show_scale(self.table.scale)
        self.watchlist.viewport().update()
        for window in self.tickers.every():
            window.show_scale()

    def _filter(self, line: str) -> None:
        try:
            wanted, complaint = parse(line), ""
        except FilterError as e:
            wanted, complaint = e.rest, str(e)
        self._model.set_filter(wanted)
        self._top.complain(complaint)

    def _fill_lists(self, menu: QMenu) -> None:
        self.menus.fill(menu)

    def _completions(self, line: str) -> tuple[str, ...]:
        return completions(line, self.table)

    def _find(self) -> None:
        self._top.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._top.field.selectAll()

    def _refresh(self) -> None:
        self._link.refresh()
        self.watchlist.hold.release()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close the windows of all tickers, too."""
        self.tickers.close_all()
        self.menus.errands.finish()
        super().closeEvent(event)
