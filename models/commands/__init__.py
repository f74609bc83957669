"""The sub-commands of `tickerlens-models`, one file each; a new one is a file and a line below."""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from models.commands import (
    audit,
    benchmark,
    errors,
    evaluate,
    explain_check,
    inspect,
    pool,
    train,
    walk_forward,
)
from shared.errors import TickerlensError

_INTERRUPTED: Final = 130
_COMMANDS: Final = (
    train,
    evaluate,
    walk_forward,
    pool,
    benchmark,
    audit,
    explain_check,
    errors,
    inspect,
)


def run(argv: Sequence[str] | None = None) -> int:
    """Run a sub-command and return the exit code; a known error is one sentence on stderr."""
    parser = argparse.ArgumentParser(
        prog="tickerlens-models", description="Make models of bars, and show what they are worth."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for command in _COMMANDS:
        command.register(commands)
    args = parser.parse_args(argv)
    try:
        sys.stdout.write(args.handler(args) + "\n")
    except TickerlensError as e:
        sys.stderr.write(f"tickerlens-models: {e}\n")
        return e.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0
