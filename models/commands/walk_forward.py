"""`tickerlens-models walk-forward`: fit again and again on the way through a history."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import torch

from models.commands.arguments import add_data, read_data
from models.commands.evaluate import add_terms, check_terms
from models.commands.progress import counted, steps
from models.data.features import registry
from models.data.table import BarTable
from models.evaluation.parallel import cores, do_all
from models.evaluation.report import page
from models.evaluation.report.compose import compose
from models.evaluation.walk_forward.fold_tasks import FoldTask, FoldWork, tasks_of
from models.evaluation.walk_forward.folds import plan_folds, spans_of
from models.evaluation.walk_forward.run_folder import (
    REPORT_FILE,
    RunFolder,
    WalkForwardCard,
    open_run,
)
from models.evaluation.walk_forward.walk import subject_of, walk
from models.networks.kinds import network_names
from models.reporting.html import write
from models.training.dataset import Samples, collect, gap_for
from models.training.plan import Plan, read_plan
from shared.contract import interval_seconds
from shared.errors import SettingsError


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the sub-command."""
    parser.description = (
        "Walk through a history, resumable; docs/evaluation.md says how to read it."
    )
    add_data(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="folder of the run")
    parser.add_argument("--config", type=Path, help="TOML file of the plan, as for train")
    parser.add_argument("--name", help="for the report; the folder's name unless given")
    parser.add_argument("--network", choices=sorted(network_names()), help="default cnn1d")
    parser.add_argument("--features", metavar="SET", help="feature set; default price_volume")
    parser.add_argument("--to", dest="until", default="", metavar="DATE", help="leave later bars")
    parser.add_argument(
        "--folds", type=int, metavar="N", help="of equal length; default: by year, or 5"
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        default=cores(),
        help="processes; default %(default)s",
    )
    parser.add_argument(
        "--trials", type=int, metavar="N", help="configurations tried; default: the plan's"
    )
    add_terms(parser)
    parser.set_defaults(handler=_walk_forward)


def _walk_forward(args: argparse.Namespace) -> str:
    check_terms(args)
    if args.workers < 1:
        raise SettingsError(f"--workers must be at least 1, was {args.workers}")
    plan = read_plan(args.config, _flags(args), args.out.resolve().name)
    torch.set_num_threads(1)
    with steps() as under_way:
        under_way.show("reading bars")
        bars = read_data(args)
        table = bars.table.until(args.until) if args.until else bars.table
        samples = _samples(table, plan)
        card = _card(table, samples, plan, args)
    folder = open_run(args.out, card)
    _fit_missing(FoldWork(card=card, samples=samples, folder=args.out), folder, args.workers)
    with steps() as under_way:
        done = walk(samples, card, plan, folder, under_way.show)
        folder.keep_rows(done.walked)
        folder.keep_state(done.state)
        under_way.show("resampling days")
        subject = subject_of(
            done.walked, card, plan, args.cost_bps, args.notes, warnings=done.warnings
        )
        report = compose(replace(subject, reading=bars.reading))
        beside = write(page.html(report), report, args.out / REPORT_FILE)
    return f"{page.terminal(report)}\n\n{args.out / REPORT_FILE} and {beside}"


def _flags(args: argparse.Namespace) -> dict[str, Any]:
    given = {
        "name": args.name,
        "network": args.network,
        "features": args.features,
        "trials": args.trials,
    }
    return {name: value for name, value in given.items() if value is not None}


def _samples(table: BarTable, plan: Plan) -> Samples:
    feature_set = registry.feature_set(plan.features)
    return collect(table, table.rules(plan.jump_limit), plan.label, feature_set)[0]


def _card(
    table: BarTable, samples: Samples, plan: Plan, args: argparse.Namespace
) -> WalkForwardCard:
    interval_s = interval_seconds(table.interval)
    folds = plan_folds(samples, table.market, interval_s, args.folds)
    for fold in folds:  # before anything is fitted
        spans_of(samples, fold, gap_for(plan.label))
    sizes = msgspec.json.encode(plan.network_sizes())
    return WalkForwardCard(
        fingerprint=table.fingerprint(),
        interval=table.interval,
        market=table.market.name,
        sources=tuple(Path(path).name for path in args.data),
        network=plan.network,
        sizes=msgspec.json.decode(sizes),  # lists, as a kept card has
        features=plan.features,
        recipe=plan.recipe,
        label=plan.label,
        jump_limit=plan.jump_limit,
        folds=folds,
    )


def _fit_missing(work: FoldWork, folder: RunFolder, workers: int) -> None:
    tasks = tasks_of(work.card)
    left = [t for t in tasks if not folder.part_file(t.fold.name, t.model).exists()]
    with counted("fitting", len(tasks)) as advance:

        def show(task: FoldTask) -> None:
            advance(f"{task.fold.name}, {task.model}")

        for _ in range(len(tasks) - len(left)):
            advance("kept from before")
        do_all(work.do, left, workers, show)
