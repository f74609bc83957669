"""A bad network between two programs of a test: it cuts, stalls, truncates and damages."""

import contextlib
import functools
import queue
import selectors
import socket
import threading
from collections.abc import Callable
from typing import Self

from tests.kit.waiting import LIMIT_S

_CHUNK = 65_536


class Proxy:
    """Forwards TCP connections to a port of this machine; a context manager that ends its thread.

    Attributes:
        endpoint: Where to connect instead.
        connections: How many were made through it.
        spoiled: How often it sent something else than it was given.
    """

    def __init__(self, target: str) -> None:
        self._target = ("127.0.0.1", int(target.rpartition(":")[2]))
        self._door = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self._door.getsockname()[1]}"
        self.connections = self.spoiled = 0
        self._ear, self._mouth = socket.socketpair()
        self._orders: queue.SimpleQueue[tuple[Callable[[], object], threading.Event]]
        self._orders = queue.SimpleQueue()
        self._selector = selectors.DefaultSelector()
        self._peer_of: dict[socket.socket, socket.socket] = {}
        self._spoil: Callable[[bytes], bytes] | None = None
        self._cuts_after_next = self._stalls = self._stopping = False
        self._thread = threading.Thread(target=self._run, name="proxy")

    def __enter__(self) -> Self:
        self._selector.register(self._door, selectors.EVENT_READ)
        self._selector.register(self._ear, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._order(self._end)
        self._thread.join()
        self._selector.close()
        for one in (self._door, self._ear, self._mouth):
            one.close()

    def cut(self) -> None:
        """Close what is connected now."""
        self._order(self._close_all)

    def half_close(self) -> None:
        """Say nothing more to either side, but go on reading."""
        self._order(self._shut_down)

    def stall(self) -> None:
        """Forward nothing, and keep what is connected."""
        self._order(self._stall)

    def resume(self) -> None:
        """Forward again."""
        self._order(self._resume)

    def spoil_next(self, spoil: Callable[[bytes], bytes]) -> None:
        """Send the next bytes as `spoil` makes them."""
        self._order(functools.partial(setattr, self, "_spoil", spoil))

    def truncate_next(self) -> None:
        """Send half of the next bytes, and close what is connected."""
        self._order(self._truncate)

    def _order(self, what: Callable[[], object]) -> None:
        done = threading.Event()
        self._orders.put((what, done))
        self._mouth.send(b"\0")
        assert done.wait(LIMIT_S)

    # All that follows runs on the proxy's thread.

    def _run(self) -> None:
        while not self._stopping:
            for key, _ in self._selector.select():
                found = key.fileobj
                if not isinstance(found, socket.socket) or found.fileno() < 0:
                    continue
                if found is self._ear:
                    self._ear.recv(1)
                    what, done = self._orders.get()
                    what()
                    done.set()
                elif found is self._door:
                    self._accept()
                elif found in self._peer_of:
                    self._forward(found)

    def _accept(self) -> None:
        one, _ = self._door.accept()
        try:
            other = socket.create_connection(self._target)
        except OSError:
            one.close()
            return
        self.connections += 1
        self._peer_of[one], self._peer_of[other] = other, one
        if not self._stalls:
            for side in (one, other):
                self._selector.register(side, selectors.EVENT_READ)

    def _forward(self, one: socket.socket) -> None:
        try:
            found = one.recv(_CHUNK)
            if found and self._spoil is not None:
                found, self._spoil = self._spoil(found), None
                self.spoiled += 1
            if found:
                self._peer_of[one].sendall(found)
        except OSError:
            found = b""
        if not found or self._cuts_after_next:
            self._cuts_after_next = False
            self._close(one)

    def _close(self, one: socket.socket) -> None:
        for side in (one, self._peer_of[one]):
            del self._peer_of[side]
            with contextlib.suppress(KeyError):  # while it stalls, none is listened to
                self._selector.unregister(side)
            side.close()

    def _close_all(self) -> None:
        while self._peer_of:
            self._close(next(iter(self._peer_of)))

    def _shut_down(self) -> None:
        for one in self._peer_of:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_WR)

    def _truncate(self) -> None:
        self._spoil, self._cuts_after_next = lambda found: found[: len(found) // 2], True

    def _stall(self) -> None:
        self._stalls = True
        for one in self._peer_of:
            self._selector.unregister(one)

    def _resume(self) -> None:
        self._stalls = False
        for one in self._peer_of:
            self._selector.register(one, selectors.EVENT_READ)

    def _end(self) -> None:
        self._close_all()
        self._stopping = True
