import json
from collections.abc import Callable
from html import escape
from pathlib import Path

import msgspec
import pytest

from models.__main__ import main
from models.bundles.bundle import load_bundle
from models.data.sources.reading import FileReading

CsvFiles = Callable[..., list[str]]


@pytest.fixture(scope="module")
def trained(csv_files_in: CsvFiles, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A bundle, and the bars that it was trained on."""
    folder = tmp_path_factory.mktemp("trained")
    files, out = csv_files_in(folder), str(folder / "made")
    assert main(["train", *files, "--out", out, "--epochs", "1", "--trials", "7"]) == 0
    return [out, *files]


def test_evaluate_prints_the_table_and_writes_page_and_json(
    trained: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    arguments = ["--out", str(out), "--note", "first look", "--note", "of mine"]
    assert main(["evaluate", *trained, *arguments]) == 0
    said = capsys.readouterr().out
    assert "LightGBM" in said
    assert main(["look", *trained[1:], "--json"]) == 0
    looked = msgspec.json.decode(capsys.readouterr().out, type=FileReading)
    assert said.startswith("\n".join(looked.lines()) + "\n\n")
    assert said.rstrip().endswith(f"{out} and {tmp_path / 'report.json'}")
    report = json.loads((tmp_path / "report.json").read_text())
    doubts = load_bundle(trained[0]).card.calibration.warnings  # few bars, so there are some
    assert report["warnings"] == list(doubts) != []
    assert all(f"WARNING: {doubt}" in said for doubt in doubts)
    assert msgspec.convert(report["reading"], FileReading) == looked
    assert all(escape(s) in out.read_text() for said in looked.facts().values() for s in said)
    assert report["notes"] == ["first look", "of mine"]
    assert {trades["trials"] for trades in report["trades"]} == {1, 7}
    assert "first look" in out.read_text()


def test_what_is_saved_is_drawn_and_stands_in_the_card(trained: list[str], tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    assert main(["evaluate", *trained, "--out", str(out), "--save"]) == 0
    card, report = load_bundle(trained[0]).card, json.loads(out.with_suffix(".json").read_text())
    assert card.confidence is not None
    assert report["confidence"]["buy_from"] == card.confidence.buy_from
    assert "precision of the buys against their count" in out.read_text()
    line = next(line for line in report["table"] if line["name"] == "adaptive")
    assert card.skill is not None
    assert card.skill.value == line["figures"]["up_brier_skill"]["value"]
    assert card.skill.gain == pytest.approx(card.skill.value - card.skill.of_baseline)
    # On other windows than those of its test span the skill that is kept stays.
    elsewhere = ["--from", "2000-01-01", "--save", "--out", str(out)]
    assert main(["evaluate", *trained, *elsewhere]) == 0
    assert load_bundle(trained[0]).card.skill == card.skill


def test_in_sample_days_are_said_in_red(trained: list[str], tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    assert main(["evaluate", *trained, "--from", "2000-01-01", "--out", str(out)]) == 0
    assert '<p class="warning">In-sample' in out.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--cost-bps", "-1"], "--cost-bps must be within 0 and 1000, was -1.0"),
        (["--cost-bps", "nan"], "--cost-bps must be within 0 and 1000, was nan"),
        (["--trials", "0"], "--trials must be at least 1, was 0"),
        (["--from", "soon"], "a date is written like 2024-01-31, was 'soon'"),
    ],
)
def test_a_wrong_argument_is_refused_in_a_sentence(
    trained: list[str], arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *trained, *arguments]) == 78
    assert words in capsys.readouterr().err
