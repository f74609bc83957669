"""A network between a server and a desk that cuts, half closes, truncates, damages and stalls."""

import functools
import logging
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

import numpy as np

from benchmarks.chaos.desk_here import DeskHere, NeverCameError
from benchmarks.chaos.server_process import ServerProcess
from benchmarks.targets import ChaosReport, Figure
from client.net.endpoints import endpoints_of
from client.net.link import Link
from client.state.inbox import Inbox
from client.state.table import Table
from server.__main__ import main
from shared.endpoints import Endpoints
from shared.settings import DeskSettings
from tests.kit.proxy import Proxy

_ALL_S: Final = 30 * 60
_MOST_S: Final = 2.0
_BETWEEN_S: Final = 1.0
_LONGEST_STALL_S: Final = 8.0  # beyond what the desk takes for a lost link
_FLAGS: Final = ("--tickers", "3000", "--speed", "60")  # four batches a second


class _Reference:
    # What a desk knows that the bad network does not touch.

    def __init__(self, endpoints: Endpoints) -> None:
        self._inbox = Inbox()
        self.link = Link(endpoints, self._inbox)
        self.table, self.changes = Table(), 0
        self.link.start()

    def look(self) -> Table:
        update = self._inbox.drain()
        self.changes += bool(len(update.rows.index))
        self.table.apply(update)
        return self.table


class _Failures(logging.Handler):
    # How often something in this process failed that was not expected to.

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1

    def hear(self, *_: object) -> None:
        self.count += 1

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self)
        sys.excepthook = threading.excepthook = self.hear
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)
        sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__


def run(share: float) -> list[ChaosReport]:
    """Spoil the network for `share` of 30 minutes; time each return from its repair."""
    rng = random.Random(0)  # noqa: S311 - faults to make, no secret
    with (
        _Failures() as failures,
        tempfile.TemporaryDirectory() as folder,
        ServerProcess(*_FLAGS, *_locked(Path(folder))) as server,
        Proxy(server.endpoints.publish) as publish,
        Proxy(server.endpoints.requests) as requests,
        DeskHere(_invited(Path(folder), "desk", publish.endpoint, requests.endpoint)) as desk,
    ):
        where = server.endpoints
        beside = _Reference(_invited(Path(folder), "beside", where.publish, where.requests))
        try:
            desk.turn_until(lambda: _same(desk.window.table, beside.look()))
            desk.open_tickers(5)
            found = _spoil(rng, desk, beside, (publish, requests), share * _ALL_S)
        finally:
            beside.link.stop()
    return [_report(*found, failures.count)]


def _locked(folder: Path) -> tuple[str, ...]:
    # As everywhere beyond one machine: what is damaged on the way is noticed, and cuts the link.
    keys = ("--keys", str(folder / "keys"))
    for words in (("keygen",), *(("invite", name) for name in ("desk", "beside"))):
        told = (
            ("--connect", "tcp://localhost:1", "--to", str(folder / words[1])) if words[1:] else ()
        )
        if main(["keys", *keys, *words, *told]) != 0:
            raise RuntimeError(f"keys {words[0]} failed")
    return ("--require-keys", *keys)


def _invited(folder: Path, name: str, publish: str, requests: str) -> Endpoints:
    settings = DeskSettings(invite=str(folder / name), connect=publish, requests=requests)
    found = endpoints_of(settings)
    if found is None:
        raise RuntimeError("an invitation says where to go")
    return found


def _spoil(
    rng: random.Random,
    desk: DeskHere,
    beside: _Reference,
    proxies: tuple[Proxy, Proxy],
    seconds: float,
) -> tuple[dict[str, list[float]], Counter[str]]:
    took: dict[str, list[float]] = {name: [] for name in _FAULTS}
    lost: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        name = rng.choice(tuple(_FAULTS))
        _FAULTS[name](rng, rng.choice(proxies), desk)
        repaired = time.monotonic()
        beside.look()  # what came until now is not news
        try:
            whole = desk.turn_until(functools.partial(_whole, desk, beside, beside.changes))
        except NeverCameError:
            lost[name] += 1
        else:
            took[name].append(whole - repaired)
        desk.turn_for(_BETWEEN_S)
    return took, lost


def _whole(desk: DeskHere, beside: _Reference, said: int) -> bool:
    # What was said before the repair proves nothing.
    return _same(desk.window.table, beside.look()) and beside.changes > said


def _same(one: Table, other: Table) -> bool:
    if not len(one) or one.symbols != other.symbols or not one.decided.any():
        return False
    names = ("last", "change", "bar_ms", "flags", "probabilities", "sets")
    return all(np.array_equal(one.column(n), other.column(n)) for n in names)


def _cut(rng: random.Random, proxy: Proxy, desk: DeskHere) -> None:
    proxy.cut()


def _half_close(rng: random.Random, proxy: Proxy, desk: DeskHere) -> None:
    proxy.half_close()


def _truncate(rng: random.Random, proxy: Proxy, desk: DeskHere) -> None:
    before = proxy.spoiled
    proxy.truncate_next()
    desk.turn_until(lambda: proxy.spoiled > before)


def _damage(rng: random.Random, proxy: Proxy, desk: DeskHere) -> None:
    def spoil(sent: bytes) -> bytes:
        place = rng.randrange(len(sent))
        return sent[:place] + bytes([sent[place] ^ (1 << rng.randrange(8))]) + sent[place + 1 :]

    before = proxy.spoiled
    proxy.spoil_next(spoil)
    desk.turn_until(lambda: proxy.spoiled > before)


def _stall(rng: random.Random, proxy: Proxy, desk: DeskHere) -> None:
    proxy.stall()
    desk.turn_for(rng.uniform(0.1, _LONGEST_STALL_S))
    proxy.resume()


_FAULTS: Final[dict[str, Callable[[random.Random, Proxy, DeskHere], None]]] = {
    "cut": _cut,
    "half closed": _half_close,
    "truncated": _truncate,
    "one bit damaged": _damage,
    "stalled, up to 8 s": _stall,
}


def _at(seconds: list[float], share: float) -> str:
    return f"{np.quantile(seconds or [0.0], share):.2f}"


def _report(took: dict[str, list[float]], lost: Counter[str], failures: int) -> ChaosReport:
    targets = []
    for name, seconds in took.items():
        if not seconds and not lost[name]:
            continue
        worst = max(seconds, default=0.0)
        never = f", never {lost[name]} times" if lost[name] else ""
        targets.append(
            Figure(
                name=f"{name}, {len(seconds) + lost[name]} times: whole again, median, p95, worst",
                measured=f"{_at(seconds, 0.5)}, {_at(seconds, 0.95)}, {worst:.2f} s{never}",
                wanted=f"≤ {_MOST_S:.0f} s",
                holds=worst <= _MOST_S and not lost[name],
            )
        )
    targets.append(
        Figure(
            name="exceptions and errors in the log of the desk",
            measured=f"{failures}",
            wanted="0",
            holds=failures == 0,
        )
    )
    title = f"{sum(map(len, took.values()))} faults of the network, 3,000 tickers, 5 ticker windows"
    return ChaosReport(title=title, targets=tuple(targets))
