"""The socket that senders connect to; what they send faster than it is taken waits with them."""

from typing import Final

import zmq

from shared.endpoints import beyond_loopback, parse
from shared.errors import SettingsError, UnavailableError
from shared.protocol.pushed import MAX_PUSHED_BYTES

# Messages that may wait here for each sender; then ZeroMQ makes that sender wait.
_WAITING: Final = 8
_SETTING: Final = "the feed push"


class PullSocket:
    """A ZeroMQ PULL on a loopback address; used by one thread at a time.

    Attributes:
        endpoint: Where it listens.

    Args:
        endpoint: Where to listen; port `*` takes any free one.

    Raises:
        SettingsError: It is no loopback address.
        UnavailableError: It is taken, or cannot be had.
    """

    def __init__(self, endpoint: str) -> None:
        parse(_SETTING, endpoint)
        if beyond_loopback(_SETTING, endpoint):
            raise SettingsError(
                f"{_SETTING} listens on loopback addresses such as 127.0.0.1 alone, was "
                f"{endpoint!r}: whoever reaches it may make bars; from another machine make a "
                "tunnel, such as `ssh -L`"
            )
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.PULL)
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
        """
        if not self._socket.poll(wait_ms):
            return None
        return self._socket.recv(zmq.DONTWAIT)

    def close(self) -> None:
        """Close it; nothing lingers."""
        self._context.destroy(linger=0)
