"""Where settings come from: defaults < TOML file < environment < flags."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import platformdirs

from shared.errors import InputMissingError, SettingsError
from shared.settings import PLUGIN_SECTIONS, SECTIONS, described
from shared.settings_refusals import refused
from shared.toml import parse_toml

ENV_PREFIX: Final = "TICKERLENS_"
FILE_NAME: Final = "tickerlens.toml"
MASK: Final = "***"

S = TypeVar("S", bound=msgspec.Struct)
Origins = dict[str, str]


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
        section: The TOML table, and the middle part of `TICKERLENS_SECTION__NAME`; the table of a
            plug-in is `feed.NAME` or `alert.NAME`, and its middle part `FEED__NAME`.
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
        (str(path), _table(_read(path, required=file is not None), section)),
        ("environment", _split_lists(_from_environment(section, environ), kind)),
        ("flag", _split_lists({k: v for k, v in flags.items() if v is not None}, kind)),
    ]
    merged: dict[str, Any] = {}
    origins: Origins = {f.encode_name: "default" for f in msgspec.structs.fields(kind)}
    for origin, values in layers:
        _check(section, kind, values, origin)
        merged |= values
        origins |= dict.fromkeys(values, origin)
    return msgspec.convert(merged, kind, strict=False), origins


def show(section: str, settings: msgspec.Struct, origins: Origins) -> str:
    """Return the settings as a TOML table: what each is for, its value, and where that is from.

    Of a secret it is only told whether there is one.
    """
    values: dict[str, Any] = msgspec.to_builtins(settings)
    hidden = {s.name: MASK for s in described(type(settings)) if s.secret and values[s.name]}
    values |= hidden
    lines = {name: f"{name} = {_toml(value)}" for name, value in values.items()}
    width = max(map(len, lines.values()))
    table = [f"[{section}]"]
    for setting in described(type(settings)):
        table.append(f"# {setting.plain_words}")
        table.append(f"{lines[setting.name]:<{width}}  # {origins[setting.name]}")
    return "\n".join(table)


def _toml(value: object) -> str:
    # JSON's strings, numbers and booleans are TOML's as well.
    return msgspec.json.encode(value).decode()


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        tables = parse_toml(path.read_bytes())
    except FileNotFoundError as e:
        if not required:
            return {}
        raise InputMissingError(f"the settings file {path} does not exist") from e
    except OSError as e:
        raise InputMissingError(f"the settings file {path} cannot be read: {e.strerror}") from e
    except ValueError as e:
        raise SettingsError(f"{path} is not TOML: {e}") from e
    unknown = sorted(tables.keys() - SECTIONS.keys() - set(PLUGIN_SECTIONS))
    if unknown:
        plugins = [f"{section}.NAME" for section in PLUGIN_SECTIONS]
        known = ", ".join(f"[{s}]" for s in (*SECTIONS, *plugins))
        raise SettingsError(f"{path}: [{unknown[0]}] is unknown, there are {known}")
    return tables


def refuse_unknown_tables(section: str, known: Collection[str], *, file: Path | None) -> None:
    """Refuse settings of a plug-in that there is not, which nobody would ever read.

    Args:
        section: One of `PLUGIN_SECTIONS`.
        known: Names of the plug-ins that there are.
        file: As in `load`.

    Raises:
        SettingsError: There is a table of another name.
    """
    path = file or default_file()
    tables = _table(_read(path, required=file is not None), section)
    if not isinstance(tables, dict):
        raise SettingsError(f"{path}: {section} must be tables such as [{section}.NAME]")
    unknown = sorted(tables.keys() - set(known))
    if unknown:
        names = ", ".join(f"[{section}.{name}]" for name in known)
        raise SettingsError(f"{path}: [{section}.{unknown[0]}] is unknown, there are {names}")


def _table(tables: dict[str, Any], section: str) -> Any:
    table: Any = tables
    for name in section.split("."):
        table = table.get(name, {}) if isinstance(table, dict) else table
    return table


def _split_lists(values: dict[str, Any], kind: type[msgspec.Struct]) -> dict[str, Any]:
    # A variable or a flag has no lists; the names in it stand between commas.
    lists = {s.name for s in described(kind) if isinstance(s.default, tuple)}
    return {
        name: [part.strip() for part in value.split(",") if part.strip()]
        if name in lists
        else value
        for name, value in values.items()
    }


def _from_environment(section: str, environ: Mapping[str, str]) -> dict[str, Any]:
    middle = section.upper().replace(".", "__").replace("-", "_")
    prefix = f"{ENV_PREFIX}{middle}__"
    return {k[len(prefix) :].lower(): v for k, v in environ.items() if k.startswith(prefix)}


def _check(section: str, kind: type[msgspec.Struct], values: object, origin: str) -> None:
    # Each layer by itself, so that the sentence can say where the wrong value stands.
    if why := refused(kind, values):
        raise SettingsError(f"{origin}, [{section}]: {why}")
