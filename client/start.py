"""From settings to a desk that runs: its link, its log, and which face it shows."""

import contextlib
import importlib
import logging
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from client.display import require_display
from client.log_files import log_handler
from client.net.endpoints import endpoints_of
from client.net.link import Link
from client.state.inbox import Inbox
from shared.errors import UnavailableError
from shared.extras import needs
from shared.log_limit import LogLimit
from shared.settings import DeskSettings

log = logging.getLogger(__name__)

_QT: Final = ("PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets")


def start(settings: DeskSettings, *, terminal: bool) -> int:
    """Run the desk until it is closed, and return its exit code.

    Args:
        settings: All that can be set.
        terminal: Whether it is shown in the terminal, without a window.

    Raises:
        SettingsError: An endpoint is not one to connect to.
        UnavailableError: There is no display, or a package or library is missing.
    """
    inbox = Inbox()
    link = Link(endpoints_of(settings), inbox)
    face = _terminal if terminal else _window
    return face(link, inbox, settings)


def start_screenshot(settings: DeskSettings, path: Path, symbol: str) -> int:
    """Write a picture of the list or of a ticker, without a display, and return the exit code.

    Args:
        settings: All that can be set.
        path: The file.
        symbol: The ticker; empty for the list.

    Raises:
        SettingsError: An endpoint is not one to connect to, or there is no such ticker or kind.
        UnavailableError: There was nothing to show, or a package or library is missing.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    # Which says with each window what it cannot do.
    os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
    _require_qt()
    from client.ui.shell.screenshot import take_screenshot

    inbox = Inbox()
    link = Link(endpoints_of(settings), inbox)
    _log_to_file(logging.StreamHandler())
    with _running(link):
        return take_screenshot(link, inbox, settings, path, symbol)


def _terminal(link: Link, inbox: Inbox, settings: DeskSettings) -> int:
    with needs("terminal"):
        from client.terminal.live import run_terminal
    _log_to_file()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _running(link):
        return run_terminal(link, inbox, settings)


def _window(link: Link, inbox: Inbox, settings: DeskSettings) -> int:
    require_display()
    _require_qt()
    from client.ui.shell.app import run_desk

    _log_to_file(logging.StreamHandler())
    with _running(link):
        return run_desk(link, inbox, settings)


def _require_qt() -> None:
    # Qt by itself, so that what fails to load here is Qt's and not ours.
    try:
        for name in _QT:
            importlib.import_module(name)
    except ImportError as e:
        way_out = "tickerlens --terminal shows the same in a terminal"
        raise UnavailableError(f"Qt cannot be loaded: {e}; {way_out}") from e


@contextlib.contextmanager
def _running(link: Link) -> Iterator[None]:
    link.start()
    try:
        yield
    finally:
        link.stop()


def _log_to_file(*others: logging.Handler) -> None:
    handlers = [log_handler("desk.log"), *others]
    for handler in handlers:
        handler.addFilter(LogLimit())
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.WARNING, format=form, handlers=handlers)
    threading.excepthook = _log_defect


def _log_defect(args: threading.ExceptHookArgs) -> None:
    # On stderr it would be lost, or stand in the middle of the table.
    log.critical("a defect of ours in %s", args.thread, exc_info=args.exc_value)
