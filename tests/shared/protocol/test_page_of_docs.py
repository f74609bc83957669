"""docs/protocol.md says all that the types of the wire declare, and of codes nothing else."""

import re
from typing import get_args

import msgspec
import pytest

from client.net.liveness import LONGEST_SILENCE_MS
from client.net.pending_requests import ASK_AGAIN_MS, EXPLAIN_AGAIN_MS
from client.state.health import LATE_MS, LOST_MS
from server.explain.lane import MAX_WAITING
from server.protocol import desk_service, publisher
from server.protocol.publisher import MAX_SUBSCRIPTION_BYTES
from server.protocol.subscriptions import MAX_OTHERS
from shared.protocol.answers import Answer, RefusalCode
from shared.protocol.envelope import Message
from shared.protocol.messages import Published
from shared.protocol.requests import AnyRequest
from shared.protocol.wire import (
    MAX_ARRAYS,
    MAX_FRAME_BYTES,
    MAX_HEADER_BYTES,
    MAX_REQUEST_BYTES,
    MAX_REQUEST_FRAME_BYTES,
)
from tests.kit.for_each import for_each
from tests.kit.places import ROOT

PAGE = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")


def tag(kind: type[msgspec.Struct]) -> str:
    return str(kind.__struct_config__.tag)


def section(kind: type[Message]) -> str:
    found = re.search(rf"^### `{tag(kind)}`.*?(?=^##)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[0]


def fields(kind: type[Message]) -> list[str]:
    # The stamp has a section of its own; the columns of rows are frames, one each.
    return [name for name in kind.__struct_fields__ if name not in ("stamp", "columns")]


@pytest.mark.parametrize("kind", get_args(Published), ids=tag)
def test_every_field_of_what_is_published_stands_in_its_section(kind: type[Message]) -> None:
    said = section(kind)
    assert [name for name in fields(kind) if f"`{name}`" not in said] == []
    for name, array in kind.ARRAYS.items():
        assert f"| `{name}` | {array.dtype.lstrip('<|')} | " in said


@for_each("kind", get_args(Answer))
def test_every_answer_and_its_fields_are_told(kind: type[Message]) -> None:
    assert f"`{tag(kind)}`" in PAGE
    assert [name for name in fields(kind) if f"`{name}`" not in PAGE] == []


def table(*headings: str) -> list[list[str]]:
    head = re.escape("| " + " | ".join(headings) + " |")
    found = re.search(rf"^{head}\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert found is not None
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in found[1].splitlines()]


def test_every_refusal_has_its_row_and_no_other() -> None:
    assert [code for code, _ in table("code", "meaning")] == [
        f"`{c}`" for c in get_args(RefusalCode)
    ]


def test_every_request_has_its_row_and_its_fields() -> None:
    rows = table("request `type`", "further fields", "answer `type`")
    assert [row[0] for row in rows] == [f"`{tag(kind)}`" for kind in get_args(AnyRequest)]
    for kind, (_, further, _) in zip(get_args(AnyRequest), rows, strict=True):
        own = [n for n in kind.__struct_fields__ if n not in ("request_id", "protocol")]
        assert [name for name in own if f"`{name}`" not in further] == []


def test_the_other_limits_are_those_of_the_code() -> None:
    said = {what: most for what, most, _ in table("what else", "at most", "beyond it")}
    expected = {
        "bytes of a request": MAX_REQUEST_BYTES,
        "bytes of a frame to `requests`": MAX_REQUEST_FRAME_BYTES,
        "bytes of a frame to `publish`, a subscription": MAX_SUBSCRIPTION_BYTES,
        "prefixes subscribed to that are no topic of a ticker": MAX_OTHERS,
        "requests of one client that wait in the server": desk_service.RECEIVE_LIMIT,
        "answers that wait for a client that does not read": desk_service.SEND_LIMIT,
        "published messages that wait for a client that does not read": publisher.SEND_LIMIT,
        "explanations of one client that wait": MAX_WAITING,
        "bytes of a header; of any frame from the server": MAX_HEADER_BYTES,
        "arrays of a message": MAX_ARRAYS,
    }
    assert said.keys() == expected.keys()
    assert [what for what in said if not said[what].startswith(f"{expected[what]:,}")] == []
    assert f"{MAX_FRAME_BYTES:,}" in PAGE


def test_the_times_are_those_of_the_desk() -> None:
    rows = table("request", "ask again without an answer after", "because")
    assert [row[1] for row in rows] == [
        f"{ms // 1_000} s" for ms in (EXPLAIN_AGAIN_MS, ASK_AGAIN_MS)
    ]
    assert f"missing for {LATE_MS / 1_000} s | missing for {LOST_MS // 1_000} s" in PAGE
    assert f"every {LONGEST_SILENCE_MS // 1_000} s from there on" in PAGE


def test_every_refusal_says_whether_to_ask_again() -> None:
    said = " ".join(codes for codes, _ in table("refusal", "ask again"))
    assert [code for code in get_args(RefusalCode) if f"`{code}`" not in said] == []
