"""A server and a desk that run for an hour: what grows, and what leaks."""

import statistics
import time
from dataclasses import dataclass
from typing import Final

import psutil

from benchmarks.chaos.desk_here import DeskHere, server_and_desk
from benchmarks.chaos.server_process import ServerProcess
from benchmarks.targets import ChaosReport, Figure

_HOUR_S: Final = 3_600
_WARM_UP: Final = 0.2  # share of the time in which caches, pools and rings fill
_LOOK_EVERY_S: Final = 5.0
_WINDOWS_A_MINUTE: Final = 10
_MOST_GROWTH: Final = 0.02
_MIB: Final = 2**20
# Four batches a bar: a batch, and so a cycle, each 100 ms.
_FLAGS: Final = ("--tickers", "3000", "--speed", "150")


@dataclass(frozen=True, kw_only=True)
class _Usage:
    memory: float  # MiB that are the process's own
    threads: int
    files: int


def run(share: float) -> list[ChaosReport]:
    """Let both run for `share` of an hour, with ticker windows that open and close meanwhile."""
    seconds = share * _HOUR_S
    with server_and_desk(*_FLAGS) as (server, desk):
        desk.turn_until(lambda: bool(desk.window.table.decided.any()))
        looks = _soak(server, desk, seconds)
        cycles = desk.updates
    targets = [t for name, seen in looks.items() for t in _targets(name, seen)]
    title = f"Soak: 3,000 tickers, a cycle each 100 ms, {seconds / 60:.0f} minutes"
    note = f"{_WINDOWS_A_MINUTE} ticker windows opened and closed a minute; {cycles:,} updates"
    return [ChaosReport(title=title, targets=tuple(targets), note=note)]


def _soak(server: ServerProcess, desk: DeskHere, seconds: float) -> dict[str, list[_Usage]]:
    looks: dict[str, list[_Usage]] = {"server": [], "desk": []}
    processes = {"server": server.watched, "desk": psutil.Process()}
    start = look_at = time.monotonic()
    opened, symbols = 0, desk.window.table.symbols
    while (now := time.monotonic()) < start + seconds:
        desk.turn()
        if now >= start + opened * 60 / _WINDOWS_A_MINUTE:
            _close_all(desk)
            desk.window.open_ticker(symbols[opened * 37 % len(symbols)])
            opened += 1
        if now >= look_at:
            look_at = now + _LOOK_EVERY_S
            for name, process in processes.items():
                looks[name].append(_usage(process))
    return looks


def _close_all(desk: DeskHere) -> None:
    for window in list(desk.window.tickers.values()):
        window.close()


def _usage(process: psutil.Process) -> _Usage:
    # What the process alone holds: pages that it shares with others come and go with those.
    memory = process.memory_full_info().uss / _MIB
    return _Usage(memory=memory, threads=process.num_threads(), files=process.num_fds())


def _targets(name: str, looks: list[_Usage]) -> list[Figure]:
    settled = looks[int(len(looks) * _WARM_UP) :]
    tenth = max(len(settled) // 10, 1)
    first, last = settled[:tenth], settled[-tenth:]
    before, after = (statistics.median(look.memory for look in part) for part in (first, last))
    growth = after / before - 1
    return [
        Figure(
            name=f"{name}: memory after warm-up, to the end",
            measured=f"{before:.1f} → {after:.1f} MiB ({growth:+.2%})",
            wanted=f"< {_MOST_GROWTH:.0%}",
            holds=growth < _MOST_GROWTH,
        ),
        _level(f"{name}: threads", [x.threads for x in first], [x.threads for x in last]),
        _level(f"{name}: files and sockets", [x.files for x in first], [x.files for x in last]),
    ]


def _level(name: str, before: list[int], after: list[int]) -> Figure:
    # The least of each end: what leaks never goes again, where a window that is open at one look or
    # sockets that are being made anew do.
    return Figure(
        name=f"{name}, at least",
        measured=f"{min(before)} → {min(after)} (at most {max(before)} → {max(after)})",
        wanted="no more",
        holds=min(after) <= min(before),
    )
