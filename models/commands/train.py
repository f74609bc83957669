"""`tickerlens-models train`: bars to a bundle."""

import argparse
from pathlib import Path

import msgspec
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from models.bundle import CARD_FILE
from models.commands.arguments import SubParsers, add_data, read_data
from models.networks import NETWORKS
from models.pipeline import Plan, make_bundle
from models.report import describe
from models.training import Epoch, Recipe
from shared.errors import SettingsError


def register(commands: SubParsers) -> None:
    """Add the sub-command and its arguments."""
    train = commands.add_parser("train", help="train a network on bars and write a bundle")
    add_data(train)
    train.add_argument("--out", type=Path, required=True, help="folder of the bundle")
    train.add_argument("--force", action="store_true", help="replace a bundle that is there")
    train.add_argument("--name", help="of the bundle; the folder's name unless given")
    train.add_argument("--about", default="", help="where the bars came from, for the card")
    train.add_argument("--network", choices=sorted(NETWORKS), default="cnn1d")
    train.add_argument("--seed", type=int, default=Recipe().seed, help="default %(default)s")
    train.add_argument("--epochs", type=int, default=Recipe().epochs, help="default %(default)s")
    train.add_argument(
        "--train-until", default="", metavar="DATE", help="default: 70%% of the time"
    )
    train.add_argument(
        "--validate-until", default="", metavar="DATE", help="default: 85%% of the time"
    )
    train.add_argument(
        "--jump-limit",
        type=float,
        default=0.31,
        metavar="SHARE",
        help="a greater move between two closes is a split; default %(default)s",
    )
    train.set_defaults(handler=_train)


def _train(args: argparse.Namespace) -> str:
    plan = _plan(args)
    if (args.out / CARD_FILE).exists() and not args.force:
        raise SettingsError(f"{args.out} holds a bundle already, --force replaces it")
    table = read_data(args)
    torch.set_num_threads(1)  # the steps are too small to share
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("training", total=plan.recipe.epochs)

        def show(epoch: Epoch) -> None:
            progress.update(
                task,
                completed=epoch.number,
                description=f"validation log loss {epoch.validation_loss:.4f}",
            )

        return describe(make_bundle(table, plan, args.out, show))


def _plan(args: argparse.Namespace) -> Plan:
    values = {
        "name": args.name or args.out.resolve().name,
        "about": args.about,
        "sources": [Path(path).name for path in args.data],
        "network": args.network,
        "recipe": {"seed": args.seed, "epochs": args.epochs},
        "jump_limit": args.jump_limit,
        "train_until": args.train_until,
        "validate_until": args.validate_until,
    }
    try:
        return msgspec.convert(values, Plan)
    except msgspec.ValidationError as e:
        raise SettingsError(str(e)) from e
