"""The limits of the wire as a table, from what the types of its messages and requests declare."""

from collections.abc import Iterator
from typing import Final, get_args

from msgspec import inspect

from shared.limits import LAST_MS, MAX_COUNT
from shared.protocol.answers import Answer
from shared.protocol.envelope import Message, Stamp, header_type
from shared.protocol.messages import Published
from shared.protocol.requests import AnyRequest

_MESSAGES: Final[tuple[type[Message], ...]] = tuple(
    dict.fromkeys(get_args(Published) + get_args(Answer))
)
_Limit = tuple[str, str]  # a name and what it may be, or that and where


def limits() -> Iterator[tuple[str, str, str]]:
    """Yield a row for the fields and arrays of each range or bound, below the headings.

    What may be the same in the same messages shares a row.
    """
    found: dict[_Limit, list[str]] = {}
    for kind in _MESSAGES:
        for limit in dict.fromkeys(_of_message(kind)):
            found.setdefault(limit, []).append(f"`{kind.__struct_config__.tag}`")
    for request in get_args(AnyRequest):
        for limit in dict.fromkeys(_of_record(inspect.type_info(request))):
            found.setdefault(limit, []).append(f"request `{request.__struct_config__.tag}`")
    rows: dict[_Limit, list[str]] = {}
    for name, may_be in _of_record(inspect.type_info(Stamp)):
        rows.setdefault((may_be, "the stamp"), []).append(name)
    for (name, may_be), places in found.items():
        where = ", ".join(places) if len(places) < len(get_args(AnyRequest)) else "all requests"
        rows.setdefault((may_be, where), []).append(name)
    yield ("field or array", "may be", "in")
    for (may_be, where), names in rows.items():
        yield (", ".join(names), may_be, where)


def _of_message(kind: type[Message]) -> Iterator[_Limit]:
    header = inspect.type_info(header_type(kind))
    yield from (limit for limit in _of_record(header) if not limit[0].startswith("`stamp"))
    for name, form in kind.ARRAYS.items():
        if form.low is not None and form.high is not None:
            yield f"`{name}`", _between(form.low, form.high)


def _of_record(record: inspect.Type, path: str = "") -> Iterator[_Limit]:
    if not isinstance(record, inspect.StructType):
        return
    for field in record.fields:
        for name, may_be in _of_type(field.type, path + field.encode_name):
            yield f"`{name}`", may_be


def _of_type(kind: inspect.Type, path: str) -> Iterator[_Limit]:
    words = _words(kind)
    if words:
        yield path, words
    for part in _parts(kind):
        if isinstance(part, inspect.StructType):
            for name, may_be in _of_record(part, f"{path}."):
                yield name.strip("`"), may_be
        elif not isinstance(part, inspect.StrType):  # a text of a list is told with the list
            yield from _of_type(part, path)


def _parts(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    match kind:
        case inspect.StructType():
            return (kind,)
        case inspect.VarTupleType():
            return (kind.item_type,)
        case inspect.UnionType():
            return kind.types
        case inspect.Metadata():
            return (kind.type,)
    return ()


def _words(kind: inspect.Type) -> str:
    match kind:
        case inspect.IntType() | inspect.FloatType() if kind.ge is not None and kind.le is not None:
            return _between(kind.ge, kind.le) if kind.ge != kind.le else f"{kind.ge}"
        case inspect.StrType() if kind.max_length is not None:
            return _length(kind.min_length, kind.max_length, "characters")
        case inspect.DictType() if kind.max_length is not None:
            keys, counts = _words(kind.key_type), _words(kind.value_type)
            return f"at most {kind.max_length:,} entries, names of {keys}, numbers of {counts}"
        case inspect.VarTupleType() if kind.max_length is not None:
            return _length(kind.min_length, kind.max_length, "entries") + _each(kind.item_type)
    return ""


def _each(item: inspect.Type) -> str:
    return f", each of {_words(item)}" if isinstance(item, inspect.StrType) else ""


def _length(least: int | None, most: int, what: str) -> str:
    if least == most:
        return f"{most:,} {what}"
    return f"{least:,} to {most:,} {what}" if least else f"at most {most:,} {what}"


def _between(low: float, high: float) -> str:
    if high == LAST_MS:
        return f"{low:g} to {LAST_MS:,}, the first moment of 2200"
    return f"{_number(low)} to {_number(high)}"


def _number(value: float) -> str:
    if value == MAX_COUNT:
        return "2^53"
    shown = f"{value:,}" if isinstance(value, int) else f"{value:g}"
    return shown.replace("-", "−") if value < 0 else shown
