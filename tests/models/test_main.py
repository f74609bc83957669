from collections.abc import Callable
from pathlib import Path

import pytest

from models.__main__ import main
from models.bundles.bundle import load_bundle
from shared.version import VERSION
from tests.kit.absent import run_without
from tests.kit.places import ROOT


@pytest.fixture
def data(csv_files: Callable[..., list[str]]) -> list[str]:
    return csv_files(tickers=2, bars=160)


def test_train_then_inspect(
    data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "made"
    assert main(["train", *data, "--out", str(out), "--epochs", "2", "--seed", "3"]) == 0
    trained = capsys.readouterr()
    assert "2/2" in trained.err
    assert main(["look", *data]) == 0
    assert trained.err.startswith(capsys.readouterr().out)
    assert main(["inspect", str(out)]) == 0
    inspected = capsys.readouterr()
    assert inspected.out == trained.out
    assert inspected.err == ""
    card = load_bundle(str(out)).card
    assert card.name == "made"
    assert card.data.sources == ("000000.csv", "000001.csv")
    assert (card.data.tickers, card.training.recipe.seed) == (2, 3)
    reading = card.data.reading
    assert reading is not None
    assert (reading.source, reading.stamp, reading.adjusted) == ("generic", "open", None)


def test_a_file_says_what_to_train_and_flags_override_it(
    data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "train.toml"
    plan.write_text(
        'network = "gaf_cnn"\n'
        "[sizes]\nchannels = [2]\n"
        '[label]\nkind = "scaled_return"\nhorizon = 2\n'
        "[recipe]\nepochs = 9\nensemble = 2\n"
    )
    arguments = ["--config", str(plan), "--epochs", "1", "--no-test", "--trials", "12"]
    assert main(["train", *data, "--out", str(tmp_path / "made"), *arguments]) == 0
    said = capsys.readouterr()
    assert "run 2 of 2" in said.err
    assert "2 x gaf_cnn (channels [2], kernel 3, dropout 0.3)" in said.out
    assert "return over the next 2 bars" in said.out
    assert "test: not scored" in said.out
    assert "12, this one included" in said.out
    card = load_bundle(str(tmp_path / "made")).card
    assert [run.epochs for run in card.training.runs] == [1, 1]
    assert card.test is None


def test_a_bundle_is_replaced_only_by_force(
    data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", *data, "--out", str(tmp_path / "made"), "--epochs", "1"]
    assert main(command) == 0
    assert main(command) == 78
    assert "--force" in capsys.readouterr().err
    assert main([*command, "--force", "--name", "other"]) == 0
    assert load_bundle(str(tmp_path / "made")).card.name == "other"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["inspect", "absent"], 66, "absent is neither a folder nor a shipped bundle"),
        (["train", "absent.csv", "--out", "x"], 66, "absent.csv does not exist"),
        (["train", "absent.csv", "--out", "x", "--name", "X Y"], 78, "name must be 1 to 64 of a-z"),
        (["train", "absent.csv", "--out", "내모델"], 78, "say --name"),
        (["train", "absent.csv", "--out", "x", "--epochs", "0"], 78, "$.recipe.epochs"),
        (["train", "absent.csv", "--out", "x", "--jump-limit", "-1"], 78, "$.jump_limit"),
        (["train", "absent.csv", "--out", "x", "--config", "no.toml"], 66, "the plan no.toml"),
        (["train", "absent.csv", "--out", "x", "--ensemble", "65"], 78, "$.recipe.ensemble"),
    ],
)
def test_an_error_is_one_sentence_and_its_code(
    arguments: list[str],
    code: int,
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("tickerlens-models: ")
    assert sentence in said.err
    assert said.err.count("\n") == 1


def test_a_date_that_is_none(
    data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", *data, "--out", str(tmp_path / "x"), "--train-until", "never"]
    assert main(arguments) == 78
    assert "'never'" in capsys.readouterr().err


def test_usage_is_argparses(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["paint"])
    assert left.value.code == 2
    assert "train" in capsys.readouterr().err


def test_without_a_package_it_says_how_to_get_it() -> None:
    ran = run_without("torch", "models.__main__", "train", "bars.csv", "--out", "made")
    assert ran.returncode == 69
    assert ran.stderr == (
        "tickerlens-models: the package torch is not installed: "
        'python -m pip install "tickerlens[train]"\n'
    )


@pytest.mark.parametrize("absent", ["models.commands.train", "models.bundles.card"])
def test_a_defect_of_ours_is_not_told_as_a_missing_package(absent: str) -> None:
    ran = run_without(absent, "models.__main__", "train", "bars.csv", "--out", "made")
    assert ran.returncode == 1
    assert f"No module named {absent!r}" in ran.stderr
    assert "Traceback" in ran.stderr


def test_it_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"tickerlens-models {VERSION}\n"


def test_help_names_every_file_of_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = capsys.readouterr().out.split()
    files = (ROOT / "models" / "commands").glob("*.py")
    made = [path.stem for path in files if "def register(" in path.read_text(encoding="utf-8")]
    assert made
    assert {name.replace("_", "-") for name in made} <= set(listed)
