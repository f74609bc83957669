"""systemd is told that the server is ready, alive and stopping: `sd_notify(3)`, without a library.

Where no service manager asks for it, nothing is said.
"""

import contextlib
import socket
from collections.abc import MutableMapping
from typing import Self

from server.figures import Figures


class ServiceManager:
    """Says how the server is to the socket that `NOTIFY_SOCKET` names; never waits.

    A context manager that closes its own socket.

    Args:
        environ: The environment; the variable is taken out of it, since it is meant for this
            process and not for those that it starts.
    """

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        address = environ.pop("NOTIFY_SOCKET", "")
        # A name that begins with @ stands for one outside of the file system (unix(7)).
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._socket: socket.socket | None = None
        self._ready = False
        if self._address and hasattr(socket, "AF_UNIX"):
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._socket is not None:
            self._socket.close()

    def tell(self, figures: Figures) -> None:
        """Say that the server is alive, and what is new; to be called from its main loop.

        The first word says that it listens, that of `goodbye` that it stops.
        """
        status = figures.status
        words = [f"STATUS={status.state}, {status.tickers} tickers", "WATCHDOG=1"]
        if not self._ready:
            self._ready = True
            words.insert(0, "READY=1")
        if status.state == "goodbye":
            words.insert(0, "STOPPING=1")
        self._say("\n".join(words))

    def _say(self, text: str) -> None:
        if self._socket is not None:
            # A manager that is away, or does not read, costs the server nothing.
            with contextlib.suppress(OSError):
                self._socket.sendto(text.encode(), self._address)
