"""`tickerlens-models audit`: proof that nothing looks ahead, or what does."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import torch
from rich.console import Console
from rich.progress import Progress

from models.bundles.bundle import load_bundle
from models.commands.arguments import add_data, read_data
from models.evaluation.lookahead.audit import STAGES, Audit, Extent, audit
from models.evaluation.lookahead.checks import (
    CARD_PART,
    FEATURES_PART,
    SCALER_PART,
    SERVING_PART,
    LookaheadCheck,
)
from models.reporting.json import write_json
from shared.errors import LeakFoundError, SettingsError

_BY_FEATURE = {
    FEATURES_PART: "cut",
    SERVING_PART: "bar by bar",
    SCALER_PART: "scaler",
    CARD_PART: "card's scaler",
}


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the sub-command."""
    parser.add_argument("bundle", help="name of a shipped bundle, or a folder")
    add_data(parser)
    for name, meaning in (
        ("seed", "start of all choices"),
        ("tickers", "drawn at random, at most"),
        ("moments", "times at which the data are cut, at most"),
    ):
        parser.add_argument(
            f"--{name}",
            type=int,
            default=getattr(Extent(), name),
            help=f"{meaning}; default %(default)s",
        )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all of it there as well")
    parser.set_defaults(handler=_audit)


def _audit(args: argparse.Namespace) -> str:
    extent = _extent(args)
    bundle, bars = load_bundle(args.bundle), read_data(args)
    torch.set_num_threads(1)  # the batches are too small to share
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("auditing", total=STAGES)
        found = audit(bundle, bars.table, extent, lambda: progress.advance(task), bars)
    if args.json is not None:
        write_json(found, args.json)
    page = describe(found)
    if found.leaks or found.blind_to:
        sys.stdout.write(page + "\n")
        raise LeakFoundError(_verdict(found))
    return page


def describe(found: Audit) -> str:
    """Return an audit as lines of text."""
    days = [f"{moment:%Y-%m-%d}" for moment in (min(found.moments), max(found.moments))]
    same = "the card's own" if found.own_data else "others than the card's, its scaler is not tried"
    head = [
        f"audit of {found.model_id}",
        f"  {'data':<16}{found.fingerprint[:16]}, {same}",
        f"  {'drawn':<16}{len(found.symbols)} tickers, seed {found.extent.seed}: "
        + ", ".join(found.symbols),
        f"  {'cut':<16}at {len(found.moments)} times, {' to '.join(days)}",
    ]
    leaks = [f"  {p.name:<44}{_catch(p.caught, p.named)}" for p in found.planted]
    sections = [
        [] if found.reading is None else found.reading.lines(),
        head,
        _features(found.checks),
        _others(found.checks),
        ["planted leaks", *leaks],
        ["cannot be known", *(f"  {s}" for s in found.unknowable)] if found.unknowable else [],
        [f"verdict: {_verdict(found)}"],
    ]
    return "\n\n".join("\n".join(section) for section in sections if section)


def _extent(args: argparse.Namespace) -> Extent:
    values = {"seed": args.seed, "tickers": args.tickers, "moments": args.moments}
    try:
        return msgspec.convert(values, Extent)
    except msgspec.ValidationError as e:
        raise SettingsError(str(e)) from e


def _features(checks: Sequence[LookaheadCheck]) -> list[str]:
    # One line a feature, and a column for each part that tells them apart.
    found = {(check.part, check.name): check for check in checks}
    names = [check.name for check in checks if check.part == FEATURES_PART]
    parts = [part for part in _BY_FEATURE if (part, names[0]) in found]
    head = f"{'greatest difference':<20}" + "".join(f"{_BY_FEATURE[part]:>15}" for part in parts)
    rows = [
        f"  {name:<18}" + "".join(f"{_number(found[part, name]):>15}" for part in parts)
        for name in names
    ]
    return [head, *rows]


def _number(check: LookaheadCheck) -> str:
    # Counts and plain zeros read best as they are.
    text = f"{check.difference:.1e}"
    if check.difference.is_integer():
        text = f"{check.difference:,.0f}"
    return f"{text}{' LEAKS' if check.leaks else ''}"


def _others(checks: Sequence[LookaheadCheck]) -> list[str]:
    rows = []
    for check in checks:
        if check.part not in _BY_FEATURE:
            name = f"{check.part} {check.name}".strip()
            rows.append(f"  {name:<24}{_number(check):>14} of {check.compared:,}")
    return ["what differs", *rows]


def _catch(caught: bool, named: Sequence[str]) -> str:
    return f"found: {', '.join(named)}" if caught else "NOT FOUND"


def _verdict(found: Audit) -> str:
    if found.leaks:
        return f"it looks ahead: {', '.join(found.leaks)}"
    if found.blind_to:
        return f"nothing was found, but the audit is blind to {', '.join(found.blind_to)}"
    return f"nothing looks ahead, and all {len(found.planted)} planted leaks were found"
