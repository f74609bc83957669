"""What keeping a journal costs, while it can be written and while it cannot, and what reading does.

Cycles with and without a journal are played in turns, on the same bars.
"""

import contextlib
import itertools
import sqlite3
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final
from unittest import mock

import numpy as np

from benchmarks.targets import ChaosReport, Figure
from models.bundles.files import find_bundle, read_files
from models.inference.served import read_served
from server.feeds.base import BarBatch
from server.feeds.simulated import HISTORY, SimulatedFeed
from server.journal import reading, store
from server.journal.export import export
from server.journal.journal import Journal
from server.journal.opening import new_cycle
from server.journal.records import JournalRun, Record
from server.journal.store import Store
from server.journal.writer import Retention
from server.market.cycle import Cycle, Subscribed
from shared.contract import Bool
from shared.settings import ServerSettings

_MODEL: Final = "krx-daily"
_TICKERS: Final = 3_000
_PAST: Final = 40  # days of history that are played: enough for windows
_DAYS: Final = 24  # that are timed
_BUYS: Final = 1_000_000
_CHANGES: Final = 50_000_000
_AT_ONCE: Final = 100_000
_NOBODY: Final = Subscribed(heatmap=np.zeros(_TICKERS, np.bool_), bar=np.zeros(_TICKERS, np.bool_))


def run(share: float) -> list[ChaosReport]:
    """Time cycles, and reading of `share` of 1,000,000 buys and 50,000,000 class changes."""
    with tempfile.TemporaryDirectory() as folder:
        return [_cycles(Path(folder) / "cycles"), _reading(Path(folder) / "large", share)]


def _cycles(folder: Path) -> ChaosReport:
    feed = SimulatedFeed(_TICKERS, 7)
    model = read_served(read_files(find_bundle(_MODEL)), _MODEL)
    settings = ServerSettings()
    journal = _journal(folder, model.model_id)
    kept = new_cycle(journal, feed.listing, model, settings)
    plain = new_cycle(None, feed.listing, model, settings)
    bars = _closed_bars(feed)
    for batch in itertools.islice(bars, _PAST):
        for cycle in (kept, plain):
            deque(cycle.run(batch, 1, _NOBODY), 0)
    journal.settle()
    figures = []
    faults: list[tuple[str, Callable[[], contextlib.AbstractContextManager[object]]]] = [
        ("as usual", contextlib.nullcontext),
        ("on a disk that takes 100 ms a write", _slow_disk),
        ("while another program holds the database", lambda: _locked(folder)),
    ]
    for name, fault in faults:
        with fault():
            figures.append(_ratio(name, plain, kept, journal, bars))
        start = time.monotonic()
        while journal.status.waiting and time.monotonic() - start < 30:
            time.sleep(0.01)
        figures.append(
            Figure(
                name="all of it written after that", measured=f"{time.monotonic() - start:.2f} s"
            )
        )
    buys = kept.stamps.newest("buy")
    journal.close()
    return ChaosReport(
        title=f"a cycle of {_TICKERS:,} tickers, {_DAYS} of each kind",
        targets=tuple(figures),
        note=f"{buys} messages of buys; ratios of medians, cycles with and without by turns",
    )


def _ratio(
    name: str, plain: Cycle, kept: Cycle, journal: Journal, bars: Iterator[BarBatch]
) -> Figure:
    took: dict[str, list[float]] = {"plain": [], "kept": []}
    own: dict[str, list[float]] = {"plain": [], "kept": []}  # processor time of this thread
    found = 0
    for turn, batch in enumerate(itertools.islice(bars, _DAYS)):
        for which in ("plain", "kept") if turn % 2 else ("kept", "plain"):
            start, own_start = time.perf_counter(), time.thread_time()
            deque((plain if which == "plain" else kept).run(batch, 1, _NOBODY), 0)
            took[which].append(time.perf_counter() - start)
            own[which].append(time.thread_time() - own_start)
        for buys in journal.settled():
            found += len(buys.symbols)
            kept.say_buys(buys)
    median = {which: statistics.median(times) for which, times in took.items()}
    ratio = median["kept"] / median["plain"]
    used = statistics.median(own["kept"]) / statistics.median(own["plain"])
    most = 1.05 if name == "as usual" else 1.1
    return Figure(
        name=f"a cycle with a journal, {name}",
        measured=f"{ratio:.3f} × ({1e3 * median['kept']:.1f} ms, {found / _DAYS:.0f} buys each; "
        f"processor time of its thread {used:.3f} ×)",
        wanted=f"≤ {most} ×",
        holds=ratio <= most,
    )


def _closed_bars(feed: SimulatedFeed) -> Iterator[BarBatch]:
    batches = (e for e in feed.events() if isinstance(e, BarBatch) and e.closed)
    for nth, batch in enumerate(itertools.islice(batches, HISTORY - _PAST, None)):
        history = nth < _PAST
        yield BarBatch(rows=batch.rows, bar_ms=batch.bar_ms, ohlcv=batch.ohlcv, history=history)


def _journal(folder: Path, model_id: str) -> Journal:
    who = JournalRun(
        source="benchmark",
        run_id="benchmark",
        begun_ms=1,
        model_id=model_id,
        label_rule="",
        files=read_files(find_bundle(_MODEL)),
    )
    return Journal(folder, who, Retention(days=0, bar_days=30))


def _slow_disk() -> contextlib.AbstractContextManager[object]:
    write = Store.write

    def slow(self: Store, records: Sequence[Record]) -> dict[int, Bool]:
        time.sleep(0.1)
        return write(self, records)

    return mock.patch.object(Store, "write", slow)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(folder / store.FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def _reading(folder: Path, share: float) -> ChaosReport:
    buys, changes = round(share * _BUYS), round(share * _CHANGES)
    with contextlib.closing(store.connect(folder)) as database:
        _fill(database, buys, changes)
    size = (folder / store.FILE).stat().st_size
    with reading.reading(folder) as database:
        day = _median_ms(lambda: _a_day(database, buys))
        page = _median_ms(lambda: reading.newest_buys(database, 100))
        start = time.perf_counter()
        export(database, folder / "parquet")
        exported = time.perf_counter() - start
        start = time.perf_counter()
        deque(database.iterdump(), 0)
        dumped = time.perf_counter() - start
    speed = dumped / exported
    return ChaosReport(
        title=f"a journal of {buys:,} buys and {changes:,} class changes",
        targets=(
            Figure(
                name="a day's buys of one ticker",
                measured=f"{day:.2f} ms",
                wanted="≤ 5 ms",
                holds=day <= 5,
            ),
            Figure(
                name="the log's last page of 100",
                measured=f"{page:.2f} ms",
                wanted="≤ 20 ms",
                holds=page <= 20,
            ),
            Figure(
                name="export as Parquet against a plain dump of sqlite3, in speed",
                measured=f"{speed:.2f} × ({exported:.1f} s)",
                wanted="≥ 0.3 ×",
                holds=speed >= 0.3,
            ),
            Figure(name="on disk", measured=f"{size / 2**20:,.0f} MiB in all"),
        ),
    )


def _fill(database: sqlite3.Connection, buys: int, changes: int) -> None:
    execute, many = database.execute, database.executemany
    execute("BEGIN")
    execute("INSERT INTO model VALUES (1, 'm@1', '', x'', x'')")
    execute("INSERT INTO run VALUES (1, 'run', 1, '', 1, NULL)")
    many("INSERT INTO ticker VALUES (?, ?)", ((t, f"{t:06}") for t in range(_TICKERS)))
    window = bytes(192)
    many(
        "INSERT INTO buy (ticker, bar_ms, model, run, made_ms, late, last, down, flat, up, sets, "
        "scores, raw, saliency, window_ms) "
        "VALUES (?, ?, 1, 1, 1, 0, 1.0, 0.3, 0.3, 0.4, 7, ?, ?, ?, ?)",
        ((n % _TICKERS, n, bytes(12), window, window, bytes(48)) for n in range(buys)),
    )
    for first in range(0, changes, _AT_ONCE):
        many(
            "INSERT INTO change VALUES (?, ?, 1, 0, 1)",
            (divmod(n, _TICKERS) for n in range(first, min(first + _AT_ONCE, changes))),
        )
    execute("COMMIT")
    execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _a_day(database: sqlite3.Connection, buys: int) -> list[object]:
    middle = buys // 2
    return database.execute(
        "SELECT * FROM buys WHERE symbol = ? AND bar_ms BETWEEN ? AND ?",
        (f"{middle % _TICKERS:06}", middle - 10 * _TICKERS, middle + 10 * _TICKERS),
    ).fetchall()


def _median_ms(call: Callable[[], object]) -> float:
    took = []
    for _ in range(7):
        start = time.perf_counter()
        call()
        took.append(time.perf_counter() - start)
    return 1e3 * statistics.median(took)
