"""A locked server and those who want in, for tests; all in the test's own thread but ZeroMQ's."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Self

import zmq

from client.net.locks import FAILED, event_of, new_pair, unlock
from server.locks.allow_list import AllowListFile, allow
from server.locks.guard import Guard
from server.locks.key_folder import Lock
from server.protocol.endpoints import bind
from shared.keys import DeskKeys, KeyPair
from tests.kit.waiting import LIMIT_S

Context = zmq.Context[zmq.Socket[bytes]]
LOOPBACK: Final = "tcp://127.0.0.1:*"


class LockedServer:
    """An XPUB and a ROUTER behind a guard, which reads whom it lets in from a file.

    It publishes `word` all the time, and answers every request with it.

    Attributes:
        word: What it says.
        pair: The server's own keys.
        list: The file.
        guard: The guard.
        publisher, requests: Endpoints.
    """

    def __init__(self, context: Context, folder: Path, endpoint: str = LOOPBACK) -> None:
        self.pair, self.list = new_pair(), folder / "allowed"
        self.word = b"news"
        allow(self.list, "nobody-else", new_pair().public)
        lock = Lock(pair=self.pair, allowed=AllowListFile(self.list))
        self.guard = Guard(context, lock)
        self.xpub, self.router = context.socket(zmq.XPUB), context.socket(zmq.ROUTER)
        self.guard.lock(self.xpub, self.router)
        self.publisher, self.requests = bind(self.xpub, endpoint), bind(self.router, endpoint)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for socket in (self.xpub, self.router):
            socket.close()
        self.guard.__exit__(None, None, None)

    def admit(self, name: str) -> DeskKeys:
        pair = new_pair()
        allow(self.list, name, pair.public)
        return self.keys_of(pair)

    def keys_of(self, pair: KeyPair) -> DeskKeys:
        return DeskKeys(server=self.pair.public, pair=pair)

    def serve(self, until: Callable[[], object]) -> None:
        """Work as the main loop does until the condition holds; fail after a long time."""
        give_up = time.monotonic() + LIMIT_S
        while not until():
            assert time.monotonic() < give_up, "it never came"
            self.turn()

    def turn(self) -> None:
        self.guard.renew()
        if self.guard.socket.poll(1):
            self.guard.answer()
        while self.xpub.poll(0):
            self.xpub.recv()
        if self.router.poll(0):
            sender, _asked = self.router.recv_multipart(copy=False)
            if self.guard.hears(sender):
                self.router.send_multipart([sender.bytes, self.word])
        self.xpub.send(self.word)


class Visitor:
    """One who connects to both sockets, with keys or without, and asks one thing after the other.

    Attributes:
        failed: Whose greetings failed. After some ways of failing ZeroMQ tries no more.
        news: What was published to it.
        answers: What it was answered.
    """

    def __init__(self, context: Context, server: LockedServer, keys: DeskKeys | None) -> None:
        self.news: set[bytes] = set()
        self.answers: set[bytes] = set()
        self._sub, self._dealer = context.socket(zmq.SUB), context.socket(zmq.DEALER)
        self._monitors: list[zmq.Socket[bytes]] = []
        self.failed: set[zmq.Socket[bytes]] = set()
        for socket, endpoint in ((self._sub, server.publisher), (self._dealer, server.requests)):
            socket.linger = 0
            socket.ipv6 = True
            socket.reconnect_ivl = socket.sndhwm = 1
            unlock(socket, keys)
            self._monitors.append(socket.get_monitor_socket(FAILED))
            socket.connect(endpoint)
        self._sub.subscribe(b"")

    def close(self) -> None:
        for socket in (self._sub, self._dealer):
            socket.disable_monitor()
        for socket in (*self._monitors, self._sub, self._dealer):
            socket.close()

    def look(self) -> None:
        """Take what has come."""
        for monitor in self._monitors:
            while monitor.poll(0):
                assert event_of(monitor.recv_multipart()) & FAILED
                self.failed.add(monitor)
        while self._sub.poll(0):
            self.news.add(self._sub.recv())
        while self._dealer.poll(0):
            self.answers.add(self._dealer.recv())
        with contextlib.suppress(zmq.Again):  # asked anew all the time, for what is cut is lost
            self._dealer.send(b"question", zmq.DONTWAIT)

    def hears(self, word: bytes) -> bool:
        """Return whether both sockets have brought `word`."""
        self.look()
        return word in self.news & self.answers

    def stays_out(self) -> bool:
        """Return whether the greetings of both sockets failed."""
        self.look()
        return len(self.failed) == 2


@contextlib.contextmanager
def visiting(context: Context, server: LockedServer, keys: DeskKeys | None) -> Iterator[Visitor]:
    visitor = Visitor(context, server, keys)
    try:
        yield visitor
    finally:
        visitor.close()
