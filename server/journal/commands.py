"""`tickerlens-server journal`: what was said and why, also while a server writes it."""

import argparse
import datetime
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from models.data.times import instant, to_utc
from server.journal import checkpoint
from server.journal.place import OneWriter, usual_folder
from server.journal.reading import reading
from server.journal.store import FILE, Store
from shared.command_line import new_parser
from shared.contract import CLASS_NAMES
from shared.errors import DataError, InputMissingError, SettingsError, UnavailableError
from shared.markets import MARKETS, Market
from shared.settings import ServerSettings
from shared.settings_layers import load

_PROGRAM: Final = "tickerlens-server journal"
_LINES: Final = 20

_Reader = Callable[[Path, argparse.Namespace], Iterator[str]]


class _MarketOfCard(msgspec.Struct):
    market: str


def run(words: Sequence[str]) -> Iterator[str]:
    """Run a command and yield what it says, line by line.

    Raises:
        TickerlensError: It cannot be done.
    """
    args = _parser().parse_args(words)
    settings, _ = load("server", ServerSettings, {"journal": args.journal}, file=args.config)
    handler: _Reader = args.handler
    yield from handler(_folder(settings.journal), args)


def _folder(setting: str) -> Path:
    if setting not in ("", "off"):
        return Path(setting)
    found = sorted(path.parent for path in usual_folder().glob(f"*/{FILE}"))
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputMissingError(f"there is no journal in {usual_folder()}")
    raise SettingsError("say which journal by --journal: " + ", ".join(map(str, found)))


def _show(folder: Path, args: argparse.Namespace) -> Iterator[str]:
    if args.at is not None:
        yield from _show_decision(folder, args)
        return
    where, values = ("WHERE symbol = ? ", [args.ticker]) if args.ticker else ("", [])
    with reading(folder) as database:
        zone = ZoneInfo(_market(database, args.market).timezone)
        rows = database.execute(
            "SELECT bar_ms, made_ms, symbol, up, last, late, model_id, outcome, result FROM buys "  # noqa: S608
            f"{where}ORDER BY id DESC LIMIT ?",
            (*values, args.lines),
        ).fetchall()
        # Label rules and arrays take a moment to load, which one decision does not need.
        from server.journal.record_lines import record_lines

        records = [] if args.ticker else list(record_lines(database))
    for bar_ms, made_ms, symbol, up, last, late, model_id, outcome, result in rows:
        said = "late" if late else "said"
        yield (
            f"{_time(bar_ms, zone)}  {symbol:<12} {up:7.2%}  close {last:,.10g}  "
            f"{said} {_time(made_ms, zone)}  {model_id}  "
            f"{_came_true(outcome, result)}"
        )
    if not rows:
        yield "no buy is kept"
    yield from records


def _came_true(outcome: int | None, result: float | None) -> str:
    if outcome is None or result is None:
        return "open"
    return "interrupted" if outcome < 0 else f"{CLASS_NAMES[outcome]} {result:+.2%}"


def _show_decision(folder: Path, args: argparse.Namespace) -> Iterator[str]:
    if not args.ticker:
        raise SettingsError("--at needs a --ticker")
    # The models and calendars that this needs take a second to load.
    from server.journal.record_lines import up_means
    from server.journal.time_machine import decision_at

    with reading(folder) as database:
        market = _market(database, args.market)
        zone = ZoneInfo(market.timezone)
        found = decision_at(database, args.ticker, instant(args.at, market))
        meaning = up_means(database, found.model_id)
    sets = " ".join(name for c, name in enumerate(CLASS_NAMES) if found.bar.sets >> c & 1)
    shares = zip(CLASS_NAMES, found.bar.probabilities.tolist(), strict=True)
    yield f"{found.symbol} with the bar of {_time(found.bar.bar_ms, zone)}, by {found.model_id}"
    yield f"decided {_time(found.made_ms, zone)}: {CLASS_NAMES[found.winner]}"
    yield "  ".join([*(f"{name} {share:.2%}" for name, share in shares), meaning]).rstrip()
    yield f"close {found.bar.ohlcv[3]:,.10g}, prediction set: {sets or 'none'}"
    yield "as it was kept" if found.kept else "made again of the bars and the model of then"
    yield ""
    yield "slope (raw value)".ljust(24) + "".join(
        f"{_time(ms, zone):>24}" for ms in found.window_ms
    )
    for f, feature in enumerate(found.features):
        cells = zip(found.saliency[:, f].tolist(), found.raw[:, f].tolist(), strict=True)
        yield feature.name.ljust(24) + "".join(
            f"{f'{slope:+.4f} ({raw:.4g})':>24}" for slope, raw in cells
        )


def _market(database: sqlite3.Connection, name: str) -> Market:
    # Times are of the market that is named, or that the newest model was made for.
    if not name:
        row = database.execute("SELECT card FROM model ORDER BY id DESC LIMIT 1").fetchone()
        name = "crypto" if row is None else msgspec.json.decode(row[0], type=_MarketOfCard).market
    if name in MARKETS:
        return MARKETS[name]
    from models.data.calendars.markets import market_named

    return market_named(name)


def _export(folder: Path, args: argparse.Namespace) -> Iterator[str]:
    from server.journal.export import export

    with reading(folder) as database:
        for path, rows in export(database, args.parquet).items():
            yield f"{path}: {rows} rows"


def _check(folder: Path, _args: argparse.Namespace) -> Iterator[str]:
    with reading(folder) as database:
        faults = [row[0] for row in database.execute("PRAGMA integrity_check(20)")]
        if faults != ["ok"]:
            raise DataError(f"{folder / FILE} is damaged: {'; '.join(faults)}")
        yield f"{folder / FILE}: sound"
        for table in ("buy", "change", "moment", "event", "run", "model", "ticker"):
            (rows,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
            yield f"{table}: {rows} rows"
    for path in sorted(folder.glob("state-*.npz")):
        try:
            checkpoint.read(path, "")
        except checkpoint.DamagedCheckpointError as e:
            raise DataError(str(e)) from e
        yield f"{path}: sound"


def _prune(folder: Path, args: argparse.Namespace) -> Iterator[str]:
    if not (folder / FILE).is_file():
        raise InputMissingError(f"there is no journal in {folder}")
    try:
        lock = OneWriter(folder, wait_s=0)
    except sqlite3.Error as e:
        raise UnavailableError(
            f"a server writes {folder}, and prunes it itself by its settings: stop it first"
        ) from e
    try:
        store = Store(folder)
        day_ms, now_ms = 86_400_000, time.time_ns() // 1_000_000
        before_ms = now_ms - args.days * day_ms if args.days else 0
        bars_ms = now_ms - args.bar_days * day_ms
        store.prune(before_ms, bars_ms, _first_needed(folder))
        store.shrink()
        store.close()
    finally:
        lock.release()
    yield f"{folder / FILE}: {(folder / FILE).stat().st_size:,} bytes"


def _first_needed(folder: Path) -> int:
    # Who starts again works out anew what lies behind the oldest checkpoint.
    numbers = [checkpoint.number_of(path) for path in folder.glob("state-*.npz")]
    return min(numbers, default=0) + 1


def _time(ms: int, zone: datetime.tzinfo) -> str:
    return to_utc(ms).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _parser() -> argparse.ArgumentParser:
    parser = new_parser(_PROGRAM, "Read what was said, and why.", "docs/journal.md")
    parser.add_argument("--journal", metavar="PATH", help="folder of the journal")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file of the server")
    commands = parser.add_subparsers(required=True)

    def add(name: str, handler: _Reader, purpose: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=purpose, description=purpose)
        command.set_defaults(handler=handler)
        return command

    show = add("show", _show, "print the newest buys, or one decision and its map")
    show.add_argument("--ticker", help="of this ticker alone")
    show.add_argument("--at", metavar="TIME", help="the decision of then, ISO 8601")
    show.add_argument("--market", default="", help="whose times; default: the newest model's")
    show.add_argument("--lines", type=int, default=_LINES, help=f"buys; default {_LINES}")
    export = add("export", _export, "write all buys and class changes as Parquet")
    export.add_argument("--parquet", type=Path, required=True, metavar="FOLDER")
    add("check", _check, "look whether the journal is sound")
    prune = add("prune", _prune, "forget what is old, and make the file smaller")
    prune.add_argument("--days", type=int, default=0, help="keep buys so long; 0 is for ever")
    prune.add_argument("--bar-days", type=int, default=30, help="keep bars and decisions so long")
    return parser
