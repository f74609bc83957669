"""A picture of the list or of one ticker, made without a display."""

import sys
from contextlib import closing
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from client.clock import now_ms
from client.net.link import Link
from client.state.decision import PAST
from client.state.explained import WAITING
from client.state.inbox import Inbox
from client.state.workspace import Workspace
from client.ui.shell.bridge import Bridge
from client.ui.shell.main_window import MainWindow
from client.ui.theme.theme import Theme
from client.ui.ticker.export import Making, making
from client.ui.ticker.ticker_layout import USUAL_SIZE
from client.ui.ticker.ticker_window import TickerWindow
from client.ui.widgets import picture
from shared.errors import SettingsError, TickerlensError, UnavailableError
from shared.settings import DeskSettings

_LOOK_MS: Final = 100
PATIENCE_S: Final = 60.0


class Screenshot:
    """Waits for something to show, and makes a picture of it.

    Args:
        window: The desk.
        symbol: The ticker to show; empty for the list.
        kind: The suffix of the file.
    """

    def __init__(self, window: MainWindow, symbol: str, kind: str) -> None:
        self._window, self._symbol, self._kind = window, symbol, kind

    def look(self, *, patient: bool = True) -> Making | None:
        """Return what makes the file, once there is all to show.

        Args:
            patient: Whether a list waits for what its rows still lack.

        Raises:
            SettingsError: There is no such ticker, or kind of file.
        """
        table = self._window.table
        if not table.decided.any():
            return None
        if not self._symbol:
            return self._of_list(patient=patient)
        if self._symbol not in table.row_of:
            raise SettingsError(f"there is no ticker {self._symbol}")
        ticker = self._window.tickers.get(self._symbol)
        if ticker is None:
            self._window.open_ticker(self._symbol)
            # The screen that is not there has 800 pixels, which nobody meant.
            self._window.tickers[self._symbol].resize(USUAL_SIZE)
            return None
        if not _is_of_one_moment(ticker) or ticker.explained.attribution() == WAITING:
            return None
        return making(ticker, self._kind, now_ms())

    def missing(self) -> str:
        """Return what did not come, as a sentence without a full stop; empty without a server."""
        table, ticker = self._window.table, self._window.tickers.get(self._symbol)
        if not len(table) or table.past:
            return PAST if table.past else ""
        if ticker is None:
            return "no decision came on any ticker"
        why = ticker.explained.attribution()
        more = f": {why}" if isinstance(why, str) and why != WAITING else ""
        return f"no decision came whole on {self._symbol}{more}"

    def _of_list(self, *, patient: bool) -> Making | None:
        if self._kind != ".png":
            raise SettingsError(f"the list is written as .png, was {self._kind or 'no suffix'}")
        if patient and not self._window.watchlist.is_whole():
            return None
        image = picture.image_of(self._window)
        return lambda: picture.png_of(image)


def _is_of_one_moment(ticker: TickerWindow) -> bool:
    # Rows, maps and bars come in messages of their own; a fast replay is ahead in one of them.
    decision, series, table = ticker.explained.decision, ticker.series, ticker.table
    if decision is None or not len(series) or not len(series.decision_ms):
        return False
    newest_ms = int(table.bar_ms[table.row_of[ticker.symbol]])
    same_bar = int(series.bar_ms[-1]) == newest_ms
    return same_bar and int(series.decision_ms[-1]) == int(decision.bar_ms[-1])


def take_screenshot(
    link: Link, inbox: Inbox, settings: DeskSettings, path: Path, symbol: str
) -> int:
    """Write a picture, and return the exit code.

    Args:
        link: A link that is running.
        inbox: What the link fills.
        settings: How everything looks.
        path: The file; its suffix says which kind.
        symbol: The ticker to show; empty for the list.

    Raises:
        SettingsError: There is no such ticker, or kind of file.
        UnavailableError: There was nothing to show in time, or the file cannot be written.
    """
    app = QApplication(sys.argv[:1])
    window = MainWindow(link, Theme(settings, app), Workspace(), settings)
    shot = Screenshot(window, symbol, path.suffix.lower())
    found: list[Making | TickerlensError] = []

    def look(*, patient: bool = True) -> None:
        if found:  # an update may still come before the loop ends
            return
        try:
            made = shot.look(patient=patient)
        except TickerlensError as e:
            found.append(e)
        else:
            found.extend([] if made is None else [made])
        if found or not patient:
            app.quit()

    timer, patience = QTimer(interval=_LOOK_MS), QTimer(singleShot=True)
    timer.timeout.connect(look)
    patience.timeout.connect(lambda: look(patient=False))
    bridge = Bridge(inbox)
    bridge.updated.connect(window.apply)
    # A fast replay has moved on by the next look of the timer.
    bridge.updated.connect(lambda _: look())
    with closing(bridge):
        bridge.open()
        window.show()
        timer.start()
        patience.start(round(PATIENCE_S * 1000))
        app.exec()
        timer.stop()
        why = "; ".join(filter(None, (shot.missing(), link.health().sentence)))
        window.close()
    return written(path, found, why)


def written(path: Path, found: list[Making | TickerlensError], why: str) -> int:
    """Write what was made, and return the exit code.

    Args:
        path: The file.
        found: What makes it, or why nothing does; empty where nothing came in time.
        why: What did not come, and what the link says of itself.

    Raises:
        TickerlensError: There is nothing to write, or it cannot be written.
    """
    if not found:
        raise UnavailableError(f"there was nothing to show in {PATIENCE_S:.0f} s: {why}")
    (made,) = found
    if isinstance(made, TickerlensError):
        raise made
    try:
        path.write_bytes(made())
    except OSError as e:
        raise UnavailableError(f"{path} cannot be written: {e.strerror or e}") from e
    return 0
