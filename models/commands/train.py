"""`tickerlens-models train`: bars to a bundle."""

import argparse
import sys
from pathlib import Path
from typing import Any, get_args

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from models.bundles.files import CARD_FILE
from models.calibration.static import CalibrationKind
from models.commands.arguments import add_data, read_data
from models.networks.kinds import network_names
from models.reporting.card_page import describe
from models.training.fit import Epoch
from models.training.pipeline import make_bundle
from models.training.plan import read_plan
from shared.errors import SettingsError

_RECIPE = ("seed", "seeds", "ensemble", "epochs")
_PLAIN = (
    "name",
    "about",
    "network",
    "features",
    "calibration",
    "train_until",
    "validate_until",
    "jump_limit",
    "trials",
    "score_test",
)


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the sub-command."""
    parser.description = (
        "Train a network on bars and write a bundle; docs/training.md has the rest."
    )
    add_data(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder of the bundle")
    parser.add_argument("--force", action="store_true", help="replace a bundle that is there")
    parser.add_argument("--config", type=Path, help="TOML file of the plan; flags override it")
    parser.add_argument("--name", help="of the bundle; the folder's name unless given")
    parser.add_argument("--about", help="where the bars came from, for the card")
    parser.add_argument("--network", choices=sorted(network_names()), help="default cnn1d")
    parser.add_argument("--features", metavar="SET", help="feature set; default price_volume")
    parser.add_argument(
        "--calibration", choices=get_args(CalibrationKind), help="default temperature"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="of the first run; default 0")
    parser.add_argument("--seeds", type=int, metavar="N", help="runs to choose from; default 1")
    parser.add_argument("--ensemble", type=int, metavar="N", help="runs to keep; default 1")
    parser.add_argument("--epochs", type=int, metavar="N", help="at most; default 60")
    parser.add_argument("--train-until", metavar="DATE", help="default: 70%% of the time")
    parser.add_argument("--validate-until", metavar="DATE", help="default: 85%% of the time")
    parser.add_argument(
        "--jump-limit",
        type=float,
        metavar="SHARE",
        help="a greater move between two closes is a split; default 0.31",
    )
    parser.add_argument(
        "--trials", type=int, metavar="N", help="configurations tried so far, this one included"
    )
    parser.add_argument(
        "--no-test",
        dest="score_test",
        action="store_false",
        default=None,
        help="leave the test span unscored, while one still chooses",
    )
    parser.set_defaults(handler=_train)


def _train(args: argparse.Namespace) -> str:
    plan = read_plan(args.config, _flags(args), args.out.resolve().name)
    if (args.out / CARD_FILE).exists() and not args.force:
        raise SettingsError(f"{args.out} holds a bundle already, --force replaces it")
    bars = read_data(args)
    # Before anything is learned, and apart from the card, which `inspect` prints as well.
    sys.stderr.write("\n".join([*bars.reading.lines(), "", ""]))
    torch.set_num_threads(1)  # the steps are too small to share
    with _ProgressBars(plan.recipe.epochs, plan.recipe.runs) as shown:
        return describe(make_bundle(bars.table, plan, args.out, shown.show, bars.reading))


def _flags(args: argparse.Namespace) -> dict[str, Any]:
    given = {name: value for name, value in vars(args).items() if value is not None}
    flags: dict[str, Any] = {name: given[name] for name in _PLAIN if name in given}
    recipe = {name: given[name] for name in _RECIPE if name in given}
    if recipe:
        flags["recipe"] = recipe
    return flags | {"sources": [Path(path).name for path in args.data]}


class _ProgressBars(Progress):
    # One bar for each run, on stderr.

    def __init__(self, epochs: int, runs: int) -> None:
        columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
        super().__init__(*columns, console=Console(stderr=True))
        self._epochs, self._runs = epochs, runs
        self._tasks_by_run: dict[int, TaskID] = {}

    def show(self, epoch: Epoch) -> None:
        if epoch.run not in self._tasks_by_run:
            self._tasks_by_run[epoch.run] = self.add_task("", total=self._epochs)
        several = f"run {epoch.run} of {self._runs}, " if self._runs > 1 else ""
        self.update(
            self._tasks_by_run[epoch.run],
            completed=epoch.number,
            description=f"{several}validation log loss {epoch.validation_loss:.4f}",
        )
