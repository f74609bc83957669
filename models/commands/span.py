"""The stretch of time of a sub-command, and the labelled windows in it."""

import argparse

from models.bundles.bundle import Bundle
from models.data.table import BarTable
from models.evaluation.dated import bounds, samples_for, within
from models.training.dataset import Samples


def add_span(parser: argparse.ArgumentParser) -> None:
    """Add the two ends of a stretch of time."""
    parser.add_argument(
        "--from", dest="since", default="", metavar="DATE", help="default: the bundle's test span"
    )
    parser.add_argument("--to", dest="until", default="", metavar="DATE", help="default: the end")


def read_span(args: argparse.Namespace, bundle: Bundle, table: BarTable) -> Samples:
    """Return the labelled windows whose label falls in the span of the arguments.

    Raises:
        DataError: The bars are of another interval, or no window is left.
        SettingsError: A date is not one, or the first is after the last.
    """
    samples = samples_for(bundle, table)
    return samples.take(within(samples, *bounds(bundle.card, table, args.since, args.until)))
