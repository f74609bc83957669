"""The stretch of time of a sub-command, and the labelled windows in it."""

import argparse

from models.bars import Rules
from models.card import Card
from models.dataset import Samples, collect
from models.table import BarTable, instant
from shared.contract import interval_seconds
from shared.errors import DataError, SettingsError


def add_span(parser: argparse.ArgumentParser) -> None:
    """Add the two ends of a stretch of time."""
    parser.add_argument(
        "--from", dest="since", default="", metavar="DATE", help="default: the bundle's test span"
    )
    parser.add_argument("--to", dest="until", default="", metavar="DATE", help="default: the end")


def read_span(args: argparse.Namespace, card: Card, table: BarTable) -> Samples:
    """Return the labelled windows whose label falls in the span of the arguments.

    Raises:
        DataError: The bars are of another interval, or no window is left.
        SettingsError: A date is not one, or the first is after the last.
    """
    if table.interval != card.interval:
        raise DataError(f"the bundle knows bars of {card.interval}, was {table.interval}")
    since_ms = round(card.spans.test.first.timestamp() * 1000)
    until_ms = int(table.bar_ms.max())
    if args.since:
        since_ms = instant(args.since, table.market)
    if args.until:
        until_ms = instant(args.until, table.market, last=True)
    if args.since and args.until and since_ms > until_ms:
        raise SettingsError(f"--from {args.since} is after --to {args.until}")
    rules = Rules(interval_s=interval_seconds(table.interval), jump_limit=card.jump_limit)
    samples, _ = collect(table, rules, card.label)
    within = samples.take((samples.target_ms >= since_ms) & (samples.target_ms <= until_ms))
    if len(within.label) == 0:
        raise DataError("no labelled window lies in that span, choose other dates")
    return within
