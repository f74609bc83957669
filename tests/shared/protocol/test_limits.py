"""Every number on the wire has a range, every text and list a bound, and each of them is held."""

import datetime
import zoneinfo
from collections.abc import Callable, Iterator
from typing import Any, get_args

import msgspec
import pandas as pd
import pytest
from msgspec import inspect

from shared.errors import WireError
from shared.limits import LAST_MS
from shared.protocol import wire
from shared.protocol.answers import Answer
from shared.protocol.envelope import Message, header_type
from shared.protocol.messages import Published
from shared.protocol.requests import AnyRequest, Request
from tests.kit.for_each import for_each

Builder = Callable[..., Any]
MESSAGES: tuple[type[Message], ...] = tuple(dict.fromkeys(get_args(Published) + get_args(Answer)))
FAR_MS = 253_402_300_800_000  # the first ms of the year 10000


def tag(kind: type[msgspec.Struct]) -> str:
    return str(kind.__struct_config__.tag)


def unbounded(kind: inspect.Type, path: str) -> Iterator[str]:
    """Yield where a number without a range, or a text or list without a bound, stands in a type."""
    match kind:
        case inspect.IntType() | inspect.FloatType() if kind.ge is None or kind.le is None:
            yield path
        case inspect.StrType() if kind.max_length is None:
            yield path
        case inspect.VarTupleType() | inspect.DictType() if kind.max_length is None:
            yield path
    for name, part in parts(kind):
        yield from unbounded(part, f"{path}{name}")


def parts(kind: inspect.Type) -> list[tuple[str, inspect.Type]]:
    match kind:
        case inspect.VarTupleType():
            return [("[]", kind.item_type)]
        case inspect.DictType():
            return [("{}", kind.key_type), ("{}", kind.value_type)]
        case inspect.UnionType():
            return [("", part) for part in kind.types]
        case inspect.StructType():
            return [(f".{field.name}", field.type) for field in kind.fields]
        case inspect.Metadata():
            return [("", kind.type)]
    return []


@for_each("kind", MESSAGES)
def test_every_field_of_a_header_has_its_limits(kind: type[Message]) -> None:
    assert list(unbounded(inspect.type_info(header_type(kind)), "")) == []


@for_each("kind", get_args(AnyRequest))
def test_every_field_of_a_request_has_its_limits(kind: type[Request]) -> None:
    # An id is any whole number of MessagePack, and a class that is none has an answer of its own.
    free = {".request_id", ".cancels", ".target"}
    assert set(unbounded(inspect.type_info(kind), "")) <= free


@for_each("kind", MESSAGES)
def test_every_array_of_numbers_has_its_range(kind: type[Message]) -> None:
    free = [n for n, f in kind.ARRAYS.items() if f.low is None or f.high is None]
    assert [name for name in free if name != "flags"] == []


@for_each(
    ("kind", "name"), [(k, n) for k in MESSAGES for n, f in k.ARRAYS.items() if f.high is not None]
)
def test_a_value_beyond_its_range_is_refused_wherever_it_stands(
    a: Builder, kind: type[Message], name: str
) -> None:
    message, form = a(kind), kind.ARRAYS[name]
    assert form.low is not None
    assert form.high is not None
    for beyond in (form.low - 1 - abs(form.low), form.high + 1 + abs(form.high), -(2.0**62)):
        if form.dtype == "|u1" and not 0 <= beyond <= 255:
            continue
        array = message.array(name).copy()
        array.flat[-1] = beyond
        # A row that is not decided on holds nothing but zeros, whatever else is wrong.
        with pytest.raises(WireError, match=f"{name} lies outside"):
            a(kind, **{name: array})
        frames = [bytes(frame) for frame in wire.encode(message)]
        frames[1 + list(kind.ARRAYS).index(name)] = array.tobytes()
        with pytest.raises(WireError, match=f"{name} lies outside"):
            decode(kind, message, frames)


def decode(kind: type[Message], message: Any, frames: list[bytes]) -> object:
    if kind in get_args(Answer):
        return wire.decode_answer([wire.encode_answer(1, message)[0], *frames])
    return wire.decode_published([wire.topic_of(message), *frames])


@for_each("field", ["newest_bar_ms", "made_ms"])
@for_each("value", [FAR_MS, LAST_MS + 1, -1, -(2**62), 2**64 - 1])
@for_each("kind", MESSAGES)
def test_a_stamp_of_no_time_that_can_be_shown_is_refused(
    a: Builder, kind: type[Message], field: str, value: int
) -> None:
    message = a(kind)
    header, *arrays = [bytes(frame) for frame in wire.encode(message)]
    values = msgspec.msgpack.decode(header)
    values["stamp"][field] = value
    with pytest.raises(WireError):
        decode(kind, message, [msgspec.msgpack.encode(values), *arrays])
    with pytest.raises(WireError, match=field):
        a(kind, stamp=msgspec.structs.replace(message.stamp, **{field: value}))


@for_each("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Seoul", "UTC"])
@for_each("ms", [0, LAST_MS])
def test_every_time_within_the_range_can_be_shown(zone: str, ms: int) -> None:
    shown = datetime.datetime.fromtimestamp(ms / 1000, zoneinfo.ZoneInfo(zone))
    assert shown.timestamp() * 1000 == ms
    assert pd.Timestamp(ms, unit="ms", tz=zone).value == ms * 1_000_000


@for_each(
    ("name", "many"),
    [
        ("methods", lambda value: [value[0] | {"name": f"m{i}"} for i in range(257)]),
        ("dropped", lambda _: {str(i): 1 for i in range(257)}),
        ("card_json", lambda _: "x" * 1_000_001),
        ("names", lambda _: ["x" * 201, ""]),
        ("decimals", lambda _: 13),
        ("sentence", lambda _: "x" * 201),
        ("interval", lambda _: "1" * 6),
        ("arrays", lambda _: [f"a{i}" for i in range(65)]),
        ("cycle_ms", lambda _: float("nan")),
        ("top_drop", lambda _: float("inf")),
    ],
)
def test_what_is_too_long_or_no_number_is_refused(
    a: Builder, name: str, many: Callable[[Any], Any]
) -> None:
    found = 0
    for kind in MESSAGES:
        message = a(kind)
        header, *arrays = [bytes(frame) for frame in wire.encode(message)]
        values = msgspec.msgpack.decode(header)
        if name not in values:
            continue
        found += 1
        values[name] = many(values[name])
        with pytest.raises(WireError):
            decode(kind, message, [msgspec.msgpack.encode(values), *arrays])
    assert found
