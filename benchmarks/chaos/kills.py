"""A server that is killed again and again, at moments that nobody chose, under an open desk."""

import contextlib
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import zmq

from benchmarks.chaos.desk_here import DeskHere, NeverCameError
from benchmarks.chaos.server_process import ServerProcess
from benchmarks.targets import ChaosReport, Figure
from client.state.buys import NamedBuy
from client.state.update import BUYS_KEPT, BuyGap
from client.ui.watchlist.buy_log import BuyLogModel, BuyLogView
from server.journal.reading import reading
from server.journal.store import FILE
from shared.endpoints import Endpoints
from shared.limits import MAX_BUYS
from shared.protocol.messages import Buy
from shared.protocol.wire import decode_published

_KILLS: Final = 100
_WINDOWS: Final = 5
_MOST_S: Final = 1.2
_FIRST_S: Final = 3.0
_LONGEST_LIFE_S: Final = 2.0
_LONGEST_QUIET_S: Final = 1.0
_FLAGS: Final = ("--tickers", "3000", "--speed", "120", "--journal")
_HEAD, _FRAME_HEAD = 32, 24  # bytes of SQLite's log ahead of its transactions
Fact = tuple[str, int]
BuyNumbers = tuple[float, float]


class ToldBuys:
    """Buys as somebody has them.

    Attributes:
        count: How often each ticker and bar is there.
        words: With which confidences and closes.
    """

    def __init__(self) -> None:
        self.count: Counter[Fact] = Counter()
        self.words: dict[Fact, set[BuyNumbers]] = {}

    def add(self, symbol: str, bar_ms: int, confidence: float, last: float) -> None:
        """Take in a buy."""
        self.count[symbol, bar_ms] += 1
        self.words.setdefault((symbol, bar_ms), set()).add((confidence, last))

    @property
    def doubled(self) -> int:
        """Return how many are there more than once."""
        return sum(count > 1 for count in self.count.values())


class BuyListener:
    """Hears every buy that is published, in whichever run.

    Attributes:
        heard: All of them.

    Args:
        endpoint: Where they are published.
    """

    def __init__(self, endpoint: str) -> None:
        self.heard = ToldBuys()
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.SUB)
        self._socket.connect(endpoint)
        self._socket.subscribe(b"buy/")

    def drain(self) -> None:
        """Take all that has come."""
        while self._socket.poll(100):
            said = decode_published(self._socket.recv_multipart())
            if isinstance(said, Buy):
                columns = (said.bar_ms, said.confidence, said.last)
                for buy in zip(said.symbols, *(c.tolist() for c in columns), strict=True):
                    self.heard.add(*buy)

    def close(self) -> None:
        """Close the socket."""
        self._context.destroy(linger=0)


def run(share: float) -> list[ChaosReport]:
    """Kill a server `share` of 100 times; time from its listening again to a whole desk."""
    with tempfile.TemporaryDirectory() as folder:
        return [_run(max(round(share * _KILLS), 3), Path(folder))]


def _run(kills: int, folder: Path) -> ChaosReport:
    rng = random.Random(0)  # noqa: S311 - moments to kill at, no secret
    server = ServerProcess(*_FLAGS, str(folder))
    listener = BuyListener(server.endpoints.publish)
    whole, first, counts = list[float](), list[float](), Counter[str]()
    with DeskHere(server.endpoints) as desk, ThreadPoolExecutor(1) as starter:
        _until_decided(desk, "")
        desk.open_tickers(_WINDOWS)
        for nth in range(kills):
            desk.turn_for(rng.uniform(0, _LONGEST_LIFE_S))
            if nth % 2:
                _until_it_writes(folder)
            before = _run_id(desk)
            server.kill()
            listener.drain()
            counts["cut"] += _is_cut(folder)
            counts["unsound"] += not _sound(folder)
            starting = starter.submit(_again, server.endpoints, folder)
            some, every = _until_decided(desk, before)
            server = starting.result()
            first.append(some - server.started)
            whole.append(every - server.listened)
        _until_logged(desk, folder)
        desk.turn_for(_LONGEST_LIFE_S)
        server.end()
        listener.drain()
        listener.close()
        desk.turn_for(1.0)
        shown = _shown(desk)
    times = np.array(whole), np.array(first)
    return _report(times, listener.heard, _written(folder), shown, counts)


def _again(endpoints: Endpoints, folder: Path) -> ServerProcess:
    return ServerProcess(*_FLAGS, str(folder), endpoints=endpoints)


def _run_id(desk: DeskHere) -> str:
    universe = desk.window.table.universe
    return "" if universe is None else universe.stamp.run_id


def _until_decided(desk: DeskHere, before: str) -> tuple[float, float]:
    # When the first row of another run is decided on, and when all are.
    table = desk.window.table
    first = desk.turn_until(lambda: _run_id(desk) not in ("", before) and bool(table.decided.any()))
    return first, desk.turn_until(lambda: bool(table.decided.all()))


def _log_of(folder: Path) -> Path:
    return folder / f"{FILE}-wal"


def _until_it_writes(folder: Path) -> None:
    # Without a pause, and the desk waits: what is written of a transaction is there for a few
    # milliseconds. A market that pauses is killed all the same.
    log = _log_of(folder)
    before, give_up = log.stat().st_mtime_ns, time.monotonic() + _LONGEST_QUIET_S
    while log.stat().st_mtime_ns == before and time.monotonic() < give_up:
        pass


def _is_cut(folder: Path) -> bool:
    # Whether the newest transaction was begun and never ended: https://sqlite.org/fileformat2.html,
    # section 4.1. Frames of another salt are left of a log that was begun anew.
    log = _log_of(folder)
    content = log.read_bytes() if log.exists() else b""
    if len(content) < _HEAD:
        return False
    size, salts, ends = int.from_bytes(content[8:12], "big"), content[16:24], True
    for place in range(_HEAD, len(content) - _FRAME_HEAD - size + 1, _FRAME_HEAD + size):
        if content[place + 8 : place + 16] != salts:
            break
        ends = any(content[place + 4 : place + 8])
    return not ends


def _sound(folder: Path) -> bool:
    with reading(folder) as database:
        return database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _written(folder: Path) -> ToldBuys:
    found = ToldBuys()
    with reading(folder) as database:
        for buy in database.execute("SELECT symbol, bar_ms, up, last FROM buys ORDER BY id"):
            found.add(*buy)
    return found


def _log_rows(desk: DeskHere) -> Sequence[NamedBuy | BuyGap]:
    view = desk.window.findChild(BuyLogView)
    model = None if view is None else view.model()
    return model.buys.rows if isinstance(model, BuyLogModel) else ()


def _until_logged(desk: DeskHere, folder: Path) -> None:
    # A desk asks for the log of another run once it has its rows.
    wanted = min(len(_written(folder).count), MAX_BUYS)
    with contextlib.suppress(NeverCameError):  # and that is told
        desk.turn_until(lambda: len(_log_rows(desk)) >= wanted)


def _shown(desk: DeskHere) -> ToldBuys:
    found = ToldBuys()
    for row in _log_rows(desk):
        if isinstance(row, NamedBuy):
            buy = row.entry
            found.add(buy.symbol, buy.bar_ms, buy.confidence, buy.last)
    return found


def _report(
    times: tuple[np.ndarray, np.ndarray],
    heard: ToldBuys,
    written: ToldBuys,
    shown: ToldBuys,
    counts: Counter[str],
) -> ChaosReport:
    whole, first = times
    p95 = float(np.quantile(whole, 0.95))
    lost = len(heard.count.keys() - written.count.keys())
    # The desk keeps the newest alone.
    newest = list(written.count)[-min(BUYS_KEPT, MAX_BUYS) :]
    missing = len(set(newest) - shown.count.keys())
    unknown = len(shown.count.keys() - written.count.keys())
    doubled = [told.doubled for told in (heard, written, shown)]
    contradictory = sum(
        len(words | told.words.get(fact, set())) > 1
        for told in (heard, shown)
        for fact, words in written.words.items()
    )
    targets = (
        _timed("rows whole after the server listens, p95", whole, p95, _MOST_S),
        _timed("first decisions after the start, worst", first, float(first.max()), _FIRST_S),
        _none(
            f"of {len(heard.count)} buys that were published and {len(written.count)} written: "
            "not on disk; of the newest not on the desk; on the desk and not on disk",
            (lost, missing, unknown),
        ),
        _none("doubled: published, on disk, on the desk", doubled),
        _none("contradictory: other numbers than on disk", (contradictory,)),
        _none("journals that are not sound after a kill", (counts["unsound"],)),
        Figure(
            name="kills as a transaction was being written, and in the middle of one",
            measured=f"{len(whole) // 2}, {counts['cut']}",
        ),
    )
    title = f"{len(whole)} kills of the server, 3,000 tickers, {_WINDOWS} ticker windows open"
    return ChaosReport(title=title, targets=targets)


def _timed(name: str, took: np.ndarray, found: float, most: float) -> Figure:
    return Figure(
        name=name,
        measured=f"{found:.2f} s (median {np.median(took):.2f}, worst {took.max():.2f} s)",
        wanted=f"≤ {most} s",
        holds=found <= most,
    )


def _none(name: str, counts: Sequence[int]) -> Figure:
    return Figure(
        name=name,
        measured=", ".join(map(str, counts)),
        wanted=", ".join("0" for _ in counts),
        holds=not any(counts),
    )
