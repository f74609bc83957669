import tempfile
from pathlib import Path

import pytest

from client.log_files import log_file


def test_a_log_stands_in_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "state" / "log"
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(folder))
    log_file("desk.log").write_text("here")
    assert (folder / "desk.log").read_text() == "here"


def test_where_that_folder_cannot_be_made_the_temporary_one_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path / "file" / "x"))
    assert log_file("desk.log").parent == Path(tempfile.gettempdir())
