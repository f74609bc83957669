"""The socket on which everything is said; nobody can make it wait."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import zmq

from server.market.cycle import Subscribed
from server.protocol.endpoints import bind
from shared.contract import Bool, Int64
from shared.protocol.messages import Published
from shared.protocol.wire import encode_published, topic

# A subscriber that falls this many messages behind misses the next ones and sees a gap in the
# sequence. One message of 3,000 tickers is 120 kB, so a stuck one costs at most some 30 MB.
SEND_LIMIT: Final = 256

_MAX_SUBSCRIPTION_BYTES: Final = 1_024


class Subscriptions:
    """Which tickers are looked at, from the prefixes that subscribers named.

    Args:
        symbols: (n,) the tickers, in the order of their rows.
    """

    def __init__(self, symbols: tuple[str, ...]) -> None:
        self._prefixes: set[bytes] = set()
        self.follow(symbols)

    def follow(self, symbols: tuple[str, ...]) -> None:
        """Look for other tickers; who subscribed to one before it came has it from now on."""
        self._topics = {kind: [topic(kind, s) for s in symbols] for kind in ("heatmap", "bar")}
        self._looks = {kind: self._counted(topics) for kind, topics in self._topics.items()}

    def note(self, frame: bytes) -> None:
        """Take a frame of an XPUB socket: 1 or 0, then the prefix that is wanted or no longer is.

        ZeroMQ says so once for each prefix, however many subscribers share it.
        """
        step, prefix = {b"\1": 1, b"\0": -1}.get(frame[:1]), frame[1:]
        if step is None or (prefix in self._prefixes) == (step == 1):
            return  # a peer may send any other frame, which means nothing
        self._prefixes ^= {prefix}
        for kind, topics in self._topics.items():
            named = (t.startswith(prefix) for t in topics)
            self._looks[kind] += step * np.fromiter(named, np.int64, len(topics))

    @property
    def wanted(self) -> Subscribed:
        """Return the tickers that at least one prefix names."""
        return Subscribed(heatmap=self._seen("heatmap"), bar=self._seen("bar"))

    def _counted(self, topics: list[bytes]) -> Int64:
        # (n,) prefixes that name each topic. Its own beginnings are looked up, not all prefixes
        # tried: there may be as many of these as tickers.
        beginnings = ([t[:end] for end in range(len(t) + 1)] for t in topics)
        counts = (sum(b in self._prefixes for b in found) for found in beginnings)
        return np.fromiter(counts, np.int64, len(topics))

    def _seen(self, kind: str) -> Bool:
        seen: Bool = self._looks[kind] > 0
        return seen


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
        socket.maxmsgsize = _MAX_SUBSCRIPTION_BYTES
        self._socket = socket
        self.endpoint = bind(socket, endpoint)
        self.subscriptions = Subscriptions(symbols)

    def publish(self, messages: Iterable[Published]) -> None:
        """Say every message to who subscribed to it; one who is behind misses it."""
        for message in messages:
            self._socket.send_multipart(encode_published(message))

    def read_subscriptions(self) -> None:
        """Take what subscribers said since the last time, without waiting."""
        while self._socket.poll(0):
            self.subscriptions.note(self._socket.recv_multipart()[0])
