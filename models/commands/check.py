"""`tickerlens-models check`: whether a bundle would be served, or why not."""

import argparse

from models.bundles.bundle import load_bundle
from models.bundles.files import find_bundle
from models.bundles.verdicts import read_verdicts


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the sub-command."""
    parser.description = (
        "Read a bundle as the server does: sizes, card, weights, and what the network answers. "
        "Exit code 65 says that it is refused, 66 that a file cannot be read, 69 that it needs a "
        "package that is not installed or fails."
    )
    parser.add_argument("bundle", help="name of a shipped bundle, or a folder")
    parser.set_defaults(handler=_check)


def _check(args: argparse.Namespace) -> str:
    folder = find_bundle(args.bundle)
    bundle, verdicts = load_bundle(str(folder)), read_verdicts(folder)
    card = bundle.card
    checked = f"{len(verdicts)} explanations checked" if verdicts else "no explanation checked"
    return (
        f"{bundle.model_id} fits: {card.network.kind}, bars of {card.interval}, "
        f"market {card.market}, features {card.feature_set}, {checked}"
    )
