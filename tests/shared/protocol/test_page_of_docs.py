"""docs/protocol.md says all that the types of the wire declare, and of codes nothing else."""

import re
from typing import get_args

import msgspec
import pytest

from shared.protocol.answers import Answer, RefusalCode
from shared.protocol.envelope import Message
from shared.protocol.messages import Published
from shared.protocol.requests import AnyRequest
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


@pytest.mark.parametrize("kind", get_args(Answer), ids=tag)
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
