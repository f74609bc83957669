from pathlib import Path

import pytest

from models.__main__ import main
from models.commands.pool import _named


def test_a_folder_without_a_run_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pool", str(tmp_path)]) == 66
    assert "holds no walk-forward" in capsys.readouterr().err


def test_runs_go_by_their_folder_or_by_all_of_the_path_where_two_are_called_alike(
    tmp_path: Path,
) -> None:
    paths = [tmp_path / "krx", tmp_path / "a" / "us", tmp_path / "b" / "us", tmp_path / "krx"]
    assert _named(paths) == {
        "krx": paths[0],
        str(paths[1].resolve()): paths[1].resolve(),
        str(paths[2].resolve()): paths[2].resolve(),
    }
