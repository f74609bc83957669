"""The command line of the desk: flags and settings."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from shared.command_line import new_parser
from shared.errors import SettingsError, TickerlensError
from shared.plain_text import plain_lines
from shared.settings import DeskSettings
from shared.settings_flags import add_settings, given

_PROGRAM: Final = "tickerlens"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the desk and return its exit code; `argv` is without the program's name."""
    args = _parser().parse_args(argv)
    try:
        return _run(args)
    except TickerlensError as e:
        sys.stderr.write(f"{_PROGRAM}: {plain_lines(str(e))}\n")
        return e.exit_code


def _run(args: argparse.Namespace) -> int:
    # Not above: `--help` asks for none of it, and the settings for no numpy and no zmq.
    from shared.settings_layers import load, show

    desk, origins = load("desk", DeskSettings, given(args, DeskSettings), file=args.config)
    if args.show_settings:
        sys.stdout.write(show("desk", desk, origins) + "\n")
        return 0
    from client.start import start

    if args.ticker and args.screenshot is None:
        raise SettingsError("--ticker says of whom a --screenshot is, which is missing")
    if args.screenshot is not None:
        from client.start import start_screenshot

        return start_screenshot(desk, args.screenshot, args.ticker)
    return start(desk, terminal=args.terminal)


def _parser() -> argparse.ArgumentParser:
    parser = new_parser(_PROGRAM, "Shows which tickers a model would buy, and why.")
    add_settings(parser, "desk", DeskSettings)
    parser.add_argument(
        "--terminal", action="store_true", help="show a live table in this terminal, no window"
    )
    parser.add_argument(
        "--screenshot", type=Path, metavar="FILE", help="write a picture of the list, and leave"
    )
    parser.add_argument(
        "--ticker", default="", help="with --screenshot: of this ticker; .png, .svg, .pdf or .csv"
    )
    return parser
