"""The socket on which everything is said; nobody can make it wait."""

import contextlib
from collections.abc import Iterable
from typing import Final

import zmq

from server.protocol.endpoints import bind
from server.protocol.subscriptions import Subscriptions
from shared.protocol.heatmaps import Heatmaps
from shared.protocol.messages import Published
from shared.protocol.wire import encode_said

# A subscriber that falls this many messages behind misses the next ones and sees a gap in the
# sequence. One message of 3,000 tickers is 120 kB, so a stuck one costs at most some 30 MB.
SEND_LIMIT: Final = 256

# The longest topic of a ticker has 393: `heatmap/`, 32 characters of 12 bytes each, and a slash.
MAX_SUBSCRIPTION_BYTES: Final = 512
_WANTS_STATUS: Final = b"\1status/"
READ_AT_ONCE: Final = 256  # frames; the others wait while the server does the rest of its work


class Publisher:
    """Speaks through an XPUB socket; lives in the thread that opened it.

    Attributes:
        endpoint: Where subscribers connect.
        subscriptions: Who is looked at.

    Args:
        socket: Fresh; its owner closes it.
        endpoint: Where to bind; port `*` takes any free one.
        symbols: (n,) the tickers.

    Raises:
        UnavailableError: The endpoint cannot be bound.
    """

    def __init__(self, socket: zmq.Socket[bytes], endpoint: str, symbols: tuple[str, ...]) -> None:
        socket.sndhwm = SEND_LIMIT
        socket.maxmsgsize = MAX_SUBSCRIPTION_BYTES
        self._socket = socket
        self.endpoint = bind(socket, endpoint)
        self.subscriptions = Subscriptions(symbols)

    def publish(self, messages: Iterable[Published | Heatmaps]) -> None:
        """Say every message to who subscribed to it; one who is behind misses it."""
        for message in messages:
            for frames in encode_said(message):
                self._socket.send_multipart(frames)

    def read_subscriptions(self) -> bool:
        """Take some of what subscribers said since the last time, without waiting.

        As many as a subscriber likes can come at once, and as many again when it leaves.

        Returns:
            Whether the first one came who wants to hear how the server is.
        """
        newcomer = False
        with contextlib.suppress(zmq.Again):
            for _ in range(READ_AT_ONCE):
                frame = self._socket.recv_multipart(zmq.DONTWAIT)[0]
                newcomer |= frame == _WANTS_STATUS
                self.subscriptions.note(frame)
        return newcomer
