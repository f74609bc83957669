"""`tickerlens-models look`: what is understood of files of bars, before anything is learned."""

import argparse
import sys
from pathlib import Path

import msgspec

from models.commands.arguments import add_data, read_data
from models.data.sources.reading import FileReading
from models.reporting.html import write
from shared.errors import DataError, InputMissingError


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the sub-command."""
    parser.description = "Say what is understood of files of bars; docs/sources.md lists shapes."
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write a page with a picture of the coverage"
    )
    parser.set_defaults(handler=_look)


def _look(args: argparse.Namespace) -> str:
    try:
        bars = read_data(args)
    except (DataError, InputMissingError) as e:
        # What was asked for is what is understood, and a refusal is an answer.
        sys.stdout.write(_said(FileReading(refused=str(e)), as_json=args.json) + "\n")
        raise
    if args.html is not None:
        # matplotlib takes a second to import.
        from models.reporting.coverage import coverage_page

        write(coverage_page(bars.table, bars.reading), bars.reading, args.html)
    return _said(bars.reading, as_json=args.json)


def _said(reading: FileReading, *, as_json: bool) -> str:
    if as_json:
        return msgspec.json.encode(reading).decode()
    return "\n".join(reading.lines())
