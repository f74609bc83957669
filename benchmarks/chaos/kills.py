"""A server that is killed again and again, at moments that nobody chose, under an open desk."""

import random
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import zmq

from benchmarks.chaos.desk_here import DeskHere
from benchmarks.chaos.server_process import ServerProcess
from benchmarks.targets import ChaosReport, Figure
from client.state.buys import NamedBuy
from client.ui.watchlist.buy_log import BuyLogModel, BuyLogView
from server.journal.reading import reading
from shared.endpoints import Endpoints
from shared.protocol.messages import Buy
from shared.protocol.wire import decode_published

_KILLS: Final = 100
_WINDOWS: Final = 5
_MOST_S: Final = 1.2
_LONGEST_LIFE_S: Final = 2.0
_FLAGS: Final = ("--tickers", "3000", "--speed", "120", "--journal")
Fact = tuple[str, int]


class BuyListener:
    """Hears every buy that is published, in whichever run.

    Attributes:
        heard: How often each ticker and bar was said.

    Args:
        endpoint: Where they are published.
    """

    def __init__(self, endpoint: str) -> None:
        self.heard: Counter[Fact] = Counter()
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.SUB)
        self._socket.connect(endpoint)
        self._socket.subscribe(b"buy/")

    def drain(self) -> None:
        """Take all that has come."""
        while self._socket.poll(100):
            said = decode_published(self._socket.recv_multipart())
            if isinstance(said, Buy):
                self.heard.update(zip(said.symbols, said.bar_ms.tolist(), strict=True))

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
    with DeskHere(server.endpoints) as desk, ThreadPoolExecutor(1) as starter:
        _until_whole(desk, "")
        desk.open_tickers(_WINDOWS)
        took, unsound = [], 0
        for _ in range(kills):
            desk.turn_for(rng.uniform(0, _LONGEST_LIFE_S))
            before = _run_id(desk)
            server.kill()
            listener.drain()
            unsound += not _sound(folder)
            starting = starter.submit(_again, server.endpoints, folder)
            whole = _until_whole(desk, before)
            server = starting.result()
            took.append(whole - server.listened)
        desk.turn_for(_LONGEST_LIFE_S)
        server.end()
        listener.drain()
        listener.close()
        shown = _shown(desk)
    return _report(np.array(took), listener.heard, _written(folder), shown, unsound)


def _again(endpoints: Endpoints, folder: Path) -> ServerProcess:
    return ServerProcess(*_FLAGS, str(folder), endpoints=endpoints)


def _run_id(desk: DeskHere) -> str:
    universe = desk.window.table.universe
    return "" if universe is None else universe.stamp.run_id


def _until_whole(desk: DeskHere, before: str) -> float:
    return desk.turn_until(
        lambda: _run_id(desk) not in ("", before) and bool(desk.window.table.decided.all())
    )


def _sound(folder: Path) -> bool:
    with reading(folder) as database:
        return database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _written(folder: Path) -> Counter[Fact]:
    with reading(folder) as database:
        return Counter(database.execute("SELECT symbol, bar_ms FROM buys").fetchall())


def _shown(desk: DeskHere) -> Counter[Fact]:
    found = desk.window.findChild(BuyLogView)
    model = None if found is None else found.model()
    rows = model.buys.rows if isinstance(model, BuyLogModel) else ()
    entries = [row.entry for row in rows if isinstance(row, NamedBuy)]
    return Counter((entry.symbol, entry.bar_ms) for entry in entries)


def _report(
    took: np.ndarray,
    heard: Counter[Fact],
    written: Counter[Fact],
    shown: Counter[Fact],
    unsound: int,
) -> ChaosReport:
    p95 = float(np.quantile(took, 0.95))
    # The desk keeps the newest alone, so that it can only be held to what it shows.
    lost = len(heard.keys() - written.keys())
    doubled = sum(count > 1 for facts in (heard, written, shown) for count in facts.values())
    unknown = len(shown.keys() - written.keys())
    targets = (
        Figure(
            name="rows whole after the server listens, p95",
            measured=f"{p95:.2f} s",
            wanted=f"≤ {_MOST_S} s",
            holds=p95 <= _MOST_S,
        ),
        Figure(
            name="the same, median and worst", measured=f"{np.median(took):.2f}, {took.max():.2f} s"
        ),
        Figure(
            name=f"buys, of {len(heard)} that were published, {len(written)} written",
            measured=f"{lost} not written, {doubled} doubled, {unknown} shown that are not written",
            wanted="0, 0, 0",
            holds=lost == doubled == unknown == 0,
        ),
        Figure(
            name="journals that are not sound after a kill",
            measured=str(unsound),
            wanted="0",
            holds=unsound == 0,
        ),
    )
    title = f"{len(took)} kills of the server, 3,000 tickers, {_WINDOWS} ticker windows open"
    return ChaosReport(title=title, targets=targets)
