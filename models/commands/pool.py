"""`tickerlens-models pool`: what several walk-forwards say together."""

import argparse
from pathlib import Path

from models.commands.progress import steps
from models.evaluation.report import page
from models.evaluation.walk_forward.pool import pool, read_contest
from models.reporting.html import write


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the sub-command."""
    parser.description = "Pool finished walk-forwards; docs/evaluation.md says how to read it."
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder of a run")
    parser.add_argument(
        "--out", type=Path, default=Path("pool.html"), metavar="FILE", help="default %(default)s"
    )
    parser.add_argument(
        "--note", dest="notes", action="append", default=[], metavar="TEXT", help="for the report"
    )
    parser.set_defaults(handler=_pool)


def _pool(args: argparse.Namespace) -> str:
    with steps() as under_way:
        under_way.show("reading runs")
        contests = [read_contest(path, name) for name, path in _named(args.runs).items()]
        under_way.show("resampling days")
        report = pool(contests, args.notes)
        beside = write(page.pool_html(report), report, args.out)
    return f"{page.pool_terminal(report)}\n\n{args.out} and {beside}"


def _named(paths: list[Path]) -> dict[str, Path]:
    # By the name of the folder, or all of the path where two have the same.
    found = list(dict.fromkeys(path.resolve() for path in paths))
    names = [path.name for path in found]
    return {path.name if names.count(path.name) == 1 else str(path): path for path in found}
