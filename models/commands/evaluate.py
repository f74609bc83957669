"""`tickerlens-models evaluate`: what a bundle is worth on a span of bars."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
import torch

from models.bundles.bundle import Bundle, load_bundle, replace_card
from models.bundles.card import CARD_VERSION
from models.bundles.files import find_bundle
from models.commands.arguments import add_data, read_data
from models.commands.progress import steps
from models.commands.span import add_span
from models.data.table import BarTable
from models.evaluation.bundle_span import SpanRequest, subject_of
from models.evaluation.dated import samples_for
from models.evaluation.metrics.backtest import COST_BPS
from models.evaluation.report import page
from models.evaluation.report.compose import compose
from models.evaluation.report.judged_skill import skill_card
from models.evaluation.report.records import Report
from models.reporting.html import write
from models.training.confidences import confidences_in
from shared.errors import SettingsError

_MOST_BPS: Final = 1000.0


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the sub-command."""
    parser.description = "Judge a bundle on a span of bars; docs/evaluation.md says how to read it."
    parser.add_argument("bundle", help="name of a shipped bundle, or a folder")
    add_data(parser)
    add_span(parser)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("evaluation.html"),
        metavar="FILE",
        help="default %(default)s",
    )
    add_terms(parser)
    parser.add_argument(
        "--trials", type=int, metavar="N", help="configurations tried; default: the card's"
    )
    parser.add_argument(
        "--save",
        action="store_true",
        help="keep in the card how its confidences are spread and, of its test span, its skill",
    )
    parser.set_defaults(handler=_evaluate)


def add_terms(parser: argparse.ArgumentParser) -> None:
    """Add what a report assumes and says."""
    parser.add_argument(
        "--cost-bps",
        type=float,
        default=COST_BPS,
        metavar="X",
        help="of each side of a trade, in hundredths of a percent; default %(default)s",
    )
    parser.add_argument(
        "--note",
        dest="notes",
        action="append",
        default=[],
        metavar="TEXT",
        help="for the report, such as earlier looks at these days; may be repeated",
    )


def check_terms(args: argparse.Namespace) -> None:
    """Refuse costs and trials that no market and no one has.

    Raises:
        SettingsError: One is out of range.
    """
    if not 0 <= args.cost_bps <= _MOST_BPS:
        raise SettingsError(f"--cost-bps must be within 0 and {_MOST_BPS:g}, was {args.cost_bps}")
    if args.trials is not None and args.trials < 1:
        raise SettingsError(f"--trials must be at least 1, was {args.trials}")


def _evaluate(args: argparse.Namespace) -> str:
    check_terms(args)
    bundle = load_bundle(args.bundle)
    wanted = SpanRequest(
        since=args.since,
        until=args.until,
        cost_bps=args.cost_bps,
        trials=args.trials,
        notes=tuple(args.notes),
        sources=tuple(Path(path).name for path in args.data),
    )
    torch.set_num_threads(1)  # LightGBM's OpenMP beside it
    with steps() as under_way:
        under_way.show("reading bars")
        bars = read_data(args)
        if args.save:
            bundle = _with_confidences(bundle, bars.table)
        subject = subject_of(bundle, bars.table, wanted, under_way.show)
        under_way.show("resampling days")
        report = compose(replace(subject, reading=bars.reading))
        beside = write(page.html(report), report, args.out)
        kept = f"\nkept: {_save(bundle, report, args.bundle)}" if args.save else ""
    return f"{page.terminal(report)}\n\n{args.out} and {beside}{kept}"


def _with_confidences(bundle: Bundle, table: BarTable) -> Bundle:
    found = confidences_in(bundle.card, bundle.network, samples_for(bundle, table))
    card = msgspec.structs.replace(bundle.card, version=CARD_VERSION, confidence=found)
    return replace(bundle, card=card)


def _save(bundle: Bundle, report: Report, name_or_folder: str) -> Path:
    card = bundle.card
    kept = msgspec.structs.replace(card, skill=skill_card(report, card) or card.skill)
    return replace_card(find_bundle(name_or_folder), kept)
