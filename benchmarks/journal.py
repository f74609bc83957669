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

import numpy as np

from benchmarks.disk_faults import FAULTS
from benchmarks.targets import ChaosReport, Figure
from models.bundles.files import find_bundle, read_files
from models.inference.served import read_served
from server.feeds.base import BarBatch
from server.feeds.simulated import HISTORY, SimulatedFeed
from server.journal import reading, store
from server.journal.export import export
from server.journal.journal import Journal
from server.journal.opening import new_cycle
from server.journal.records import JournalRun
from server.journal.writer import Retention
from server.market.cycle import Cycle
from server.market.subscribed import Subscribed
from shared.settings import ServerSettings

_MODEL: Final = "krx-daily"
_TICKERS: Final = 3_000
_PAST: Final = 40  # days of history that are played: enough for windows
_DAYS: Final = 24  # that are timed, of each kind
_FEW: Final = 400  # new buys of a cycle as it is asked for, of 300 or so
_HEALED_S: Final = 30.0
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
        journal.settled()
    journal.settle()
    figures: list[Figure] = []
    for name, fault in FAULTS.items():
        with fault(folder):
            figures += _ratios(name, plain, kept, journal, bars)
        start = time.monotonic()
        while journal.status.waiting and time.monotonic() - start < _HEALED_S:
            time.sleep(0.01)
        now = journal.status
        figures.append(
            Figure(
                name="all of it written after that, and nothing lost",
                measured=f"{time.monotonic() - start:.2f} s, {now.faults} faults so far, "
                f"{now.set_aside} set aside",
                wanted="0 lost",
                holds=now.lost == now.waiting == 0,
            )
        )
    journal.close()
    return ChaosReport(
        title=f"a cycle of {_TICKERS:,} tickers, {_DAYS} of each kind",
        targets=tuple(figures),
        note="ratios of medians, cycles with and without a journal by turns; one with a journal is "
        "begun when the one before is written, as in a market whose bars come further apart",
    )


class _Turns:
    """What cycles took, with a journal or without one.

    Attributes:
        until_said: Wall seconds of each until its first messages.
        busy: Wall seconds of each in which its thread was at work, until nothing was left to do.
        own: The same in seconds of a processor.
        all_own: Seconds of a processor of all threads, until nothing was left to do or to write.
    """

    def __init__(self) -> None:
        self.until_said: list[float] = []
        self.busy: list[float] = []
        self.own: list[float] = []
        self.all_own: list[float] = []

    def play(self, cycle: Cycle, batch: BarBatch, journal: Journal | None) -> int:
        """Play a cycle and say its buys; return how many a journal had to keep."""
        start, own, all_own = time.perf_counter(), time.thread_time(), time.process_time()
        deque(cycle.run(batch, 1, _NOBODY), 0)
        self.until_said.append(time.perf_counter() - start)
        kept = 0
        if journal is not None:
            found = journal.settled()  # judges what came true, and makes checkpoints
            while journal.holds:
                time_left = time.perf_counter()
                journal.settle()
                start += time.perf_counter() - time_left
                found += journal.settled()
            for buys in found:
                cycle.say_buys(buys)
                kept += len(buys.symbols)
        self.busy.append(time.perf_counter() - start)
        self.own.append(time.thread_time() - own)
        if journal is not None:
            journal.settle()
        self.all_own.append(time.process_time() - all_own)
        return kept


def _ratios(
    name: str, plain: Cycle, kept: Cycle, journal: Journal, bars: Iterator[BarBatch]
) -> list[Figure]:
    without, with_it, buys = _Turns(), _Turns(), list[int]()
    for turn, batch in enumerate(itertools.islice(bars, _DAYS)):
        if turn % 2:
            without.play(plain, batch, None)
        buys.append(with_it.play(kept, batch, journal))
        if not turn % 2:
            without.play(plain, batch, None)
    every = range(len(buys))
    few = [i for i in every if buys[i] <= _FEW] or every
    usual = name == "as usual"
    most, work = 1.05 if usual else 1.1, 1.05 if usual else 0.0
    said, own = f"{name}: until its first messages", "processor time of its thread, all its work"
    return [
        _figure(said, without.until_said, with_it.until_said, every, most),
        _figure(f"{own}, {_mean(buys, few)} buys", without.own, with_it.own, few, work),
        _figure(f"{own}, {_mean(buys, every)} buys", without.own, with_it.own, every),
        _figure("the same by the clock", without.busy, with_it.busy, every),
        _figure("processor time of all threads", without.all_own, with_it.all_own, every),
    ]


def _mean(buys: Sequence[int], which: Sequence[int]) -> str:
    return f"{statistics.mean(buys[i] for i in which):.0f}"


def _figure(
    name: str,
    without: Sequence[float],
    with_it: Sequence[float],
    which: Sequence[int],
    most: float = 0.0,
) -> Figure:
    # Means are moved by the few cycles that other programs hold up, and by those with a checkpoint.
    plain, kept = [without[i] for i in which], [with_it[i] for i in which]
    ratio = statistics.median(kept) / statistics.median(plain)
    mean = statistics.mean(kept) / statistics.mean(plain)
    return Figure(
        name=name,
        measured=f"{ratio:.3f} × ({1e3 * statistics.median(kept):.1f} ms; means {mean:.3f} ×)",
        wanted=f"≤ {most} ×" if most else "",
        holds=not most or ratio <= most,
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
