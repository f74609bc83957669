"""`tickerlens-models errors`: where a bundle is wrong, and what its reasons share there."""

import argparse
from pathlib import Path

import torch

from models.bundles.bundle import load_bundle
from models.commands.arguments import add_data, read_data
from models.commands.progress import steps
from models.commands.span import add_span, read_span
from models.evaluation.explanations.error_report import find_mistakes
from models.evaluation.explanations.page import mistakes_html, mistakes_text
from models.reporting.html import write


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the sub-command."""
    parser.add_argument("bundle", help="name of a shipped bundle, or a folder")
    add_data(parser)
    add_span(parser)
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a page, and JSON")
    parser.set_defaults(handler=_errors)


def _errors(args: argparse.Namespace) -> str:
    bundle = load_bundle(args.bundle)
    torch.set_num_threads(1)  # scikit-learn's OpenMP beside it
    with steps() as under_way:
        under_way.show("reading bars")
        bars = read_data(args)
        samples = read_span(args, bundle, bars.table)
        under_way.show("grouping errors")
        data = tuple(Path(path).name for path in args.data)
        found = find_mistakes(bundle, samples, bars.table, data, bars.reading)
        text = mistakes_text(found.report)
        if args.report is None:
            return text
        under_way.show("drawing")
        beside = write(mistakes_html(found), found.report, args.report)
    return f"{text}\n\n{args.report} and {beside}"
