from pathlib import Path

import pytest

from client.state.column_layout import ColumnLayout
from client.state.marks import Marks
from client.state.workspace import Workspace
from client.workspace_file import WorkspaceWriter, read_workspace


def test_what_was_kept_last_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "workspace.json"
    assert read_workspace(path) == Workspace()
    writer = WorkspaceWriter(path)
    kept = Workspace(marks=Marks(stars=("005930",)), columns=ColumnLayout(widths={"name": 90}))
    writer.save(Workspace(marks=Marks(stars=("AAPL",))))
    writer.save(kept)
    writer.close()
    assert read_workspace(path) == kept
    assert [p.name for p in path.parent.iterdir()] == ["workspace.json"]


def test_a_file_that_cannot_be_understood_is_put_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "workspace.json"
    path.write_text('{"marks": 5}', encoding="utf-8")
    assert read_workspace(path) == Workspace()
    assert "begins anew" in caplog.text
    assert (tmp_path / "workspace.json.unreadable").read_text(encoding="utf-8") == '{"marks": 5}'


def test_a_disk_that_takes_nothing_is_told_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    writer = WorkspaceWriter(tmp_path / "file" / "workspace.json")
    writer.save(Workspace())
    writer.close()
    assert "cannot be kept" in caplog.text
