"""The command `tickerlens-server`."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from server.feeds.settings import SETTINGS as FEEDS
from shared.command_line import INTERRUPTED, new_parser
from shared.errors import TickerlensError
from shared.extras import needs
from shared.pipes import let_go_of_stdout
from shared.plain_text import plain_lines, plain_text
from shared.settings import ServerSettings
from shared.settings_flags import add_plugin_settings, add_settings, given, given_to_plugin

if TYPE_CHECKING:
    from server.choices import ChosenPlugins

_PROGRAM = "tickerlens-server"
# What numpy multiplies with, by the name of who made it; each reads its own as it is loaded.
_THREADS: Final = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    words = sys.argv[1:] if argv is None else argv
    try:
        if words[:1] == ["keys"]:
            _keys(words[1:])
        elif words[:1] == ["journal"]:
            _journal(words[1:])
        elif words[:1] == ["doctor"]:
            _doctor(words[1:])
        elif words[:1] == ["model"]:
            _model(words[1:])
        else:
            _run(_parser().parse_args(words))
    except TickerlensError as e:
        sys.stderr.write(f"{_PROGRAM}: {plain_lines(str(e))}\n")
        return e.exit_code
    except BrokenPipeError:
        return let_go_of_stdout()
    except KeyboardInterrupt:
        return INTERRUPTED  # while starting only, later the server just stops
    return 0


def _keys(words: Sequence[str]) -> None:
    from server.locks.commands import run

    sys.stdout.write(run(words) + "\n")


def _journal(words: Sequence[str]) -> None:
    with needs("server"):
        from server.journal.commands import run

        for line in run(words):
            sys.stdout.write(plain_text(line) + "\n")


def _doctor(words: Sequence[str]) -> None:
    with needs("server"):
        from server.doctor import run

        for line in run(words):
            sys.stdout.write(plain_text(line) + "\n")


def _model(words: Sequence[str]) -> None:
    with needs("server"):
        from server.swap.commands import run

        sys.stdout.write(plain_text(run(words)) + "\n")


def _run(args: argparse.Namespace) -> None:
    # A block of windows is too small to share: threads would wait for each other on a busy core.
    for name in _THREADS:
        os.environ.setdefault(name, "1")
    # Not above: `--help` asks for none of it.
    from server.choices import choose
    from shared.settings_layers import load, show

    flags = given(args, ServerSettings)
    settings, origins = load("server", ServerSettings, flags, file=args.config)
    choices = choose(settings, given_to_plugin(args, "feed"), file=args.config)
    if args.show_settings:
        tables = [chosen.shown() for chosen in (choices.feed, *choices.alerts)]
        sys.stdout.write("\n".join([show("server", settings, origins), *tables, ""]))
    else:
        _serve(settings, choices, args)


def _serve(settings: ServerSettings, choices: "ChosenPlugins", args: argparse.Namespace) -> None:
    # torch takes a second to import, and none of it is there without the extra; pandas is loaded
    # with the first feed that needs it.
    with needs("server"):
        from server import daemon, logs

        logs.configure(settings.log_format, settings.log_level)
        daemon.run(
            settings,
            choices,
            stop_with_parent=args.stop_with_parent,
            keys_from_parent=args.keys_from_parent,
        )


def _parser() -> argparse.ArgumentParser:
    parser = new_parser(
        _PROGRAM,
        "Score and explain a whole market, and say so over ZeroMQ.",
        "`tickerlens-server keys --help`: who may connect from elsewhere, and with which keys. "
        "`tickerlens-server journal --help`: what was said, and why. "
        "`tickerlens-server doctor --help`: whether a live source can be played. "
        "`tickerlens-server model --help`: another model, while it runs. "
        "docs/operation.md has more.",
    )
    add_settings(parser, "server", ServerSettings)
    add_plugin_settings(parser, "feed", FEEDS)
    parser.add_argument("--stop-with-parent", action="store_true", help="stop when stdin ends")
    parser.add_argument(
        "--keys-from-parent",
        action="store_true",
        help="let in only who has the keys that the first line of stdin tells of",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
