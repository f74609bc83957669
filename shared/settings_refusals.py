"""Why settings are refused, in a sentence that names the one and says what it must be."""

import difflib
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import inspect

from shared.settings import described

_MOST_SHOWN: Final = 60  # characters of a value


def refused(kind: type[msgspec.Struct], values: object) -> str:
    """Return why a table does not fit a type of settings; empty where it does.

    Args:
        kind: The settings type.
        values: What stands in the table, by the names that a file has.
    """
    try:
        msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as e:
        return (_first(kind, values) if isinstance(values, Mapping) else "must be a table") or str(
            e
        )
    return ""


def _first(kind: type[msgspec.Struct], values: Mapping[str, object]) -> str:
    # Of the first that does not fit; empty where each does by itself.
    type_of = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    secrets = {setting.name for setting in described(kind) if setting.secret}
    for name, value in values.items():
        if name not in type_of:
            near = difflib.get_close_matches(name, type_of, 1)
            return f"{name} is unknown" + (f", did you mean {near[0]}?" if near else "")
        try:
            msgspec.convert(value, type_of[name], strict=False)
        except msgspec.ValidationError as e:
            must = _must_be(inspect.type_info(type_of[name]))
            was = "" if name in secrets else f", was {_shown(value)}"
            return f"{name} must be {must}{was}" if must else f"{name} does not fit: {e}"
    return ""


def _must_be(wanted: inspect.Type) -> str:
    match wanted:
        case inspect.Metadata(type=inner):
            return _must_be(inner)
        case inspect.LiteralType(values=values):
            return f"one of {', '.join(map(str, values))}"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return f"a whole number{_limits(wanted)}"
        case inspect.FloatType():
            return f"a number{_limits(wanted)}"
        case inspect.StrType(pattern=None, min_length=None, max_length=None):
            return "text"
        case inspect.VarTupleType() | inspect.ListType():
            return "a list"
    return ""


def _limits(wanted: inspect.IntType | inspect.FloatType) -> str:
    if wanted.ge is not None and wanted.le is not None:
        return f" from {wanted.ge:g} to {wanted.le:g}"
    words = {"of at least": wanted.ge, "above": wanted.gt, "of at most": wanted.le}
    words["below"] = wanted.lt
    said = [f"{word} {limit:g}" for word, limit in words.items() if limit is not None]
    return f" {' and '.join(said)}" if said else ""


def _shown(value: Any) -> str:
    # JSON's strings, numbers and booleans are TOML's as well.
    text = msgspec.json.encode(value, enc_hook=str).decode()
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
