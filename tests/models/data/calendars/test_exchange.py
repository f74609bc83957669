from pathlib import Path

import pytest

from models.data.calendars import exchange
from models.data.calendars.exchange import UsualHours, usual_hours

TOKYO = UsualHours(timezone="Asia/Tokyo", close="15:30")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path))
    return tmp_path / "calendars"


def worked_out(code: str) -> UsualHours:
    return usual_hours.__wrapped__(code)


def test_where_and_until_when_is_worked_out_once_and_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert worked_out("XTKS") == TOKYO
    monkeypatch.setattr(exchange, "calendar_of", None)
    assert worked_out("XTKS") == TOKYO


@pytest.mark.parametrize("content", [b"", b"{", b'{"timezone": 3}', b"\xff"])
def test_a_damaged_file_is_as_good_as_none(folder: Path, content: bytes) -> None:
    assert worked_out("XTKS") == TOKYO
    (file,) = folder.iterdir()
    file.write_bytes(content)
    assert worked_out("XTKS") == TOKYO
    assert file.read_bytes() != content


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "file"))
    assert worked_out("XTKS") == TOKYO
