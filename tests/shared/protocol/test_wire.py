from collections.abc import Callable, Iterator, Sequence
from typing import Any, get_args

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import UnknownKindError, WireError
from shared.protocol import requests, wire
from shared.protocol.answers import Answer, Refusal, Snapshot
from shared.protocol.envelope import MINOR, PROTOCOL, Message
from shared.protocol.messages import Bar, Buy, Confidence, Heatmap, Published, Status
from tests.kit.for_each import for_each

Builder = Callable[..., Any]


def same(one: Message, other: Message) -> bool:
    return (
        type(one) is type(other)
        and all(getattr(one, name) == getattr(other, name) for name in one.header_fields())
        and all(np.array_equal(one.array(name), other.array(name)) for name in one.ARRAYS)
    )


def header(frames: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.msgpack.decode(frames[1])
    return found


@for_each(
    ("frame", "found"),
    [
        (msgspec.msgpack.encode({"request_id": 7, "type": "tea"}), 7),
        (msgspec.msgpack.encode({"type": "get_model"}), None),
        (msgspec.msgpack.encode({"request_id": -(2**63)}), -(2**63)),
        (msgspec.msgpack.encode({"request_id": 2**64 - 1}), 2**64 - 1),
        (msgspec.msgpack.encode({"request_id": 1.0}), None),
        (msgspec.msgpack.encode({"request_id": True}), None),
        (msgspec.msgpack.encode({"request_id": None}), None),
        (msgspec.msgpack.encode({"request_id": "7"}), None),
        (msgspec.msgpack.encode({"request_id": 7, "more": "x" * 4096}), None),
        (b"\x91" * 4000, None),
        (b"", None),
    ],
)
def test_what_is_no_request_may_still_have_a_number(frame: bytes, found: int | None) -> None:
    assert wire.request_id_of(frame) == found


@pytest.mark.parametrize("kind", get_args(Published))
def test_a_published_message_comes_back_as_it_was(a: Builder, kind: type[Message]) -> None:
    message = a(kind)
    assert same(wire.decode_published(wire.encode_published(message)), message)


@for_each("kind", get_args(Answer))
def test_an_answer_comes_back_with_its_request_id(a: Builder, kind: type[Message]) -> None:
    message = a(kind)
    request_id, answer = wire.decode_answer(wire.encode_answer(12, message))
    assert request_id == 12
    assert same(answer, message)


@for_each(
    "request_",
    [
        requests.GetUniverse(request_id=1),
        requests.GetSnapshot(request_id=2),
        requests.GetModel(request_id=3),
        requests.GetBuys(request_id=4, after=9),
        requests.GetBars(request_id=5, symbol="005930", count=10),
        requests.GetHeatmap(request_id=6, symbol="BTC/USDT"),
        requests.GetMethods(request_id=7),
        requests.GetExplanation(request_id=8, symbol="005930", method="occlusion"),
        requests.GetExplanation(request_id=9, symbol="005930", method="occlusion", target=-4),
        requests.GetPastBuys(request_id=10, symbol="005930", count=9),
        requests.GetPastWindow(request_id=11, symbol="005930", bar_ms=9),
        requests.Ping(request_id=-(2**63)),
        requests.Cancel(request_id=2**64 - 1, cancels=-1),
    ],
)
def test_a_request_comes_back_as_it_was(request_: requests.AnyRequest) -> None:
    assert wire.decode_request(wire.encode_request(request_)) == request_


def test_a_message_without_rows_travels(a: Builder) -> None:
    empty = {name: a(Confidence).array(name)[:0] for name in Confidence.ARRAYS}
    message = a(Confidence, symbols=(), **empty)
    assert same(wire.decode_published(wire.encode_published(message)), message)


def test_a_topic_is_no_prefix_of_another_tickers() -> None:
    assert not wire.topic("bar", "AAPL").startswith(wire.topic("bar", "A"))
    assert not wire.topic("bar", "BTC/USDT").startswith(wire.topic("bar", "BTC"))
    assert wire.topic("buy") == b"buy/"
    assert wire.topic("heatmap", "005930") == b"heatmap/005930/"


def test_arrays_are_sent_without_a_copy_and_little_endian(a: Builder) -> None:
    message = a(Confidence)
    frames = wire.encode_published(message)
    assert len(frames) == 2 + len(Confidence.ARRAYS)
    assert np.shares_memory(np.frombuffer(frames[2], "<f4"), message.probabilities)


@for_each("kind", get_args(Published))
@for_each("change", [-1, 1])
def test_an_array_of_another_length_is_refused(
    a: Builder, kind: type[Message], change: int
) -> None:
    frames = [bytes(f) for f in wire.encode_published(a(kind))]
    frames[-1] = frames[-1][:-1] if change < 0 else frames[-1] + b"\0"
    with pytest.raises(WireError):
        wire.decode_published(frames)


@pytest.mark.parametrize("kind", get_args(Published))
def test_a_missing_or_added_frame_is_refused(a: Builder, kind: type[Message]) -> None:
    frames = wire.encode_published(a(kind))
    for wrong in (frames[:-1], [*frames, b""], frames[:1], []):
        with pytest.raises(WireError):
            wire.decode_published(wrong)


@for_each("kind", get_args(Published))
@for_each("protocol", [PROTOCOL - 1, PROTOCOL + 1])
def test_another_major_version_is_refused(a: Builder, kind: type[Message], protocol: int) -> None:
    frames = wire.encode_published(a(kind))
    values = header(frames)
    values["stamp"]["protocol"] = protocol
    with pytest.raises(WireError, match=f"speaks protocol {protocol}") as caught:
        wire.decode_published([frames[0], msgspec.msgpack.encode(values), *frames[2:]])
    assert not isinstance(caught.value, UnknownKindError)


@pytest.mark.parametrize("kind", get_args(Published))
def test_what_a_later_minor_added_is_ignored(a: Builder, kind: type[Message]) -> None:
    message = a(kind)
    frames = wire.encode_published(message)
    values = header(frames) | {"extra": {"deep": [1]}}
    values["stamp"] |= {"minor": MINOR + 1, "extra": 1}
    values["arrays"] = ["extra", *values["arrays"]]
    later = [frames[0], msgspec.msgpack.encode(values), b"any length", *frames[2:]]
    got = wire.decode_published(later)
    assert got.stamp.minor == MINOR + 1
    assert all(np.array_equal(got.array(n), message.array(n)) for n in kind.ARRAYS)


def test_arrays_are_found_by_name_in_whatever_order(a: Builder) -> None:
    message = a(Buy)
    frames = wire.encode_published(message)
    values = header(frames)
    values["arrays"] = values["arrays"][::-1]
    turned = [frames[0], msgspec.msgpack.encode(values), *frames[:1:-1]]
    assert same(wire.decode_published(turned), message)


@pytest.mark.parametrize(
    "names", [["confidence", "last"], ["confidence", "last", "last"], ["confidence", "last", "x"]]
)
def test_names_that_do_not_fit_the_arrays_are_refused(a: Builder, names: list[str]) -> None:
    frames = wire.encode_published(a(Buy))
    values = header(frames) | {"arrays": names}
    with pytest.raises(WireError):
        wire.decode_published([frames[0], msgspec.msgpack.encode(values), *frames[2:]])


def test_a_kind_that_a_later_minor_added_is_told_apart(a: Builder) -> None:
    for frames, decode in (
        (wire.encode_published(a(Bar)), wire.decode_published),
        (wire.encode_answer(1, a(Refusal)), wire.decode_answer),
    ):
        later = msgspec.msgpack.encode(header(frames) | {"type": "alert"})
        with pytest.raises(UnknownKindError, match="alert"):
            decode([frames[0], later, *frames[2:]])
    with pytest.raises(UnknownKindError, match="alerts"):
        wire.decode_request(msgspec.msgpack.encode({"type": "alerts", "request_id": 1}))


def test_a_request_may_have_fields_of_a_later_minor() -> None:
    asked = msgspec.msgpack.encode({"type": "snapshot", "request_id": 5, "only": ["A"]})
    assert wire.decode_request(asked) == requests.GetSnapshot(request_id=5)


def records_in(kind: Any) -> Iterator[type[msgspec.Struct]]:
    """Yield a record, and those that are in its fields, however deep."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
        for field in msgspec.structs.fields(kind):
            yield from records_in(field.type)
    for part in get_args(kind):
        yield from records_in(part)


@pytest.mark.parametrize("kind", [Published, Answer, requests.AnyRequest, wire.Envelope])
def test_no_record_of_the_wire_refuses_fields_that_it_does_not_know(kind: Any) -> None:
    records = list(records_in(kind))
    assert records
    assert [r for r in records if r.__struct_config__.forbid_unknown_fields] == []


def test_a_message_under_the_topic_of_another_is_refused(a: Builder) -> None:
    frames = wire.encode_published(a(Heatmap))
    for wrong in (b"heatmap/000660/", b"heatmap/", b"bar/005930/", b""):
        with pytest.raises(WireError, match="must not come under"):
            wire.decode_published([wrong, *frames[1:]])


@for_each("value", [np.nan, np.inf, -np.inf])
@for_each(
    ("kind", "name"),
    [(k, n) for k in get_args(Published) for n, f in k.ARRAYS.items() if "f" in f.dtype],
)
def test_a_number_that_is_not_finite_is_refused(
    a: Builder, kind: type[Message], name: str, value: float
) -> None:
    message = a(kind)
    frames = [bytes(f) for f in wire.encode_published(message)]
    array = message.array(name).copy()
    array.flat[0] = value
    frames[2 + list(kind.ARRAYS).index(name)] = array.tobytes()
    with pytest.raises(WireError, match="finite"):
        wire.decode_published(frames)


@given(st.lists(st.binary(max_size=64), max_size=9))
def test_random_frames_raise_nothing_but_a_wire_error(frames: list[bytes]) -> None:
    for decode in (wire.decode_published, wire.decode_answer):
        with pytest.raises(WireError):
            decode(frames)
    for frame in frames:
        with pytest.raises(WireError):
            wire.decode_request(frame)


@given(kind=st.sampled_from([Confidence, Buy, Heatmap, Bar, Status]), data=st.data())
def test_one_changed_byte_gives_a_message_or_a_wire_error(
    a: Builder, kind: type[Message], data: st.DataObject
) -> None:
    frames = [bytearray(f) for f in wire.encode_published(a(kind))]
    frame = data.draw(st.sampled_from([f for f in frames if f]))
    frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    try:
        message = wire.decode_published(frames)
    except WireError:
        return
    for name, form in message.ARRAYS.items():
        array = message.array(name)
        assert array.shape == form.lengths(message)
        assert array.dtype.kind != "f" or np.isfinite(array).all()


@given(kind=st.sampled_from(get_args(Answer)), data=st.data())
def test_one_changed_byte_of_an_answer_gives_an_answer_or_a_wire_error(
    a: Builder, kind: type[Message], data: st.DataObject
) -> None:
    frames = [bytearray(f) for f in wire.encode_answer(3, a(kind))]
    frame = data.draw(st.sampled_from([f for f in frames if f]))
    frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    try:
        _, message = wire.decode_answer(frames)
    except WireError:
        return
    for name, form in message.ARRAYS.items():
        assert message.array(name).shape == form.lengths(message)


def test_a_request_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(WireError, match="at most"):
        wire.decode_request(b"\x80" * (wire.MAX_REQUEST_BYTES + 1))


@pytest.mark.parametrize(("spare", "taken"), [(0, True), (1, False)])
def test_a_header_has_at_most_eight_mebibytes(a: Builder, spare: int, taken: bool) -> None:
    assert wire.MAX_HEADER_BYTES == 8 * 2**20
    message, *arrays = [bytes(frame) for frame in wire.encode(a(Status))]
    values = msgspec.msgpack.decode(message) | {"later": b""}
    short = len(msgspec.msgpack.encode(values | {"later": bytes(2**16)})) - 2**16
    values["later"] = bytes(wire.MAX_HEADER_BYTES - short + spare)
    frames = [wire.topic("status"), msgspec.msgpack.encode(values), *arrays]
    assert len(frames[1]) == wire.MAX_HEADER_BYTES + spare
    if taken:
        assert isinstance(wire.decode_published(frames), Status)
    else:
        with pytest.raises(WireError, match="header"):
            wire.decode_published(frames)


def test_a_deeply_nested_frame_is_a_wire_error() -> None:
    with pytest.raises(WireError):
        wire.decode_request(b"\x91" * 4000)


def test_an_answer_of_another_protocol_is_refused(a: Builder) -> None:
    frames = wire.encode_answer(1, a(Refusal))
    other = msgspec.msgpack.encode({"protocol": 1, "request_id": 1})
    with pytest.raises(WireError):
        wire.decode_answer([other, *frames[1:]])


def test_a_published_kind_is_no_answer(a: Builder) -> None:
    frames = wire.encode_answer(1, a(Snapshot))
    with pytest.raises(WireError):
        wire.decode_answer([frames[0], *wire.encode(a(Confidence))])
