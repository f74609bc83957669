import pytest

from shared.toml import MAX_NESTING, parse_toml


def test_what_people_write_is_read() -> None:
    assert parse_toml(b'[a.b]\nc = [1, {d = "e"}]\n') == {"a": {"b": {"c": [1, {"d": "e"}]}}}


@pytest.mark.parametrize(
    "content",
    [
        b"a = " + b"[" * 100_000 + b"]" * 100_000,
        b"a = " + b"{b = " * 5_000 + b"1" + b"}" * 5_000,
        b"a" + b".a" * 5_000 + b" = 1",
        b"[a" + b".a" * MAX_NESTING + b"]",
        b"a = " + b"[" * MAX_NESTING + b"]" * MAX_NESTING,
    ],
    ids=["lists", "tables", "names", "a table's name", "one more than may be"],
)
def test_what_nobody_writes_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_toml(content)


def test_as_deep_as_may_be_is_read() -> None:
    deep = MAX_NESTING - 1  # the table of the file is one itself
    assert parse_toml(b"a = " + b"[" * deep + b"]" * deep)["a"]


@pytest.mark.parametrize("content", [b"a", b"a = \xff", b"[a"])
def test_what_is_no_toml_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_toml(content)
