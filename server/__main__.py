"""The command `tickerlens-server`."""

import argparse
import importlib.metadata
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from shared.errors import TickerlensError, UnavailableError
from shared.settings import ServerSettings, load, show

_SETTINGS: Final = {
    "feed": "simulated, or replay:PATH: a Parquet file, a CSV file or a folder of CSV files",
    "bundle": "name of a shipped model, or the folder of your own",
    "publish": "where to publish; port * takes any free one",
    "requests": "where to answer; without it the port after --publish",
    "speed": "bars a minute, or max, which does not wait",
    "warmup": "bars at the start that are history",
    "from": "first date or time to play; bars before it are history",
    "to": "last date or time to play",
    "market": "auto, krx, us or crypto",
    "stamp": "whether intraday bars carry the time they open or close",
    "jump_limit": "a move beyond this share between two closes is a split",
    "tickers": "size of the simulated market",
    "seed": "start of the simulated market's random numbers",
    "names": "CSV file with columns symbol, name and market",
    "recalibrate": "let confidences follow what came true",
    "allow_interval": "play bars of another length than the model was trained on",
    "exit_at_end": "leave when the feed has no more bars",
    "log_format": "auto, console or json",
    "log_level": "debug, info, warning or error",
}
_INTERRUPTED: Final = 130  # as shells write it; while starting only, later the server just stops


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    args = _parser().parse_args(argv)
    if args.version:
        sys.stdout.write(f"tickerlens-server {_version()}\n")
        return 0
    flags = {name: getattr(args, name) for name in _SETTINGS}
    try:
        settings, origins = load("server", ServerSettings, flags, file=args.config)
        if args.show_settings:
            sys.stdout.write(f"{show('server', settings, origins)}\n")
        else:
            _serve(settings, stop_with_parent=args.stop_with_parent)
    except TickerlensError as e:
        sys.stderr.write(f"tickerlens-server: {e}\n")
        return e.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _serve(settings: ServerSettings, *, stop_with_parent: bool) -> None:
    # torch takes a second to import, and none of it is there without the extra.
    try:
        from server import daemon, logs
    except ModuleNotFoundError as e:
        how = 'python -m pip install "tickerlens[server]"'
        raise UnavailableError(f"the package {e.name} is not installed: {how}") from e
    logs.configure(settings.log_format, settings.log_level)
    daemon.run(settings, stop_with_parent=stop_with_parent)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tickerlens-server",
        description="Score and explain a whole market, and say so over ZeroMQ.",
        epilog="Settings come from defaults, a TOML file, the environment "
        "(TICKERLENS_SERVER__SPEED) and flags, each before the next; docs/operation.md has more.",
    )
    settings = parser.add_argument_group("settings")
    for field in msgspec.structs.fields(ServerSettings):
        name, default = field.encode_name, field.default
        flag = f"--{name.replace('_', '-')}"
        text = _SETTINGS[name] + (f" (default: {default})" if default else "")
        if field.type is bool:
            action = argparse.BooleanOptionalAction
            settings.add_argument(flag, dest=name, action=action, default=None, help=text)
        else:
            settings.add_argument(flag, dest=name, metavar=name.upper(), help=text)
    add = parser.add_argument
    add("--config", type=Path, metavar="FILE", help="settings file, instead of the user's own")
    add("--show-settings", action="store_true", help="print all settings and their origin")
    add("--stop-with-parent", action="store_true", help="stop when stdin ends")
    add("--version", action="store_true", help="print the version")
    return parser


def _version() -> str:
    try:
        return importlib.metadata.version("tickerlens")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
