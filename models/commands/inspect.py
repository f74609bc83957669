"""`tickerlens-models inspect`: the card of a bundle as a page."""

import argparse

from models.bundle import load_bundle
from models.commands.arguments import SubParsers
from models.report import describe


def register(commands: SubParsers) -> None:
    """Add the sub-command and its arguments."""
    parser = commands.add_parser("inspect", help="print the card of a bundle")
    parser.add_argument("bundle", help="name of a shipped bundle, or a folder")
    parser.set_defaults(handler=_inspect)


def _inspect(args: argparse.Namespace) -> str:
    return describe(load_bundle(args.bundle).card)
