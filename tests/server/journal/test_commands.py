from pathlib import Path

import numpy as np
import polars as pl
import pytest

from server import __main__ as program
from server.journal import reading, store
from server.journal.commands import run
from server.journal.place import OneWriter
from server.journal.time_machine import decision_at
from server.market.cycle import Cycle
from shared.errors import DataError, SettingsError, UnavailableError
from tests.kit.house import DAY_MS, FULL, SYMBOLS

DAYS = FULL + 12


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
    said = capsys.readouterr().out
    assert log[-1].symbol in said
    # How the model's buys did is said as in `status`.
    assert "judged buys came true" in said
    at = ["--ticker", log[-1].symbol, "--at", "2200-01-01", "--market", "krx"]
    decided = list(run([*place, "show", *at]))
    assert any("close" in line for line in decided)
    assert "up ≥ 0.55% in 1 day" in said
    assert any(line.endswith("%  up ≥ 0.55% in 1 day") for line in decided)
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
