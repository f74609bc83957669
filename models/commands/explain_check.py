"""`tickerlens-models explain-check`: which explanations of a bundle are true, and how true."""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from models.bundles.bundle import load_bundle
from models.bundles.files import find_bundle
from models.bundles.verdicts import VERDICTS_FILE
from models.commands.arguments import add_data, read_data
from models.commands.span import add_span, read_span
from models.evaluation.explanations.check import Progress as Tell
from models.evaluation.explanations.check import check
from models.evaluation.explanations.page import check_html, check_text
from models.evaluation.explanations.record import ExplanationCheck
from models.evaluation.explanations.subject import subject
from models.reporting.html import write
from models.reporting.json import write_json
from shared.errors import SettingsError


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the sub-command."""
    parser.add_argument("bundle", help="name of a shipped bundle, or a folder")
    add_data(parser)
    add_span(parser)
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a page, and JSON")
    parser.add_argument(
        "--windows", type=int, default=1000, help="how many are explained; default %(default)s"
    )
    parser.add_argument(
        "--save", action="store_true", help=f"keep the verdicts in the bundle, as {VERDICTS_FILE}"
    )
    parser.set_defaults(handler=_explain_check)


def _explain_check(args: argparse.Namespace) -> str:
    if args.windows < 1:
        raise SettingsError(f"--windows must be at least 1, was {args.windows}")
    bundle = load_bundle(args.bundle)
    bars = read_data(args)
    samples = read_span(args, bundle, bars.table)
    torch.set_num_threads(1)  # the steps are too small to share
    with _progress() as tell:
        asked = subject(bundle, samples, bars.table.market, args.windows)
        found = check(asked, tuple(Path(path).name for path in args.data), tell, bars.reading)
    lines = [check_text(found)]
    if args.report is not None:
        beside = write(check_html(found), found, args.report)
        lines.append(f"\n{args.report} and {beside}")
    if args.save:
        lines.append(f"\nkept: {_save(found, args.bundle)}")
    return "\n".join(lines)


@contextlib.contextmanager
def _progress() -> Iterator[Tell]:
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("reading")

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield tell


def _save(found: ExplanationCheck, name_or_folder: str) -> Path:
    path = find_bundle(name_or_folder) / VERDICTS_FILE
    write_json(found, path)
    return path
