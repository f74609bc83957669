"""The database of a journal: opens it, and writes what comes in transactions."""

import itertools
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from server.journal.pruning import prune
from server.journal.records import BuyOutcomes, Event, JournalRun, NumberedMoment, Record
from server.journal.schema import migrate
from server.market.moment import FoundBuys, MarketMoment
from shared.contract import Bool, Int64
from shared.version import VERSION

FILE: Final = "journal.sqlite3"
BUSY_S: Final = 0.25  # how long to wait for another program that writes
_ROWS_AT_ONCE: Final = 200
# Cheap enough for every commit, and all that is needed to outlive the end of this process. What
# a failing machine takes with it are the newest transactions, and never the file.
_PRAGMAS: Final = ("journal_mode = WAL", "synchronous = NORMAL", "wal_autocheckpoint = 4000")


def connect(folder: Path) -> sqlite3.Connection:
    """Return a connection to the journal in a folder, made where there is none.

    Raises:
        sqlite3.Error: It cannot be opened or is damaged.
        NewerJournalError: It is of a later version.
        OSError: The folder cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = sqlite3.connect(
        folder / FILE, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        for pragma in _PRAGMAS:
            database.execute(f"PRAGMA {pragma}")
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database


class Store:
    """Writes records; lives in one thread.

    Args:
        folder: Of the journal.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._database = connect(folder)
        self._model = self._run = 0
        self._symbols: tuple[str, ...] = ()
        self._id_of: dict[str, int] = {}
        self._tickers = np.zeros(0, np.int64)  # (n,) id of the ticker in each row
        self._seen = self._stat()

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def write(self, records: Sequence[Record]) -> dict[int, Bool]:
        """Write records in one transaction; on a fault nothing of them is written.

        Returns:
            By the number of its moment, (e,) bool which of its buys were not yet known.

        Raises:
            sqlite3.Error: They cannot be written.
            OSError: The file is gone.
        """
        self._look_after()
        self._database.execute("BEGIN IMMEDIATE")
        try:
            new = dict(found for record in records if (found := self._put(record)) is not None)
            self._database.execute("COMMIT")
        except BaseException:
            self._symbols, self._id_of = (), {}
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise
        self._seen = self._stat()
        return new

    def end_run(self, ended_ms: int) -> None:
        """Note that the run ended of itself.

        Raises:
            sqlite3.Error: It cannot be written.
        """
        self._database.execute("UPDATE run SET ended_ms = ? WHERE id = ?", (ended_ms, self._run))

    def prune(self, before_ms: int, moments_before_ms: int, kept_from: int) -> None:
        """Forget what is older than it need be.

        Args:
            before_ms: Buys and events made before this go, and with them the changes, runs and
                models of then, ms since 1970 UTC.
            moments_before_ms: Moments made before this go.
            kept_from: The number of the first moment that stays whatever its age.

        Raises:
            sqlite3.Error: It cannot be written.
        """
        self._database.execute("BEGIN IMMEDIATE")
        try:
            prune(self._database, before_ms, moments_before_ms, kept_from, self._run)
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    def shrink(self) -> None:
        """Give back the room of what was forgotten; takes as long as writing all of it anew.

        Raises:
            sqlite3.Error: It cannot be written.
        """
        self._database.execute("VACUUM")
        self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _look_after(self) -> None:
        # Who overwrites a file that is open here is not noticed by SQLite before it reads the page.
        found = self._stat()
        if found[0] != self._seen[0] or found[1] < self._seen[1]:
            raise sqlite3.DatabaseError("the file was replaced or cut by another program")
        if found != self._seen:
            (verdict,) = self._database.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise sqlite3.DatabaseError(f"the file is malformed: {verdict}")

    def _stat(self) -> tuple[int, int, int]:
        found = os.stat(self._path)  # noqa: PTH116 - of the name, whoever holds the file open
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _put(self, record: Record) -> tuple[int, Bool] | None:
        match record:
            case NumberedMoment():
                return self._put_moment(record.number, record.moment)
            case Event():
                self._database.execute(
                    "INSERT INTO event (run, at_ms, kind, detail) VALUES (?, ?, ?, ?)",
                    (self._run, record.at_ms, record.kind, record.detail),
                )
            case JournalRun():
                self._put_run(record)
            case BuyOutcomes():
                self._put_outcomes(record)
        return None

    def _put_run(self, run: JournalRun) -> None:
        execute = self._database.execute
        if self._run:
            self.end_run(run.begun_ms)  # another model takes over
        execute("INSERT OR IGNORE INTO about VALUES ('source', ?)", (run.source,))
        execute(
            "INSERT OR IGNORE INTO model (model_id, label_rule, card, weights) VALUES (?, ?, ?, ?)",
            (run.model_id, run.label_rule, run.files.card, run.files.weights),
        )
        self._model = self._id_of_model(run.model_id)
        execute(
            "INSERT OR IGNORE INTO run (run_id, model, version, begun_ms) VALUES (?, ?, ?, ?)",
            (run.run_id, self._model, VERSION, run.begun_ms),
        )
        (self._run,) = execute("SELECT id FROM run WHERE run_id = ?", (run.run_id,)).fetchone()

    def _id_of_model(self, model_id: str) -> int:
        query = "SELECT id FROM model WHERE model_id = ?"
        (found,) = self._database.execute(query, (model_id,)).fetchone()
        return int(found)

    def _put_moment(self, number: int, moment: MarketMoment) -> tuple[int, Bool] | None:
        self._know(moment.symbols)
        batch = moment.batch
        arrays = (
            *(self._tickers[batch.rows], batch.bar_ms, batch.ohlcv),
            *(moment.probabilities, moment.sets),
        )
        times = batch.bar_ms if len(batch.bar_ms) else np.zeros(1, np.int64)
        self._database.execute(
            "INSERT OR REPLACE INTO moment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(
                    number,
                    self._model,
                    moment.made_ms,
                    batch.history,
                    int(times.min()),
                    int(times.max()),
                ),
                *(array.tobytes() for array in arrays),
            ),
        )
        if not batch.history:
            self._put_changes(moment)
        return None if moment.buys is None else (number, self._put_buys(moment.buys))

    def _put_changes(self, moment: MarketMoment) -> None:
        rows = np.zeros(len(moment.symbols), np.int64)
        rows[moment.batch.rows] = moment.batch.bar_ms
        columns = (rows[moment.turned], self._tickers[moment.turned], moment.was, moment.wins)
        self._insert(
            "change (bar_ms, ticker, model, was, wins)",
            [
                (bar_ms, ticker, self._model, was, wins)
                for bar_ms, ticker, was, wins in zip(*(c.tolist() for c in columns), strict=True)
            ],
        )

    def _put_buys(self, buys: FoundBuys) -> Bool:
        execute, before = self._database.execute, self._database.total_changes
        (newest,) = execute("SELECT coalesce(max(id), 0) FROM buy").fetchone()
        ids = self._ids(buys.symbols).tolist()
        shares = buys.probabilities.tolist()
        numbers = (a.tolist() for a in (buys.bar_ms, buys.last, buys.sets))
        blobs = (_rows(a) for a in (buys.scores, buys.raw, buys.saliency, buys.window_ms))
        fixed = (self._model, self._run, buys.made_ms, buys.late)
        self._insert(
            "buy (ticker, bar_ms, model, run, made_ms, late, last, down, flat, up, sets, scores, "
            "raw, saliency, window_ms)",
            [
                (ticker, bar_ms, *fixed, last, *share, sets, *of_buy)
                for ticker, share, bar_ms, last, sets, *of_buy in zip(
                    ids, shares, *numbers, *blobs, strict=True
                )
            ],
        )
        if self._database.total_changes - before == len(ids):
            return np.ones(len(ids), np.bool_)
        new = set(execute("SELECT ticker, bar_ms FROM buy WHERE id > ?", (newest,)))
        keys = zip(ids, buys.bar_ms.tolist(), strict=True)
        return np.array([key in new for key in keys], np.bool_)

    def _insert(self, table: str, rows: list[tuple[object, ...]]) -> None:
        # Many rows a statement: at each step of one this thread lets go of the interpreter and
        # takes it again, and the main thread has to wait for it as often.
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[start : start + _ROWS_AT_ONCE]
            one = f"({', '.join('?' * len(part[0]))})"
            self._database.execute(
                f"INSERT OR IGNORE INTO {table} VALUES {', '.join([one] * len(part))}",  # noqa: S608
                list(itertools.chain.from_iterable(part)),
            )

    def _put_outcomes(self, judged: BuyOutcomes) -> None:
        columns = (judged.label, judged.result, self._ids(judged.symbols), judged.bar_ms)
        model = self._id_of_model(judged.model_id)
        rows = list(zip(*(column.tolist() for column in columns), strict=True))
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[start : start + _ROWS_AT_ONCE]
            self._database.execute(
                "UPDATE buy SET outcome = column1, result = column2, judged_ms = ? "  # noqa: S608
                f"FROM (VALUES {', '.join(['(?, ?, ?, ?)'] * len(part))}) "
                "WHERE ticker = column3 AND bar_ms = column4 AND model = ?",
                [judged.judged_ms, *itertools.chain.from_iterable(part), model],
            )

    def _know(self, symbols: tuple[str, ...]) -> None:
        # The same tuple comes again and again: it is looked up when it is another one.
        if symbols is not self._symbols:
            self._tickers = self._ids(symbols)
            self._symbols = symbols

    def _ids(self, symbols: tuple[str, ...]) -> Int64:
        unknown = [(symbol,) for symbol in symbols if symbol not in self._id_of]
        if unknown:
            execute = self._database.execute
            self._database.executemany("INSERT OR IGNORE INTO ticker (symbol) VALUES (?)", unknown)
            self._id_of = dict(execute("SELECT symbol, id FROM ticker").fetchall())
        return np.array([self._id_of[symbol] for symbol in symbols], np.int64)


def _rows(array: npt.NDArray[Any]) -> list[bytes]:
    # The bytes of each row of (n, ...).
    content, size = array.tobytes(), array[:1].nbytes
    return [content[start : start + size] for start in range(0, len(content), size)]
