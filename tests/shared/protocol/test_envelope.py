import pytest

from shared.columns import COLUMNS
from shared.protocol.envelope import MINOR, PROTOCOL
from tests.kit.places import ROOT


def test_no_column_is_newer_than_the_minor_version() -> None:
    assert MINOR >= 0
    assert all(column.since <= MINOR for column in COLUMNS)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("docs/protocol.md", f"# The protocol, version {PROTOCOL}\n"),
        ("docs/protocol.md", f"| `protocol` | int | {PROTOCOL}, the major version"),
        ("docs/protocol.md", f'`{{"protocol": {PROTOCOL}, "request_id": …}}`'),
        ("docs/examples/plain_client.py", f'"protocol": {PROTOCOL},'),
    ],
)
def test_what_is_written_of_the_version_is_the_version(page: str, words: str) -> None:
    assert words in (ROOT / page).read_text(encoding="utf-8")
