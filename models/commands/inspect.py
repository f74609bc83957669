"""`tickerlens-models inspect`: the card of a bundle as a page."""

import argparse

from models.bundles.bundle import load_bundle
from models.reporting.card_page import describe


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the sub-command."""
    parser.add_argument("bundle", help="name of a shipped bundle, or a folder")
    parser.set_defaults(handler=_inspect)


def _inspect(args: argparse.Namespace) -> str:
    return describe(load_bundle(args.bundle).card)
