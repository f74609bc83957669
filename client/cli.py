"""The command line of the desk: flags, settings, and which face to show."""

import argparse
import contextlib
import importlib.metadata
import importlib.util
import logging
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from client.display import require_display
from client.log_files import log_file
from client.net.endpoints import endpoints_of
from client.net.link import Link
from client.state.inbox import Inbox
from shared import settings
from shared.errors import TickerlensError, UnavailableError
from shared.settings import DeskSettings

log = logging.getLogger(__name__)

_SETTINGS: Final = ("connect", "requests", "theme", "palette")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the desk and return its exit code; `argv` is without the program's name."""
    try:
        return _run(_parser().parse_args(argv))
    except TickerlensError as e:
        sys.stderr.write(f"tickerlens: {e}\n")
        return e.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tickerlens",
        description="Shows which tickers a model would buy, and why.",
    )
    add = parser.add_argument
    add("--connect", metavar="ENDPOINT", help="what the server publishes: tcp://HOST:PORT")
    add("--requests", metavar="ENDPOINT", help="where it answers; without it the next port")
    add("--terminal", action="store_true", help="show a live table in this terminal, no window")
    add("--theme", choices=("auto", "dark", "light"))
    add("--palette", choices=("auto", "korean", "western", "colour-blind"))
    add("--config", type=Path, metavar="FILE", help="settings file, instead of the user's own")
    add("--show-settings", action="store_true", help="print settings and their origins, and leave")
    add("--version", action="store_true", help="print the version, and leave")
    return parser


def _run(args: argparse.Namespace) -> int:
    if args.version:
        sys.stdout.write(f"tickerlens {_version()}\n")
        return 0
    flags = {name: getattr(args, name) for name in _SETTINGS}
    desk, origins = settings.load("desk", DeskSettings, flags, file=args.config)
    if args.show_settings:
        sys.stdout.write(settings.show("desk", desk, origins) + "\n")
        return 0
    inbox = Inbox()
    link = Link(endpoints_of(desk), inbox)
    face = _terminal if args.terminal else _desk
    return face(link, inbox, desk)


def _version() -> str:
    try:
        return importlib.metadata.version("tickerlens")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def _terminal(link: Link, inbox: Inbox, desk: DeskSettings) -> int:
    if importlib.util.find_spec("rich") is None:
        how = 'python -m pip install "tickerlens[terminal]"'
        raise UnavailableError(f"--terminal needs the package rich: {how}")
    from client.terminal import run_terminal

    _log_to_file()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _running(link):
        return run_terminal(link, inbox, desk)


def _desk(link: Link, inbox: Inbox, desk: DeskSettings) -> int:
    require_display()
    try:
        from client.ui.shell.app import run_desk
    except ImportError as e:
        way_out = "tickerlens --terminal shows the same in a terminal"
        raise UnavailableError(f"Qt cannot be loaded: {e}; {way_out}") from e
    _log_to_file(logging.StreamHandler())
    with _running(link):
        return run_desk(link, inbox, desk)


@contextlib.contextmanager
def _running(link: Link) -> Iterator[None]:
    link.start()
    try:
        yield
    finally:
        link.stop()


def _log_to_file(*others: logging.Handler) -> None:
    file = logging.FileHandler(log_file("desk.log"), mode="w", encoding="utf-8")
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.WARNING, format=form, handlers=[file, *others])
    threading.excepthook = _log_defect


def _log_defect(args: threading.ExceptHookArgs) -> None:
    # On stderr it would be lost, or stand in the middle of the table.
    log.critical("a defect of ours in %s", args.thread, exc_info=args.exc_value)
