"""A server that is killed again and again, at moments that nobody chose, under an open desk."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from benchmarks.chaos.desk_here import DeskHere
from benchmarks.chaos.server_process import ServerProcess
from benchmarks.targets import ChaosReport, Figure
from shared.endpoints import Endpoints

_KILLS: Final = 100
_WINDOWS: Final = 5
_MOST_S: Final = 1.2
_LONGEST_LIFE_S: Final = 2.0
_FLAGS: Final = ("--tickers", "3000")


def run(share: float) -> list[ChaosReport]:
    """Kill a server `share` of 100 times; time from its listening again to a whole desk."""
    kills = max(round(share * _KILLS), 3)
    rng = random.Random(0)  # noqa: S311 - moments to kill at, no secret
    server = ServerProcess(*_FLAGS)
    with DeskHere(server.endpoints) as desk, ThreadPoolExecutor(1) as starter:
        _until_whole(desk, "")
        desk.open_tickers(_WINDOWS)
        took = []
        for _ in range(kills):
            desk.turn_for(rng.uniform(0, _LONGEST_LIFE_S))
            before = _run_id(desk)
            server.kill()
            starting = starter.submit(_again, server.endpoints)
            whole = _until_whole(desk, before)
            server = starting.result()
            took.append(whole - server.listened)
        server.end()
    return [_report(np.array(took))]


def _again(endpoints: Endpoints) -> ServerProcess:
    return ServerProcess(*_FLAGS, endpoints=endpoints)


def _run_id(desk: DeskHere) -> str:
    universe = desk.window.table.universe
    return "" if universe is None else universe.stamp.run_id


def _until_whole(desk: DeskHere, before: str) -> float:
    return desk.turn_until(
        lambda: _run_id(desk) not in ("", before) and bool(desk.window.table.decided.all())
    )


def _report(took: np.ndarray) -> ChaosReport:
    p95 = float(np.quantile(took, 0.95))
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
    )
    title = f"{len(took)} kills of the server, 3,000 tickers, {_WINDOWS} ticker windows open"
    return ChaosReport(title=title, targets=targets)
