"""The windows of tickers: opened, brought to the front, led through the list, and closed."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget

from client.clock import now_ms
from client.state.freshness import Freshness
from client.state.table import Table
from client.state.update import Update
from client.state.watch_shares import WatchShares
from client.state.watcher import Watcher
from client.ui.theme.theme import Theme
from client.ui.ticker.export import Exporter
from client.ui.ticker.ticker_window import TickerWindow
from client.ui.watchlist.watchlist_view import WatchlistView
from shared.explaining import OfferedMethod
from shared.features import UNNAMED

_FOLLOW_MS: Final = 120  # while an arrow key is held down, no ticker on the way is asked for


class TickerWindows(Mapping[str, TickerWindow]):
    """The open windows by ticker, and the linked one, which may show the same as one of them.

    Args:
        watchlist: The list that is gone through.
        table: All rows.
        link: Who is told which tickers are looked at.
        theme: The colors.
        fresh: What tells the state of link and data.

    Attributes:
        linked: The window that follows the list's selection; None without one.
    """

    linked: TickerWindow | None

    def __init__(
        self,
        watchlist: WatchlistView,
        table: Table,
        link: Watcher,
        theme: Theme,
        fresh: Callable[[], Freshness],
    ) -> None:
        self._list, self._table, self._theme, self._fresh = watchlist, table, theme, fresh
        self._shares = WatchShares(link)
        self._windows: dict[str, TickerWindow] = {}
        self.linked = None
        self._methods: tuple[OfferedMethod, ...] = ()
        self._features = UNNAMED
        self._following = QTimer(watchlist, singleShot=True, interval=_FOLLOW_MS)
        self._following.timeout.connect(self._follow)
        watchlist.chose.connect(self._following.start)

    def __getitem__(self, symbol: str) -> TickerWindow:
        return self._windows[symbol]

    def __iter__(self) -> Iterator[str]:
        return iter(self._windows)

    def __len__(self) -> int:
        return len(self._windows)

    def every(self) -> list[TickerWindow]:
        """Return all windows, the linked one too."""
        return [*self._windows.values(), *([] if self.linked is None else [self.linked])]

    def apply(self, update: Update) -> None:
        """Show what is new in every window, and in those that will be opened."""
        if update.card is not None:
            self._features = update.card.features
        self._methods = update.methods or self._methods
        for window in self.every():
            window.apply(update)

    def open(self, symbol: str) -> None:
        """Open the window of a ticker, or bring it to the front."""
        window = self._windows.get(symbol)
        if window is None:
            window = self._windows[symbol] = self._made(symbol)
            window.show()
        _bring_to_front(window)

    def link(self, window: TickerWindow, *, linked: bool) -> None:
        """Let a window follow the list's selection in place of the one that did, or no longer."""
        if linked:
            del self._windows[window.symbol]
            self._unlink()
            self.linked = window
            self._follow()
        elif window is self.linked:
            self._unlink()
        window.show_linked(linked=window is self.linked)

    def step(self, window: TickerWindow, rows: int) -> None:
        """Let a window show the ticker so many rows further in the list, as far as there are any.

        What another window shows is passed over. The linked one takes the list's selection along.
        """
        taken = () if window is self.linked else self._windows
        symbol = self._list.beside(window.symbol, rows, taken)
        if symbol and window is self.linked:
            self._list.go_to(symbol)
            self._follow()
        elif symbol:
            del self._windows[window.symbol]
            self._windows[symbol] = window
            window.show_ticker(symbol)

    def close_all(self) -> None:
        """Close every window."""
        for window in self.every():
            window.close()

    def _made(self, symbol: str) -> TickerWindow:
        window = TickerWindow(
            symbol, self._table, self._shares.share(), self._theme, self._methods, self._features
        )
        window.closed.connect(lambda: self._forget(window))
        window.stepped.connect(lambda rows: self.step(window, rows))
        window.link_wanted.connect(lambda linked: self.link(window, linked=linked))
        exporter = Exporter(window)
        exporter.told.connect(window.status.show_remark)
        window.export_wanted.connect(lambda: exporter.ask(now_ms()))
        window.show_freshness(self._fresh())
        return window

    def _follow(self) -> None:
        symbol = self._list.chosen()
        if self.linked is not None and symbol:
            self.linked.show_ticker(symbol)

    def _unlink(self) -> None:
        # It keeps its ticker, and takes the place of another window of the same.
        window, self.linked = self.linked, None
        if window is not None:
            window.show_linked(linked=False)
            if window.symbol in self._windows:
                self._windows[window.symbol].close()
            self._windows[window.symbol] = window

    def _forget(self, window: TickerWindow) -> None:
        if window is self.linked:
            self.linked = None
        elif self._windows.get(window.symbol) is window:
            del self._windows[window.symbol]


def _bring_to_front(window: QWidget) -> None:
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()
