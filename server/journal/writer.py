"""The thread that writes a journal: nobody waits for it, and no fault of a disk ends it."""

import contextlib
import socket
import sqlite3
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from server.journal import checkpoint
from server.journal.checkpoint import Checkpoint
from server.journal.records import Event, JournalRun, NumberedMoment, Record
from server.journal.schema import NewerJournalError
from server.journal.store import FILE, Store
from shared.contract import Bool

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

MOST_WAITING_BYTES: Final = 256 * 2**20
RETRY_S: Final = 0.5
_AT_ONCE: Final = 64  # records of one transaction: readers and the newest buy wait for its end
_MALFORMED: Final = ("malformed", "not a database", "replaced or cut", "corrupt")


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long what is written stays.

    Attributes:
        days: Of buys, changes and events; 0 is for ever.
        bar_days: Of moments, which hold bars and the decision on each.
    """

    days: int
    bar_days: int


@dataclass(frozen=True, kw_only=True)
class WriterStatus:
    """How the writer is.

    Attributes:
        fault: Why it cannot write, in words; empty if it can.
        waiting: Records that wait to be written.
        lost: Moments of which the bars were given up because too much waited; buys never are.
        faults: How often it could not write since the start.
        set_aside: How often a damaged journal was set aside.
    """

    fault: str = ""
    waiting: int = 0
    lost: int = 0
    faults: int = 0
    set_aside: int = 0


class Writer:
    """Writes what is left for it; a context manager that ends the thread.

    `_run` and what it calls belong to the thread, all else to the main thread.

    Attributes:
        written: Number of the newest moment that is on disk; 0 before the first.

    Args:
        folder: Of the journal.
        run: Who writes.
        retention: How long what is written stays.
    """

    def __init__(self, folder: Path, run: JournalRun, retention: Retention) -> None:
        self.written = 0
        self._folder, self._run_record, self._retention = folder, run, retention
        self._waiting: deque[Record] = deque([run])
        self._checkpoint: tuple[Path, Checkpoint] | None = None
        self._new: dict[int, Bool] = {}
        self._bytes = 0
        self._changed = threading.Condition()
        self._stopping = self._busy = False
        self._fault = ""
        self._lost = self._faults = self._set_aside = 0
        self._store: Store | None = None
        self._pruned_s = 0.0
        self._saved = 0  # number of the checkpoint on disk
        self._ear, self._mouth = socket.socketpair()
        for end in (self._ear, self._mouth):
            end.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def fileno(self) -> int:
        """Return the descriptor that is readable after something was written."""
        return self._ear.fileno()

    def hush(self) -> None:
        """Take the sign that something was written."""
        with contextlib.suppress(BlockingIOError):
            while self._ear.recv(4096):
                pass

    @property
    def status(self) -> WriterStatus:
        """Return how the writer is now."""
        with self._changed:
            return WriterStatus(
                fault=self._fault,
                waiting=len(self._waiting),
                lost=self._lost,
                faults=self._faults,
                set_aside=self._set_aside,
            )

    def leave(self, record: Record) -> None:
        """Leave a record to be written; never waits.

        Where too much waits, a moment without buys is given up: its bars come again from the feed.
        """
        with self._changed:
            size = _bytes(record)
            if self._bytes + size > MOST_WAITING_BYTES and _has_no_buys(record):
                self._lost += 1
                return
            self._bytes += size
            self._waiting.append(record)
            self._changed.notify()

    def leave_checkpoint(self, path: Path, state: Checkpoint) -> None:
        """Leave the state to be written, in place of an older one that still waits."""
        with self._changed:
            self._checkpoint = path, state
            self._changed.notify()

    @property
    def checkpoint_waits(self) -> bool:
        """Whether a checkpoint is still to be written."""
        return self._checkpoint is not None

    def take_new(self, number: int) -> Bool | None:
        """Return (e,) bool, which buys of a written moment were not known; None if it had none."""
        with self._changed:
            return self._new.pop(number, None)

    def settle(self, limit_s: float) -> None:
        """Wait until all that was left is written, or it cannot be, or the time is up."""
        give_up = time.monotonic() + limit_s
        with self._changed:
            while (self._waiting or self._busy or self._checkpoint) and not self._fault:
                if not self._changed.wait(give_up - time.monotonic()):
                    return

    def stop(self, limit_s: float) -> None:
        """Write what can be written within the time, and end the thread."""
        self.settle(limit_s)
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(limit_s)
        self._ear.close()
        self._mouth.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not (self._waiting or self._checkpoint or self._stopping):
                    self._changed.wait()
                if self._stopping:
                    break
                records = [self._waiting[i] for i in range(min(len(self._waiting), _AT_ONCE))]
                self._busy = True
            sound = self._try(records)
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                if not sound and not self._stopping:
                    self._changed.wait(RETRY_S)
        self._end()

    def _try(self, records: list[Record]) -> bool:
        # Write records, and the checkpoint if it is their turn; return whether that could be done.
        try:
            self._write(records)
            if len(records) < _AT_ONCE:
                self._write_checkpoint()
        except (sqlite3.Error, OSError, NewerJournalError) as e:
            self._note_fault(e)
            return False
        if self._fault:
            log.info("the journal is written again", after=self._fault)
        self._fault = ""
        return True

    def _write(self, records: list[Record]) -> None:
        if self._store is None:
            self._store = Store(self._folder)
            if not isinstance(next(iter(records), None), JournalRun):
                self._store.write([self._run_record])
        if not records:
            return
        new = self._store.write(records)
        numbers = [record.number for record in records if isinstance(record, NumberedMoment)]
        # Of whom a database tells that is begun anew from here on.
        runs = [record for record in records if isinstance(record, JournalRun)]
        self._run_record = runs[-1] if runs else self._run_record
        with self._changed:
            for record in records:
                self._bytes -= _bytes(record)
                self._waiting.popleft()
            self._new |= new
            self.written = max([self.written, *numbers])
        with contextlib.suppress(OSError):  # it is full of signs already, or nobody hears
            self._mouth.send(b"\0")

    def _write_checkpoint(self) -> None:
        kept = self._checkpoint
        if kept is None:
            return
        path, state = kept
        checkpoint.write(path, state)
        with self._changed:
            if self._checkpoint is kept:
                self._checkpoint = None
        self._saved = state.number
        self._prune()

    def _prune(self) -> None:
        # Once an hour, after a checkpoint: moments behind it are needed by nobody who starts.
        if self._store is None or (time.monotonic() - self._pruned_s < 3_600 and self._pruned_s):
            return
        self._pruned_s = time.monotonic()
        day_ms, now_ms = 86_400_000, time.time_ns() // 1_000_000
        before_ms = now_ms - self._retention.days * day_ms if self._retention.days else 0
        self._store.prune(before_ms, now_ms - self._retention.bar_days * day_ms, self._saved + 1)

    def _note_fault(self, fault: Exception) -> None:
        words = str(fault) or type(fault).__name__
        if not self._fault:
            log.warning("the journal cannot be written; it is tried again", reason=words)
        self._faults += 1
        if self._store is not None:
            self._store.close()
            self._store = None
        if any(sign in words for sign in _MALFORMED):
            self._begin_anew(words)
        self._fault = words

    def _begin_anew(self, why: str) -> None:
        with contextlib.suppress(OSError):
            name = set_aside(self._folder / FILE)
            self._set_aside += 1
            log.error("the journal is damaged and set aside", name=name, reason=why)
            event = Event(
                at_ms=time.time_ns() // 1_000_000,
                kind="journal",
                detail=f"a damaged journal was set aside as {name}: {why}",
            )
            with self._changed:
                self._waiting.append(event)

    def _end(self) -> None:
        if self._store is not None:
            with contextlib.suppress(sqlite3.Error):
                self._store.end_run(time.time_ns() // 1_000_000)
            self._store.close()


def set_aside(path: Path) -> str:
    """Give a damaged file, and what SQLite has beside it, another name; return it.

    Raises:
        OSError: It cannot be renamed.
    """
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    name = f"{path.name}.damaged-{stamp}"
    for more in ("", "-wal", "-shm"):
        beside = path.with_name(path.name + more)
        if beside.exists():
            beside.replace(path.with_name(name + more))
    return name


def _bytes(record: Record) -> int:
    if not isinstance(record, NumberedMoment):
        return 512
    return 72 * len(record.moment.batch.rows) + 1_024


def _has_no_buys(record: Record) -> bool:
    return isinstance(record, NumberedMoment) and record.moment.buys is None
