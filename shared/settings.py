"""Settings of every program: defaults < TOML file < environment < flags."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
import platformdirs

from shared.errors import InputMissingError, SettingsError

ENV_PREFIX: Final = "TICKERLENS_"
FILE_NAME: Final = "tickerlens.toml"

S = TypeVar("S", bound=msgspec.Struct)
Origins = dict[str, str]


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[server]` table.

    Attributes:
        feed: `simulated`, or `replay:` and a Parquet file, a CSV file or a folder of CSV files.
        bundle: Name of a shipped bundle, or the folder of one of your own.
        publish: Where messages are published; port `*` takes any free one.
        requests: Where requests are answered; empty means the port after `publish`.
        speed: Bars of one ticker a minute, so that 60 plays one-minute bars 60 times as fast as
            they came and daily bars at one a second; `max` does not wait at all.
        warmup: Bars at the start that are history: they fill windows and are not waited for.
        begin: First date or time to play, ISO 8601; bars before it are history.
        end: Last date or time to play.
        market: `auto`, `krx`, `us` or `crypto`: time zone, session close and decimals.
        stamp: Whether intraday bars of the source carry the time they `open` or `close`.
        jump_limit: A move beyond this share between two closes is a split, which cuts the series.
        tickers: Size of the simulated market.
        seed: Start of the simulated market's random numbers.
        names: CSV file with columns symbol, name and market, or empty.
        recalibrate: Let confidences follow what came true; off keeps the model's own calibration.
        allow_interval: Play bars of another length than the model was trained on.
        exit_at_end: Leave when the feed has no more bars, instead of staying to answer.
        log_format: `console`, `json`, or `auto`: console on a terminal, otherwise JSON.
        log_level: The least level that is written.
    """

    feed: str = "simulated"
    bundle: str = "krx-daily"
    publish: str = "tcp://127.0.0.1:5555"
    requests: str = ""
    speed: Annotated[float, msgspec.Meta(ge=1e-6)] | Literal["max"] = 30.0
    warmup: Annotated[int, msgspec.Meta(ge=0, le=5_000)] = 120
    begin: str = msgspec.field(default="", name="from")
    end: str = msgspec.field(default="", name="to")
    market: Literal["auto", "krx", "us", "crypto"] = "auto"
    stamp: Literal["open", "close"] = "open"
    jump_limit: Annotated[float, msgspec.Meta(gt=0)] = 0.31
    tickers: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 300
    seed: Annotated[int, msgspec.Meta(ge=0)] = 7
    names: str = ""
    recalibrate: bool = True
    allow_interval: bool = False
    exit_at_end: bool = False
    log_format: Literal["auto", "console", "json"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"


class DeskSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[desk]` table.

    Attributes:
        connect: The server's `publish` endpoint; empty tries the default one, and starts a local
            simulated server when none answers there.
        requests: The server's `requests` endpoint; empty means the port after `connect`.
        theme: `auto` follows the system.
        palette: Colors of price moves; `auto` follows the locale.
    """

    connect: str = ""
    requests: str = ""
    theme: Literal["auto", "dark", "light"] = "auto"
    palette: Literal["auto", "korean", "western", "colour-blind"] = "auto"


SECTIONS: Final[dict[str, type[msgspec.Struct]]] = {"server": ServerSettings, "desk": DeskSettings}


def default_file() -> Path:
    """Return the place where the user's settings file is looked for."""
    return Path(platformdirs.user_config_dir("tickerlens", appauthor=False)) / FILE_NAME


def load(
    section: str,
    kind: type[S],
    flags: Mapping[str, Any],
    *,
    file: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> tuple[S, Origins]:
    """Return the merged settings of a section, and where each value came from.

    Args:
        section: The TOML table, and the middle part of `TICKERLENS_SECTION__NAME`.
        kind: The settings type.
        flags: Values given on the command line, by setting name; None means not given.
        file: A settings file that must exist; without it the user's file, if there is one.
        environ: The environment.

    Raises:
        InputMissingError: `file` cannot be opened.
        SettingsError: A file is not TOML, a name is unknown, or a value does not fit.
    """
    path = file or default_file()
    layers = [
        (str(path), _read(path, required=file is not None).get(section, {})),
        ("environment", _from_environment(section, environ)),
        ("flag", {k: v for k, v in flags.items() if v is not None}),
    ]
    merged: dict[str, Any] = {}
    origins: Origins = {f.encode_name: "default" for f in msgspec.structs.fields(kind)}
    for origin, values in layers:
        _check(section, kind, values, origin)
        merged |= values
        origins |= dict.fromkeys(values, origin)
    return msgspec.convert(merged, kind, strict=False), origins


def show(section: str, settings: msgspec.Struct, origins: Origins) -> str:
    """Return the settings as a TOML table, with the origin of each value as a comment."""
    values: dict[str, Any] = msgspec.to_builtins(settings)
    lines = [f"{name} = {_toml(value)}" for name, value in values.items()]
    width = max(map(len, lines))
    comments = (origins[name] for name in values)
    table = (f"{x:<{width}}  # {y}" for x, y in zip(lines, comments, strict=True))
    return "\n".join([f"[{section}]", *table])


def _toml(value: object) -> str:
    # JSON's strings, numbers and booleans are TOML's as well.
    return msgspec.json.encode(value).decode()


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as e:
        if not required:
            return {}
        raise InputMissingError(f"the settings file {path} does not exist") from e
    except OSError as e:
        raise InputMissingError(f"the settings file {path} cannot be read: {e.strerror}") from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise SettingsError(f"{path} is not TOML: {e}") from e
    unknown = sorted(tables.keys() - SECTIONS.keys())
    if unknown:
        known = ", ".join(f"[{s}]" for s in SECTIONS)
        raise SettingsError(f"{path}: [{unknown[0]}] is unknown, there are {known}")
    return tables


def _from_environment(section: str, environ: Mapping[str, str]) -> dict[str, Any]:
    prefix = f"{ENV_PREFIX}{section.upper()}__"
    return {k[len(prefix) :].lower(): v for k, v in environ.items() if k.startswith(prefix)}


def _check(section: str, kind: type[msgspec.Struct], values: object, origin: str) -> None:
    # Each layer by itself, so that the sentence can say where the wrong value stands.
    try:
        msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as e:
        raise SettingsError(f"{origin}, [{section}]: {e}") from e
