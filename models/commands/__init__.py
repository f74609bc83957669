"""The sub-commands of `tickerlens-models`, one file each; a new one is a file and a line below.

A file is loaded when its command is asked for, so that a card is printed without LightGBM, and
where that is not installed.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from shared.command_line import INTERRUPTED, new_parser
from shared.errors import TickerlensError
from shared.extras import needs
from shared.pipes import let_go_of_stdout
from shared.plain_text import plain_lines

_PROGRAM: Final = "tickerlens-models"
_COMMANDS: Final = {
    "look": "say what is understood of files of bars",
    "train": "train a network on bars and write a bundle",
    "evaluate": "judge a bundle beside baselines, with intervals, as an HTML report",
    "walk-forward": "refit on the way through a history and judge all that came next",
    "pool": "compare with LightGBM and logistic regression over several walk-forwards",
    "benchmark": "score a plan on labelled days of a published benchmark",
    "audit": "prove that nothing looks ahead, or say what does",
    "explain-check": "judge the explanations of a bundle: which are true, and how true",
    "errors": "show where a bundle is wrong, by what its reasons share",
    "inspect": "print the card of a bundle",
    "check": "say whether a bundle would be served, or why not",
}


def run(argv: Sequence[str] | None = None) -> int:
    """Run a sub-command and return the exit code; a known error is one sentence on stderr."""
    try:
        with needs("train"):
            args = _parse(sys.argv[1:] if argv is None else argv)
            sys.stdout.write(args.handler(args) + "\n")
    except TickerlensError as e:
        sys.stderr.write(f"{_PROGRAM}: {plain_lines(str(e))}\n")
        return e.exit_code
    except BrokenPipeError:
        return let_go_of_stdout()
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = new_parser(_PROGRAM, "Make models of bars, and show what they are worth.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, purpose in _COMMANDS.items():
        command = commands.add_parser(name, help=purpose)
        if name in words:
            import_module(f"models.commands.{name.replace('-', '_')}").register(command)
    return parser.parse_args(words)
