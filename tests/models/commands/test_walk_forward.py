import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from models.__main__ import main
from tests.kit.warm_python import warm_python

CsvFiles = Callable[..., list[str]]
PLAN = "sizes = { channels = [4] }\n[recipe]\nepochs = 1\nensemble = 1\n"


@pytest.fixture
def arguments(csv_files: CsvFiles, tmp_path: Path) -> list[str]:
    """A walk of one fold over three tickers."""
    plan = tmp_path / "train.toml"
    plan.write_text(PLAN)
    files = csv_files(bars=120)
    run = str(tmp_path / "run")
    return ["walk-forward", *files, "--config", str(plan), "--out", run, "--folds", "1"]


@pytest.mark.slow
def test_a_walk_on_several_processes_is_that_of_one_resumes_and_pools(
    arguments: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", warm_python())
    run = tmp_path / "run"
    assert main([*arguments, "--workers", "2"]) == 0
    said = capsys.readouterr()
    assert "LightGBM, recalibrated" in said.out
    assert said.out.rstrip().endswith(f"{run / 'report.html'} and {run / 'report.json'}")
    rows, parts = (run / "rows.npz").read_bytes(), sorted((run / "parts").iterdir())
    assert len(parts) == 3
    report = json.loads((run / "report.json").read_text())
    assert report["reading"]["bars"] == 360
    assert report["facts"]["features"] == "price_volume"
    assert list(report["parts"]) == ["year", "fold", "volatility"]

    out = tmp_path / "pool.html"
    assert main(["pool", str(run), "--out", str(out), "--note", "mine"]) == 0
    assert capsys.readouterr().out.rstrip().endswith(f"{out} and {tmp_path / 'pool.json'}")
    assert "mine" in out.read_text()

    kept = parts[0].stat().st_mtime_ns
    parts[1].unlink()
    (run / "rows.npz").unlink()
    assert main([*arguments, "--workers", "1"]) == 0
    assert (run / "rows.npz").read_bytes() == rows
    assert parts[0].stat().st_mtime_ns == kept


def test_another_plan_in_the_same_folder_is_refused(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("")
    assert main([*arguments, "--workers", "1"]) == 78
    assert "holds other files" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["--workers", "0"], "--workers must be at least 1, was 0"),
        (["--folds", "0"], "--folds must be at least 1, was 0"),
        (["--to", "2020-10-20"], "fold 1: the "),
        (["--trials", "0"], "--trials must be at least 1"),
    ],
)
def test_a_wrong_argument_is_refused_in_a_sentence(
    arguments: list[str], wrong: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, *wrong]) in (65, 78)
    assert words in capsys.readouterr().err
