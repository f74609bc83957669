from pathlib import Path

import pytest

from models.networks.kinds import NETWORKS
from models.pretrained import make
from models.training.plan import read_plan


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were run, each with success."""
    commands: list[list[str]] = []

    def run(command: list[str]) -> int:
        commands.append(command)
        return 0

    monkeypatch.setattr(make, "run", run)
    return commands


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for file in {*make.SOURCES.values(), *(file for file, _ in make.WALKS.values())}:
        (tmp_path / file).touch()
    return tmp_path


def test_a_bundle_is_trained_audited_judged_and_its_reasons_checked(
    data: Path, ran: list[list[str]]
) -> None:
    assert make.main([str(data), "reports", "us-daily"]) == 0
    assert [command[0] for command in ran] == ["train", "audit", "evaluate", "explain-check"]
    assert all("us_daily_kdd17.parquet" in " ".join(command) for command in ran)


def test_with_walks_all_data_sets_are_walked_through_and_pooled(
    data: Path, ran: list[list[str]]
) -> None:
    assert make.main([str(data), "reports", "us-daily", "--walks", "runs"]) == 0
    walks, pool = ran[4:-1], ran[-1]
    assert [walk[0] for walk in walks] == ["walk-forward"] * 6
    folders = [walk[walk.index("--out") + 1] for walk in walks]
    assert pool[: 1 + len(folders)] == ["pool", *folders]
    assert pool[pool.index("--out") + 1] == str(Path("reports") / "pool.html")
    for walk in walks:
        plan = Path(walk[walk.index("--config") + 1])
        assert read_plan(plan, {}, "made").network in NETWORKS


def test_the_first_command_that_fails_is_the_last(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def run(command: list[str]) -> int:
        ran.append(command[0])
        return 65 if command[0] == "audit" else 0

    monkeypatch.setattr(make, "run", run)
    assert make.main([str(data), "reports"]) == 65
    assert ran == ["train", "audit"]


def test_bars_that_are_absent_are_named(
    tmp_path: Path, ran: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert make.main([str(tmp_path), "reports", "us-daily"]) == 66
    assert "us_daily_kdd17.parquet" in capsys.readouterr().err
    assert ran == []
