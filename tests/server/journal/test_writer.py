import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from server.journal import reading, store, writer
from server.journal.records import Event, JournalRun, NumberedMoment
from server.journal.schema import MIGRATIONS, VERSION, NewerJournalError, migrate
from server.journal.store import Store
from server.journal.writer import Retention, Writer
from server.market.moment import FoundBuys, MarketMoment
from shared.contract import STEPS, WINDOW_SHAPE
from tests.kit.house import NO_MODEL, SYMBOLS, bars
from tests.kit.waiting import LIMIT_S, wait_for

RUN = JournalRun(
    source="made", run_id="run", begun_ms=1, model_id="m@1", label_rule="", files=NO_MODEL
)
FOR_EVER = Retention(days=0, bar_days=30)


def moment(number: int, *bought: int) -> NumberedMoment:
    """Make a moment in which some tickers of three entered class 2 on day `number`."""
    batch, n = bars(number, (100.0, 101.0, 102.0)), len(bought)
    rows = np.array(bought, np.int64)
    buys = FoundBuys(
        made_ms=number,
        late=False,
        symbols=tuple(SYMBOLS[row] for row in bought),
        last=batch.ohlcv[rows, 3],
        bar_ms=batch.bar_ms[rows],
        probabilities=np.full((n, 3), 1 / 3, np.float32),
        scores=np.full((n, 3), 1 / 3, np.float32),
        sets=np.full(n, 7, np.uint8),
        raw=np.ones((n, *WINDOW_SHAPE), np.float32),
        saliency=np.ones((n, *WINDOW_SHAPE), np.float32),
        window_ms=np.ones((n, STEPS), np.int64),
    )
    found = MarketMoment(
        batch=batch,
        made_ms=number,
        symbols=SYMBOLS,
        probabilities=np.full((3, 3), 1 / 3, np.float32),
        sets=np.full(3, 7, np.uint8),
        turned=rows,
        was=np.full(n, -1, np.int64),
        wins=np.full(n, 2, np.int64),
        corrected=0,
        interrupted=0,
        buys=buys if bought else None,
    )
    return NumberedMoment(number=number, moment=found)


@contextmanager
def writing(folder: Path) -> Iterator[Writer]:
    found = Writer(folder, RUN, FOR_EVER)
    try:
        yield found
    finally:
        found.stop(LIMIT_S)


def count(folder: Path, table: str) -> int:
    with reading.reading(folder) as database:
        (found,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    return int(found)


def lost_once(look_after: Callable[[Store], None]) -> Callable[[Store], None]:
    """Make a store lose its file once, so that it is opened again."""
    lost: list[Store] = []

    def look(found: Store) -> None:
        if not lost:
            lost.append(found)
            raise sqlite3.OperationalError("disk I/O error")
        look_after(found)

    return look


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BUSY_S", 0.01)
    monkeypatch.setattr(writer, "RETRY_S", 0.01)


def test_one_buy_is_one_fact_however_often_it_comes(tmp_path: Path) -> None:
    with writing(tmp_path) as found:
        for number, bought in ((1, (0, 1)), (2, (2,)), (3, (0,))):
            found.leave(moment(number, *bought))
        again = moment(1, 0, 1, 2)
        found.leave(NumberedMoment(number=4, moment=again.moment))
        found.settle(LIMIT_S)
        assert found.written == 4
        new = [found.take_new(number) for number in (1, 2, 3, 4)]
        assert [mask.tolist() for mask in new if mask is not None] == [
            *([True, True], [True], [True]),
            [False, False, True],
        ]
        # While it is written, others read: the log, and what was decided when.
        with reading.reading(tmp_path) as database:
            log = reading.newest_buys(database, 2)
            assert [(buy.symbol, buy.bar_ms) for buy in log] == [
                (SYMBOLS[0], 3 * 86_400_000),
                (SYMBOLS[2], 86_400_000),
            ]
            (kept,) = reading.moments(database, "number = ?", 2)
            assert kept.symbols == SYMBOLS
            assert kept.ohlcv[:, 3].tolist() == [100.0, 101.0, 102.0]
    assert count(tmp_path, "buys") == 5
    assert count(tmp_path, "changes") == 5
    assert count(tmp_path, "run WHERE ended_ms > 0") == 1


def test_a_database_that_others_hold_costs_nothing_but_time(tmp_path: Path) -> None:
    with writing(tmp_path) as found:
        found.settle(LIMIT_S)
        with closing(sqlite3.connect(tmp_path / store.FILE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            found.leave(moment(1, 0))
            wait_for(lambda: found.status.fault)
            assert "locked" in found.status.fault
            assert found.status.waiting == 1
        wait_for(lambda: not found.status.fault and found.written == 1)
        assert found.status.faults > 0
    assert count(tmp_path, "buys") == 1


def test_a_full_disk_is_said_and_heals_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(tmp_path) as found:
        found.leave(moment(1, 0))
        found.settle(LIMIT_S)
        write = Store.write

        def full(_self: Store, _records: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr(Store, "write", full)
        found.leave(moment(2, 1))
        wait_for(lambda: found.status.fault)
        assert found.status.fault == "database or disk is full"
        monkeypatch.setattr(writer, "MOST_WAITING_BYTES", 0)
        found.leave(moment(3))  # its bars come again from the feed
        found.leave(moment(4, 2))  # a buy does not
        assert found.status.lost == 1
        monkeypatch.setattr(Store, "write", write)
        wait_for(lambda: found.written == 4)
        assert found.status.fault == ""
    assert count(tmp_path, "buys") == 3


def test_a_disk_that_became_read_only_is_said_and_heals_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(tmp_path) as found:
        found.leave(moment(1, 0))
        found.settle(LIMIT_S)
        # SQLite itself refuses, in the words that it has for such a disk; rights of files would not
        # stop who runs tests as root.
        monkeypatch.setattr(store, "_PRAGMAS", ("query_only = ON",))
        found.leave(Event(at_ms=1, kind="feed", detail="live"))
        found.settle(LIMIT_S)
        monkeypatch.setattr(Store, "_look_after", lost_once(Store._look_after))
        found.leave(moment(2, 1))
        wait_for(lambda: "readonly" in found.status.fault)
        assert found.written == 1
        monkeypatch.undo()
        wait_for(lambda: found.written == 2)
        assert (found.status.fault, found.status.lost, found.status.set_aside) == ("", 0, 0)
    assert count(tmp_path, "buys") == 2


@pytest.mark.parametrize("damage", ["cut", "overwritten", "replaced"])
def test_a_damaged_journal_is_set_aside_and_a_new_one_begun(tmp_path: Path, damage: str) -> None:
    path = tmp_path / store.FILE
    with writing(tmp_path) as found:
        for number in range(1, 40):
            found.leave(moment(number, 0, 1, 2))
        found.settle(LIMIT_S)
        with closing(sqlite3.connect(path)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole = path.read_bytes()
        if damage == "cut":
            with path.open("r+b") as file:
                file.truncate(5_000)
        elif damage == "overwritten":
            with path.open("r+b") as file:
                file.write(b"\0" * 90_000)
        else:
            path.rename(tmp_path / "elsewhere")
            path.write_bytes(whole)
        found.leave(moment(40, 1))
        wait_for(lambda: found.written == 40)
        assert found.status.set_aside == 1
    assert list(tmp_path.glob("journal.sqlite3.damaged-*"))
    assert count(tmp_path, "buys") == 1
    assert count(tmp_path, "event WHERE kind = 'journal'") == 1


def test_every_older_version_comes_to_this_one_and_a_later_one_is_left_alone() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        migrate(fresh)
        wanted = fresh.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()
    for older in range(1, VERSION):
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
            for script in MIGRATIONS[:older]:
                database.executescript(script)
            database.execute(f"PRAGMA user_version = {older}")
            database.executescript(
                "INSERT INTO model VALUES (1, 'm@1', '', x'', x'');"
                "INSERT INTO run VALUES (1, 'run', 1, '', 1, NULL);"
                "INSERT INTO ticker VALUES (1, '005930');"
                "INSERT INTO buy (ticker, bar_ms, model, run, made_ms, late, last, down, flat, up, "
                "sets, scores, raw, saliency, window_ms) "
                "VALUES (1, 5, 1, 1, 1, 0, 1.0, 0.25, 0.25, 0.5, 7, x'', x'', x'', x'')"
            )
            migrate(database)
            found = database.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name")
            assert found.fetchall() == wanted
            # What was said stays said, and is judged from now on.
            assert reading.open_buys(database, "m@1") == [("005930", 5, 0.5)]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
        with pytest.raises(NewerJournalError):
            migrate(database)


def test_what_is_too_old_is_forgotten(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as found:
        found.write([RUN, *(moment(number, 0) for number in (1, 2, 3))])
        found.write([Event(at_ms=1, kind="feed", detail="live")])
        found.prune(before_ms=2, moments_before_ms=3, kept_from=2)
    assert count(tmp_path, "buys") == 2
    assert count(tmp_path, "event") == 0
    assert count(tmp_path, "moment") == 2


def test_runs_and_models_go_with_the_last_that_names_them(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as found:
        for number, model in ((1, "a@1"), (2, "b@2"), (3, "a@1")):
            run = replace(RUN, run_id=f"run{number}", begun_ms=number, model_id=model)
            found.write([run, moment(number, 0)])
        found.prune(before_ms=3, moments_before_ms=4, kept_from=4)
    with reading.reading(tmp_path) as database:
        assert database.execute("SELECT run_id FROM run").fetchall() == [("run3",)]
        assert database.execute("SELECT model_id FROM model").fetchall() == [("a@1",)]
        assert database.execute("SELECT symbol, model_id FROM buys").fetchall() == [
            (SYMBOLS[0], "a@1")
        ]
        assert database.execute("SELECT count(*) FROM changes").fetchall() == [(1,)]
