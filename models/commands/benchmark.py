"""`tickerlens-models benchmark`: a published benchmark by its own protocol."""

import argparse
from pathlib import Path
from typing import Final

import torch

from models.commands.progress import counted
from models.data.features import registry
from models.data.sources.reader import read_bars
from models.evaluation.benchmark.labelled_days import labelled, read_labels
from models.evaluation.benchmark.lessons import by_label, by_market
from models.evaluation.benchmark.published import Benchmark, benchmark
from models.evaluation.metrics.bootstrap import Measured
from models.evaluation.parallel import cores
from models.networks.kinds import network_names
from models.reporting.json import write_json
from models.training.plan import Plan, read_plan
from shared.errors import SettingsError

_RELATIVE: Final = (
    "learned who beats the mean of all tickers; shifted until half of val is called up"
)


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the sub-command."""
    parser.description = "Train on train, choose on val, score once a seed; see docs/evaluation.md."
    parser.add_argument("--bars", required=True, metavar="FILE", help="daily bars")
    parser.add_argument(
        "--samples",
        type=Path,
        required=True,
        metavar="FILE",
        help="symbol, date, label (0 or 2), split (train, val, test), target_date",
    )
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="default %(default)s")
    parser.add_argument("--config", type=Path, help="TOML file of the plan, as for train")
    parser.add_argument("--network", choices=sorted(network_names()), help="default cnn1d")
    parser.add_argument(
        "--split",
        choices=["test", "val"],
        default="test",
        help="what to score; val while one chooses, default %(default)s",
    )
    parser.add_argument(
        "--target",
        choices=["label", "relative"],
        default="label",
        help="learn the labels, or on all days who beats the mean of all tickers; "
        "default %(default)s",
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        default=cores(),
        help="processes; default %(default)s",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the scores there")
    parser.set_defaults(handler=_benchmark)


def _benchmark(args: argparse.Namespace) -> str:
    for name in ("seeds", "workers"):
        if getattr(args, name) < 1:
            raise SettingsError(f"--{name} must be at least 1, was {getattr(args, name)}")
    flags = {} if args.network is None else {"network": args.network}
    plan = read_plan(args.config, flags, "benchmark")
    feature_set = registry.feature_set(plan.features)
    rows = read_labels(args.samples)
    bars = read_bars(args.bars)
    table = bars.table
    rules = table.rules(plan.jump_limit)
    splits = labelled(table, rules, feature_set, rows)
    relative = args.target == "relative"
    lesson = by_market(table, rules, feature_set, splits) if relative else by_label(splits)
    torch.set_num_threads(1)
    with counted("training", args.seeds * plan.recipe.runs) as advance:
        scores = benchmark(
            lesson, splits[args.split], plan, args.seeds, args.split, args.workers, advance
        )
    if args.json is not None:
        write_json(scores, args.json)
    return "\n".join([_text(scores, plan), "", *bars.reading.lines()])


def _text(scores: Benchmark, plan: Plan) -> str:
    missing = f", {scores.missing:,} without a window count as wrong" if scores.missing else ""
    lines = [
        f"{scores.split}: {scores.samples:,} samples of {scores.days:,} days{missing}",
        f"{plan.network}, {plan.recipe.runs} run(s) a seed",
        *([_RELATIVE] if scores.target == "relative" else []),
        "",
        f"{'seed':>6}{'accuracy':>12}{'MCC':>12}{'says up':>12}   confusion (down, up)",
    ]
    lines += [
        f"{seed.seed:>6}{seed.accuracy:>12.2%}{seed.mcc:>+12.4f}{seed.says_up:>12.1%}   "
        f"{seed.confusion[0]} {seed.confusion[1]}"
        for seed in scores.seeds
    ]
    return "\n".join([*lines, "", *_summary(scores)])


def _summary(scores: Benchmark) -> list[str]:
    return [
        f"accuracy {scores.accuracy.value:.2%} ± {scores.accuracy_sd:.2%} over seeds"
        f"{_interval(scores.accuracy, '.2%')}; always up {scores.up_share:.2%}",
        f"MCC      {scores.mcc.value:+.4f} ± {scores.mcc_sd:.4f} over seeds"
        f"{_interval(scores.mcc, '+.4f')}",
    ]


def _interval(measured: Measured, form: str) -> str:
    if measured.low is None or measured.high is None:
        return ""
    return f", 95% by days {measured.low:{form}} to {measured.high:{form}}"
