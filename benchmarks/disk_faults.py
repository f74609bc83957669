"""What can be wrong with the disk that a journal is on, each for as long as a context lasts."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from unittest import mock

from server.journal import store
from server.journal.records import Record
from server.journal.store import Store
from shared.contract import Bool


@contextlib.contextmanager
def _slow(_folder: Path) -> Iterator[None]:
    write = Store.write

    def slow(self: Store, records: Sequence[Record]) -> dict[int, Bool]:
        time.sleep(0.1)
        return write(self, records)

    with mock.patch.object(Store, "write", slow):
        yield


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(folder / store.FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextlib.contextmanager
def _refused(pragma: str) -> Iterator[None]:
    # SQLite itself refuses, in the words that it has for such a disk: the database is opened anew
    # with a pragma that makes it so.
    look_after, lost = Store._look_after, list[Store]()

    def look(self: Store) -> None:
        if not lost:
            lost.append(self)
            raise sqlite3.OperationalError("disk I/O error")
        look_after(self)

    with (
        mock.patch.object(store, "_PRAGMAS", (*store._PRAGMAS, pragma)),
        mock.patch.object(Store, "_look_after", look),
    ):
        yield


@contextlib.contextmanager
def _damaged(folder: Path, at: float, length: int) -> Iterator[None]:
    path = folder / store.FILE
    with path.open("r+b") as file:
        file.seek(round(at * path.stat().st_size))
        if length:
            file.write(bytes(length))
        else:
            file.truncate()
    yield


# By name: what the folder of the journal suffers.
FAULTS: Final[Mapping[str, Callable[[Path], contextlib.AbstractContextManager[None]]]] = {
    "as usual": lambda _: contextlib.nullcontext(),
    "100 ms a write": _slow,
    "held by another program": _locked,
    "disk full": lambda _: _refused("max_page_count = 1"),
    "read-only": lambda _: _refused("query_only = ON"),
    "cut in the middle": lambda folder: _damaged(folder, 0.5, 0),
    "overwritten in the middle": lambda folder: _damaged(folder, 0.5, 2**16),
}
