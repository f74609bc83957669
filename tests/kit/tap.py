"""One who listens on the way between two programs of a test, and forwards what they say."""

import contextlib
import socket
import threading
from typing import Self
from urllib.parse import urlsplit


class Tap:
    """Forwards TCP connections to an endpoint; a context manager that ends its threads.

    Attributes:
        endpoint: Where to connect instead.
        heard: All that went by, both ways.
    """

    def __init__(self, target: str) -> None:
        url = urlsplit(target)
        self._target = (str(url.hostname), int(url.port or 0))
        self._door = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self._door.getsockname()[1]}"
        self.heard = bytearray()
        self._sides: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="tap")]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        for side in (self._door, *self._sides):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for side in (self._door, *self._sides):
            side.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # by which it ends
            while True:
                one, _ = self._door.accept()
                other = socket.create_connection(self._target)
                self._sides += [one, other]
                for pair in ((one, other), (other, one)):
                    thread = threading.Thread(target=self._forward, args=pair, name="tap")
                    self._threads.append(thread)
                    thread.start()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while found := source.recv(65_536):
                self.heard += found
                sink.sendall(found)
            sink.shutdown(socket.SHUT_WR)
