"""The socket that senders connect to; what they send faster than it is taken waits with them."""

import math
import time
from typing import Final

import zmq

from server.locks.guard import Guard
from server.locks.key_folder import KeyFolder, Lock, read_lock
from shared.endpoints import beyond_loopback, parse
from shared.errors import SettingsError, UnavailableError
from shared.protocol.pushed import MAX_PUSHED_BYTES
from shared.settings import ServerSettings

# Messages that may wait here for each sender; then ZeroMQ makes that sender wait.
_WAITING: Final = 8
_SETTING: Final = "the feed push"
_WAYS_OUT: Final = (
    "make keys with `tickerlens-server keys --keys FOLDER keygen`, let each sender in with "
    "`tickerlens-server keys --keys FOLDER allow NAME KEY`, and name the folder as sender_keys"
)


class PullSocket:
    """A ZeroMQ PULL, beyond loopback addresses with keys alone; used by one thread at a time.

    Attributes:
        endpoint: Where it listens.
        refused: How many messages came from those that are let in no longer.

    Args:
        endpoint: Where to listen; port `*` takes any free one.
        sender_keys: Folder of the keys of those that may send; empty lets in all that reach it.

    Raises:
        SettingsError: It is no loopback address, and there are no keys.
        UnavailableError: It is taken, or cannot be had.
        TickerlensError: The keys cannot be used.
    """

    def __init__(self, endpoint: str, sender_keys: str = "") -> None:
        lock = _lock_of(endpoint, sender_keys)
        self.refused = 0
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.PULL)
        # Who sends may be silent for as long as its market.
        self._guard = Guard(self._context, lock, "sender", math.inf)
        self._guard.lock(self._socket)
        self._poller = zmq.Poller()
        self._poller.register(self._socket, zmq.POLLIN)
        self._poller.register(self._guard.socket, zmq.POLLIN)
        self._socket.rcvhwm = _WAITING
        self._socket.maxmsgsize = MAX_PUSHED_BYTES
        # With a domain libzmq refuses greetings of ZMTP 1 and 2, as which a web page could pass.
        self._socket.zap_domain = b"tickerlens.push"
        self._socket.ipv6 = endpoint.startswith("tcp://[")
        try:
            self._socket.bind(endpoint)
        except zmq.ZMQError as e:
            self.close()
            raise UnavailableError(f"{endpoint} cannot be listened on: {e.strerror}") from e
        self.endpoint = self._socket.get_string(zmq.LAST_ENDPOINT).rstrip("\0")

    def take(self, wait_ms: int) -> bytes | None:
        """Return the next message, waiting for it a while; None if none came.

        A message of several frames is one too long to be ours: its frames are taken as one each.

        Args:
            wait_ms: How long to wait, ms.

        Raises:
            UnavailableError: Another program took the port as somebody was cut off.
        """
        until_s = time.monotonic() + wait_ms / 1_000
        while True:
            self._guard.renew()
            ready = dict(self._poller.poll(max(round(1_000 * (until_s - time.monotonic())), 0)))
            if self._guard.socket in ready:
                self._guard.answer()
            if self._socket in ready:
                frame = self._socket.recv(zmq.DONTWAIT, copy=False)
                if self._guard.hears(frame):
                    return frame.bytes
                self.refused += 1
            if not ready:
                return None

    def close(self) -> None:
        """Close it; nothing lingers."""
        self._context.destroy(linger=0)


def _lock_of(endpoint: str, sender_keys: str) -> Lock | None:
    parse(_SETTING, endpoint)
    if sender_keys:
        folder = KeyFolder(ServerSettings(keys=sender_keys))
        return read_lock(folder, f"sender_keys is {sender_keys}", _WAYS_OUT)
    if beyond_loopback(_SETTING, endpoint):
        raise SettingsError(
            f"{_SETTING} listens on loopback addresses such as 127.0.0.1 alone where there are no "
            f"keys, was {endpoint!r}: whoever reaches it may make bars; {_WAYS_OUT}; or make a "
            "tunnel, such as `ssh -L`"
        )
    return None
