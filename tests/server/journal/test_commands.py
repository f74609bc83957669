from collections import deque
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from models.bundles.files import find_bundle, read_files
from models.inference.served import read_served
from server import __main__ as program
from server.journal import reading, store
from server.journal.commands import run
from server.journal.journal import Journal
from server.journal.opening import new_cycle
from server.journal.place import OneWriter
from server.journal.records import JournalRun
from server.journal.time_machine import decision_at
from server.journal.writer import Retention
from server.market.cycle import Cycle, Subscribed
from shared.errors import DataError, SettingsError, UnavailableError
from shared.settings import ServerSettings
from tests.kit.house import DAY_MS, FULL, SYMBOLS, House, bars
from tools.fuzz.seeds import follower

NOBODY = Subscribed(heatmap=np.zeros(3, np.bool_), bar=np.zeros(3, np.bool_))
DAYS = FULL + 12


@pytest.fixture(scope="module")
def written(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, Cycle]:
    """A journal in which three tickers moved at random, and the cycle that wrote it."""
    folder = tmp_path_factory.mktemp("journal")
    model = read_served(read_files(find_bundle("krx-daily")), "krx-daily")
    run_record = JournalRun(
        source="made",
        run_id="run",
        begun_ms=1,
        model_id=model.model_id,
        label_rule="rule",
        files=read_files(find_bundle("krx-daily")),
    )
    journal = Journal(folder, run_record, Retention(days=0, bar_days=100_000))
    cycle = new_cycle(journal, House(follower()).listing, model, ServerSettings())
    random = np.random.default_rng(3)
    for day in range(1, DAYS + 1):
        closes = tuple((100 + random.normal(0, 2, 3)).tolist())
        deque(cycle.run(bars(day, closes, history=day <= FULL), day * DAY_MS, NOBODY), 0)
        for found in journal.settled():
            cycle.say_buys(found)
    cycle.end_history()
    journal.save()
    journal.close()
    return folder, cycle


def test_any_past_decision_is_answered_with_its_map(written: tuple[Path, Cycle]) -> None:
    folder, cycle = written
    kept = 0
    with reading.reading(folder) as database:
        for row, symbol in enumerate(SYMBOLS):
            found = decision_at(database, symbol, DAYS * DAY_MS + 5)
            kept += found.kept
            assert np.array_equal(found.bar.probabilities, cycle.state.probabilities[row])
            assert np.array_equal(found.raw, cycle.state.raw[row])
            np.testing.assert_allclose(found.saliency, cycle.state.saliency[row], atol=1e-6)
            assert found.window_ms.tolist() == cycle.state.decided_ms[row].tolist()
            before = decision_at(database, symbol, DAYS * DAY_MS - 1)
            assert before.bar.bar_ms == (DAYS - 1) * DAY_MS
        with pytest.raises(DataError, match="not decided on"):
            decision_at(database, SYMBOLS[0], 5 * DAY_MS)
        with pytest.raises(DataError, match="no bar of 999999"):
            decision_at(database, "999999", DAYS * DAY_MS)
    assert kept < len(SYMBOLS)  # some were made again of bars


def test_what_was_said_is_shown_and_exported(
    written: tuple[Path, Cycle], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = written
    with reading.reading(folder) as database:
        log = reading.newest_buys(database, 100)
    assert log
    place = ["--journal", str(folder)]
    assert program.main(["journal", *place, "show", "--lines", "1"]) == 0
    assert log[-1].symbol in capsys.readouterr().out
    at = ["--ticker", log[-1].symbol, "--at", "2200-01-01", "--market", "krx"]
    assert any("close" in line for line in run([*place, "show", *at]))
    assert list(run([*place, "export", "--parquet", str(tmp_path)]))
    buys = pl.read_parquet(tmp_path / "buys.parquet")
    assert buys["symbol"].to_list() == [buy.symbol for buy in log]
    assert buys["bar_ms"].dt.epoch("ms").to_list() == [buy.bar_ms for buy in log]
    with pytest.raises(SettingsError, match="--ticker"):
        list(run([*place, "show", "--at", "2024-01-01"]))


def test_a_check_finds_what_is_damaged(written: tuple[Path, Cycle], tmp_path: Path) -> None:
    folder, _ = written
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    place = ["--journal", str(tmp_path)]
    assert sum("sound" in line for line in run([*place, "check"])) == 2
    lock = OneWriter(tmp_path)
    with pytest.raises(UnavailableError, match="a server"):
        list(run([*place, "prune"]))
    lock.release()
    assert list(run([*place, "prune", "--bar-days", "1"]))
    (state,) = tmp_path.glob("state-*.npz")
    state.write_bytes(state.read_bytes()[:-9])
    with pytest.raises(DataError, match="damaged"):
        list(run([*place, "check"]))
    with (tmp_path / store.FILE).open("r+b") as file:
        file.seek(4_096)
        file.write(b"\xff" * 60_000)
    with pytest.raises(DataError, match="damaged"):
        list(run([*place, "check"]))
