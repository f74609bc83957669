"""One client that asks too much, or reads nothing, and what the others notice of it."""

import contextlib
import itertools
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
import zmq

from benchmarks.chaos.server_process import HOUSE, ServerProcess
from benchmarks.targets import ChaosReport, Figure
from shared.endpoints import Endpoints
from shared.protocol import wire
from shared.protocol.answers import Refusal, Universe
from shared.protocol.messages import Status
from shared.protocol.requests import AnyRequest, GetExplanation, GetUniverse, Ping

_MOST_TIMES: Final = 1.2  # of what an honest client waits where it is alone
_ALONE_S: Final = 60.0  # of a whole trial
_PAUSE_S: Final = 0.01
_FLAGS: Final = ("--tickers", "3000", "--speed", "15")  # a batch a second
_TOPICS: Final = 20_000
_CLIENTS: Final = 200
_DESKS: Final = 50
_FLOOD: Final = 64

Context = zmq.Context[zmq.Socket[bytes]]


@dataclass(frozen=True, kw_only=True)
class _Waited:
    # What an honest client waited for answers of the server, and of a bare socket asked in turns
    # with it: what that waits, the machine and the crowd's own work make everybody wait.
    server_ms: np.ndarray
    bare_ms: np.ndarray

    @property
    def p99(self) -> float:
        return float(np.quantile(self.server_ms, 0.99))

    @property
    def bare_p99(self) -> float:
        return float(np.quantile(self.bare_ms, 0.99))


def run(share: float) -> list[ChaosReport]:
    """Try each kind of crowd beside an honest client, for `share` of a minute each."""
    seconds = max(share * _ALONE_S, 2.0)
    with ServerProcess(*_FLAGS) as server, _bare_socket() as bare, zmq.Context() as context:
        where = server.endpoints
        symbols = _universe(context, where).symbols
        _until_live(context, where)
        alone = _pinged(context, where, bare, seconds)
        crowds: dict[str, contextlib.AbstractContextManager[object]] = {
            f"a subscriber with {_TOPICS:,} topics": _many_topics(context, where),
            f"{_CLIENTS} clients": _many_clients(context, where),
            "a reader that never reads": _never_reads(context, where),
            f"{_DESKS} desks, one of them stopped": _desks(where),
            "a client that asks for explanations without end": _flood(context, where, symbols),
        }
        measured = f"{alone.p99:.2f} ms (a bare socket: {alone.bare_p99:.2f} ms)"
        targets = [Figure(name="alone, p99", measured=measured)]
        for name, crowd in crowds.items():
            with crowd:
                targets.append(_held(name, _pinged(context, where, bare, seconds), alone))
        fair = _fair_share(context, where, symbols, seconds)
    title = (
        f"Crowds at 3,000 tickers, {seconds:.0f} s each: what an honest client waits for an answer"
    )
    return [ChaosReport(title=title, targets=(*targets, *fair))]


def _until_live(context: Context, where: Endpoints) -> None:
    # While history loads the server has more to do than any crowd asks for.
    with context.socket(zmq.SUB) as subscriber:
        subscriber.linger = 0
        subscriber.connect(where.publish)
        subscriber.subscribe(wire.topic("status"))
        while True:
            status = wire.decode_published(subscriber.recv_multipart())
            if isinstance(status, Status) and status.state == "live":
                return


def _held(name: str, waited: _Waited, alone: _Waited) -> Figure:
    times, bare = waited.p99 / alone.p99, waited.bare_p99 / alone.bare_p99
    return Figure(
        name=f"beside {name}, p99",
        measured=f"{waited.p99:.2f} ms, {times:.2f} × alone (bare: {bare:.2f} ×)",
        wanted=f"≤ {_MOST_TIMES} ×",
        holds=times <= _MOST_TIMES,
    )


def _dealer(context: Context, requests: str) -> zmq.Socket[bytes]:
    dealer = context.socket(zmq.DEALER)
    dealer.linger = 0
    dealer.connect(requests)
    return dealer


def _ask(dealer: zmq.Socket[bytes], request: AnyRequest) -> object:
    dealer.send(wire.encode_request(request))
    return wire.decode_answer(dealer.recv_multipart())[1]


def _universe(context: Context, where: Endpoints) -> Universe:
    with _dealer(context, where.requests) as dealer:
        answer = _ask(dealer, GetUniverse(request_id=1))
    if not isinstance(answer, Universe):
        raise TypeError(f"no universe came, but {answer}")
    return answer


@contextlib.contextmanager
def _bare_socket() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.chaos.echo"]
    process = subprocess.Popen(  # noqa: S603 - ours
        command, cwd=HOUSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    line = process.stdout.readline() if process.stdout is not None else b""
    try:
        yield msgspec.json.decode(line, type=str)
    finally:
        process.communicate()


def _pinged(context: Context, where: Endpoints, bare: str, seconds: float) -> _Waited:
    # An honest client: one question at a time, and a moment between two.
    waits: tuple[list[float], list[float]] = ([], [])
    with _dealer(context, where.requests) as ours, _dealer(context, bare) as echo:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for dealer, waited in zip((ours, echo), waits, strict=True):
                start = time.perf_counter()
                dealer.send(wire.encode_request(Ping(request_id=len(waited))))
                dealer.recv_multipart()
                waited.append(1_000 * (time.perf_counter() - start))
                time.sleep(_PAUSE_S)
    return _Waited(server_ms=np.array(waits[0]), bare_ms=np.array(waits[1]))


@contextlib.contextmanager
def _many_topics(context: Context, where: Endpoints) -> Iterator[None]:
    with context.socket(zmq.SUB) as subscriber:
        subscriber.linger = 0
        subscriber.sndhwm = 0
        subscriber.connect(where.publish)
        for nth in range(_TOPICS):
            subscriber.subscribe(wire.topic("heatmap", f"{nth:06d}"))
        yield


@contextlib.contextmanager
def _many_clients(context: Context, where: Endpoints) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for _ in range(_CLIENTS):
            subscriber = stack.enter_context(context.socket(zmq.SUB))
            subscriber.linger = 0
            subscriber.connect(where.publish)
            subscriber.subscribe(wire.topic("status"))
            stack.enter_context(_dealer(context, where.requests))
        yield


@contextlib.contextmanager
def _never_reads(context: Context, where: Endpoints) -> Iterator[None]:
    with context.socket(zmq.SUB) as subscriber, _dealer(context, where.requests) as dealer:
        subscriber.linger = 0
        subscriber.rcvhwm = 1
        subscriber.connect(where.publish)
        subscriber.subscribe(b"")
        for nth in range(1_000):
            dealer.send(wire.encode_request(GetUniverse(request_id=nth)))
        yield


@contextlib.contextmanager
def _desks(where: Endpoints) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.chaos.links", where.publish, where.requests]
    many, stopped = (
        subprocess.Popen([*command, str(count)], cwd=HOUSE, stdin=subprocess.PIPE)  # noqa: S603 - ours
        for count in (_DESKS - 1, 1)
    )
    try:
        time.sleep(2)  # until they are whole
        stopped.send_signal(signal.SIGSTOP)
        yield
    finally:
        stopped.send_signal(signal.SIGCONT)
        for process in (many, stopped):
            process.communicate()


@contextlib.contextmanager
def _flood(context: Context, where: Endpoints, symbols: tuple[str, ...]) -> Iterator[None]:
    # As many questions in flight as are taken, and a new one for each that is answered.
    stopping = threading.Event()
    with _dealer(context, where.requests) as dealer:
        thread = threading.Thread(target=_ask_on, args=(dealer, symbols, stopping))
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()


def _ask_on(dealer: zmq.Socket[bytes], symbols: tuple[str, ...], stopping: threading.Event) -> None:
    questions = (
        GetExplanation(request_id=nth, symbol=symbol, method="occlusion")
        for nth, symbol in enumerate(itertools.cycle(symbols))
    )
    for _ in range(_FLOOD):
        dealer.send(wire.encode_request(next(questions)))
    while not stopping.is_set():
        if dealer.poll(50):
            dealer.recv_multipart()
            dealer.send(wire.encode_request(next(questions)))


def _fair_share(
    context: Context, where: Endpoints, symbols: tuple[str, ...], seconds: float
) -> tuple[Figure, ...]:
    alone = _explained(context, where, symbols[-1], seconds)
    with _flood(context, where, symbols):
        beside = _explained(context, where, symbols[-1], seconds)
    share = beside / alone
    return (
        Figure(
            name="explanations of a client that asks for one at a time, beside a flood",
            measured=f"{beside} of the {alone} it has alone",
            wanted="≥ a third",
            holds=share >= 1 / 3,
        ),
    )


def _explained(context: Context, where: Endpoints, symbol: str, seconds: float) -> int:
    answered = 0
    with _dealer(context, where.requests) as dealer:
        end = time.monotonic() + seconds
        for nth in itertools.count():
            if time.monotonic() >= end:
                break
            question = GetExplanation(request_id=nth, symbol=symbol, method="occlusion")
            answered += not isinstance(_ask(dealer, question), Refusal)
    return answered
