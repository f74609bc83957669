import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from models.__main__ import main

CsvFiles = Callable[..., list[str]]


@pytest.fixture
def arguments(csv_files: CsvFiles, tmp_path: Path) -> list[str]:
    """Bars of two tickers and labelled days of them."""
    frames = [pd.read_csv(path).assign(symbol=Path(path).stem) for path in csv_files(2, 140)]
    bars, samples = tmp_path / "bars.parquet", tmp_path / "samples.parquet"
    pd.concat(frames).to_parquet(bars, index=False)
    rows = []
    for frame in frames:
        for i in range(30, 139):
            split = "train" if i < 90 else "val" if i < 110 else "test"
            label = 2 if frame["close"][i + 1] > frame["close"][i] else 0
            symbol = frame["symbol"][i]
            rows.append((symbol, frame["date"][i], label, split, frame["date"][i + 1]))
    columns = ["symbol", "date", "label", "split", "target_date"]
    pd.DataFrame(rows, columns=columns).to_parquet(samples)
    plan = tmp_path / "train.toml"
    plan.write_text("sizes = { channels = [4] }\n[recipe]\nepochs = 1\n")
    files = ["--bars", str(bars), "--samples", str(samples), "--config", str(plan)]
    return ["benchmark", *files, "--workers", "1"]


def test_benchmark_prints_and_writes_the_scores(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scores.json"
    assert main([*arguments, "--seeds", "3", "--json", str(out)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("test: 58 samples of 29 days\n")
    assert "always up" in said
    scores = json.loads(out.read_text())
    assert (scores["split"], scores["samples"], scores["missing"]) == ("test", 58, 0)
    assert scores["target"] == "label"
    assert [seed["seed"] for seed in scores["seeds"]] == [0, 1, 2]


def test_val_is_scored_while_one_chooses(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--seeds", "1", "--split", "val"]) == 0
    assert capsys.readouterr().out.startswith("val: 40 samples of 20 days")


def test_a_wrong_number_of_seeds_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--seeds", "0"]) == 78
    assert "--seeds must be at least 1, was 0" in capsys.readouterr().err


def test_scores_that_cannot_be_written_are_an_error(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "absent" / "scores.json")
    assert main([*arguments, "--seeds", "1", "--json", out]) == 66
    assert "scores.json cannot be written" in capsys.readouterr().err


def test_a_relative_target_is_said_and_recorded(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scores.json"
    flags = ["--seeds", "1", "--target", "relative", "--json", str(out)]
    assert main([*arguments, *flags]) == 0
    assert "shifted until half of val is called up" in capsys.readouterr().out
    assert json.loads(out.read_text())["target"] == "relative"


def test_a_relative_target_refuses_splits_in_the_wrong_order(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = arguments[arguments.index("--samples") + 1]
    frame = pd.read_parquet(path)
    frame["split"] = frame["split"].map({"train": "test", "val": "val", "test": "train"})
    frame.to_parquet(path)
    assert main([*arguments, "--target", "relative"]) == 65
    assert "val must begin after train ends" in capsys.readouterr().err
