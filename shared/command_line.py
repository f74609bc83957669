"""What the command lines of all programs have in common."""

import argparse
from typing import Final

from shared.version import VERSION

INTERRUPTED: Final = 130  # as a shell says of a program that Ctrl-C ended


def new_parser(program: str, description: str, epilog: str = "") -> argparse.ArgumentParser:
    """Return a parser that knows `--help` and `--version`.

    Args:
        program: Its name.
        description: What it does.
        epilog: What stands below its flags.
    """
    parser = argparse.ArgumentParser(prog=program, description=description, epilog=epilog)
    parser.add_argument("--version", action="version", version=f"{program} {VERSION}")
    return parser
