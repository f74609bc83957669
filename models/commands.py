"""The sub-commands of `tickerlens-models`: train a bundle, or read its card."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from models.bundle import CARD_FILE, load_bundle
from models.card import Card
from models.networks import NETWORKS
from models.pipeline import Plan, make_bundle
from models.report import describe
from models.sources import read_table
from models.table import join
from models.training import Epoch, Recipe
from shared.errors import SettingsError, TickerlensError
from shared.markets import MARKETS

_INTERRUPTED = 130


def run(argv: Sequence[str] | None = None) -> int:
    """Run a sub-command and return the exit code; a known error is one sentence on stderr."""
    args = _parser().parse_args(argv)
    try:
        card = _train(args) if args.command == "train" else load_bundle(args.bundle).card
    except TickerlensError as e:
        sys.stderr.write(f"tickerlens-models: {e}\n")
        return e.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED
    sys.stdout.write(describe(card) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tickerlens-models", description="Train a bundle, or read its card."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    inspect = commands.add_parser("inspect", help="print the card of a bundle")
    inspect.add_argument("bundle", help="name of a shipped bundle, or a folder")
    train = commands.add_parser("train", help="train a network on bars and write a bundle")
    train.add_argument("data", nargs="+", help="Parquet file, CSV file or folder of CSV files")
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
    train.add_argument("--market", choices=["auto", *MARKETS], default="auto")
    train.add_argument(
        "--stamp", choices=["open", "close"], default="open", help="what intraday times mean"
    )
    train.add_argument(
        "--jump-limit",
        type=float,
        default=0.31,
        metavar="SHARE",
        help="a greater move between two closes is a split; default %(default)s",
    )
    return parser


def _train(args: argparse.Namespace) -> Card:
    plan = _plan(args)
    if (args.out / CARD_FILE).exists() and not args.force:
        raise SettingsError(f"{args.out} holds a bundle already, --force replaces it")
    table = join([read_table(path, market=args.market, stamp=args.stamp) for path in args.data])
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

        return make_bundle(table, plan, args.out, show)


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
