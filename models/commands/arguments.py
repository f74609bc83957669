"""Arguments that several sub-commands take, and the bars they name."""

import argparse

from models.data.sources import read_table
from models.data.table import BarTable, join
from shared.markets import MARKETS


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the sources of bars, and how to read them."""
    parser.add_argument("data", nargs="+", help="Parquet file, CSV file or folder of CSV files")
    parser.add_argument("--market", choices=["auto", *MARKETS], default="auto")
    parser.add_argument(
        "--stamp", choices=["open", "close"], default="open", help="what intraday times mean"
    )


def read_data(args: argparse.Namespace) -> BarTable:
    """Return the bars that the arguments of `add_data` name.

    Raises:
        InputMissingError: A file does not exist or cannot be opened.
        DataError: A file is not what it must be, or the sources do not belong together.
    """
    return join([read_table(path, market=args.market, stamp=args.stamp) for path in args.data])
