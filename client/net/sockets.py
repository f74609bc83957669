"""The two sockets of the link and what comes out of them; used by one thread."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

import zmq

from client.net.locks import FAILED, event_of, unlock, why_refused
from shared.endpoints import Endpoints
from shared.errors import UnknownKindError, WireError
from shared.keys import DeskKeys
from shared.protocol import wire
from shared.protocol.answers import Answer
from shared.protocol.messages import Published
from shared.protocol.requests import AnyRequest
from shared.throttle import Throttle

log = logging.getLogger(__name__)

ALWAYS: Final = ("confidence", "buy", "status")
PER_TICKER: Final = ("bar", "heatmap")
RECEIVE_LIMIT: Final = 200  # messages that wait in a slow desk; beyond it they are lost, and heal
SEND_LIMIT: Final = 100
BATCH: Final = 200
# What a server says as it leaves may come after its other connection is gone.
LAST_WORDS_MS: Final = 50
HANDSHAKE_MS: Final = 1_000  # at most: three times there and back
LONGEST_RETRY_MS: Final = 250  # a server that comes is found so soon after
# ZeroMQ says at once that it will try again; if it does not, it never will.
GIVEN_UP_MS: Final = 100

_CONNECTED: Final = zmq.EVENT_HANDSHAKE_SUCCEEDED
_EVENTS: Final = _CONNECTED | FAILED | zmq.EVENT_DISCONNECTED | zmq.EVENT_CONNECT_RETRIED

NumberedAnswer = tuple[int | None, Answer]
T = TypeVar("T")


class Connected:
    """Says that the subscriptions were just sent to a server."""


class Disconnected:
    """Says that the requests under way were lost with their connection."""


class Sockets:
    """A SUB and a DEALER for one connection to a server, which may be waited for.

    With the connection they are over, and so is what waited in them: no request waits in a queue
    for a server that died, and nothing of it is read beside what its successor says.

    Attributes:
        rejected: How many messages were dropped because they are not what the protocol allows.
        complaint: What was wrong with the newest of them; empty after a good one.
        skipped: How many messages were left alone because a later minor version added their kind.

    Args:
        context: What the sockets belong to.
        endpoints: The server.
        throttle: Keeps complaints seldom, also those about several sockets in a row.
    """

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        endpoints: Endpoints,
        throttle: Throttle | None = None,
    ) -> None:
        self.rejected = 0
        self.complaint = ""
        self.skipped = 0
        self._throttle = throttle or Throttle()
        keys = endpoints.keys
        self._subscriber = new_socket(context, zmq.SUB, endpoints.publish, keys)
        self._dealer = new_socket(context, zmq.DEALER, endpoints.requests, keys)
        # Before they connect, lest the first time goes unseen.
        self._watched = (_Watched(self._subscriber, keys), _Watched(self._dealer, keys))
        for kind in ALWAYS:
            self._subscriber.subscribe(wire.topic(kind))
        self._subscriber.connect(endpoints.publish)
        self._dealer.connect(endpoints.requests)
        self._poller = zmq.Poller()
        for socket in (*(w.monitor for w in self._watched), self._subscriber, self._dealer):
            self._poller.register(socket, zmq.POLLIN)

    def close(self) -> None:
        """Close all sockets; nothing lingers."""
        for watched in self._watched:
            watched.close()
        for socket in (self._subscriber, self._dealer):
            socket.close(linger=0)

    @property
    def are_over(self) -> bool:
        """Return whether these sockets are of no more use: others are to be made.

        A connection that stood is gone, or ZeroMQ no longer tries to connect one of the two: it
        does so when what comes is not its protocol, as of a stream that was damaged once.
        """
        return any(watched.is_over for watched in self._watched)

    @property
    def refusal(self) -> str:
        """Return why the newest greeting of one of the two failed; empty where none did."""
        return next((watched.refusal for watched in self._watched if watched.refusal), "")

    def subscribe(self, symbol: str) -> None:
        """Have the bars and heatmaps of a ticker published to us."""
        for kind in PER_TICKER:
            self._subscriber.subscribe(wire.topic(kind, symbol))

    def unsubscribe(self, symbol: str) -> None:
        """Undo one `subscribe`."""
        for kind in PER_TICKER:
            self._subscriber.unsubscribe(wire.topic(kind, symbol))

    def glance(self, symbol: str) -> None:
        """Have the heatmaps of a ticker published to us, and not its bars."""
        self._subscriber.subscribe(wire.topic("heatmap", symbol))

    def look_away(self, symbol: str) -> None:
        """Undo one `glance`."""
        self._subscriber.unsubscribe(wire.topic("heatmap", symbol))

    def send(self, request: AnyRequest) -> bool:
        """Send a request; return False when no server is connected to take it."""
        if not self._watched[1].connected:
            return False
        try:
            self._dealer.send(wire.encode_request(request), zmq.DONTWAIT)
        except zmq.Again:
            return False
        return True

    def receive(
        self, limit_ms: int
    ) -> Iterator[Connected | Disconnected | Published | NumberedAnswer]:
        """Yield what has come, waiting at most `limit_ms` for the first of it."""
        ready = dict(self._poller.poll(limit_ms))
        publications, requests = self._watched
        if publications.monitor in ready and publications.event() == _CONNECTED:
            yield Connected()
        if requests.monitor in ready and requests.event() == zmq.EVENT_DISCONNECTED:
            yield Disconnected()
        if self._dealer in ready:
            yield from self._decoded(self._dealer, wire.decode_answer)
        if self._subscriber in ready:
            yield from self._decoded(self._subscriber, wire.decode_published)

    def _decoded(
        self, socket: zmq.Socket[bytes], decode: Callable[[Sequence[bytes]], T]
    ) -> Iterator[T]:
        for _ in range(BATCH):
            try:
                message = decode(socket.recv_multipart(zmq.DONTWAIT))
            except zmq.Again:
                return
            except UnknownKindError as e:
                self._skip(e)
            except WireError as e:
                self._reject(e)
            else:
                self.complaint = ""
                yield message

    def _reject(self, error: WireError) -> None:
        self.rejected += 1
        self.complaint = str(error)
        if self._throttle.lets("rejected"):
            log.warning("dropped a message, %d so far: %s", self.rejected, error)

    def _skip(self, error: UnknownKindError) -> None:
        self.skipped += 1
        if self._throttle.lets("skipped"):
            log.info("skipped a message, %d so far: %s", self.skipped, error)


class _Watched:
    # What ZeroMQ says of the connection of one socket.

    def __init__(self, socket: zmq.Socket[bytes], keys: DeskKeys | None) -> None:
        self._socket, self._keys = socket, keys
        self.refusal = ""
        self.connected = False
        self.monitor = socket.get_monitor_socket(_EVENTS)
        self._lost_since: float | None = None  # s, when a connection that stood went
        self._adrift_since: float | None = None  # s, when it was disconnected

    @property
    def is_over(self) -> bool:
        return _is_past(self._lost_since, LAST_WORDS_MS) or _is_past(
            self._adrift_since, GIVEN_UP_MS
        )

    def event(self) -> int:
        # Take the event that has come.
        event = event_of(self.monitor.recv_multipart())
        if event & FAILED:
            self.refusal = why_refused(event, self._keys)
        elif event == _CONNECTED:
            self.refusal = ""
        now_s = time.monotonic()
        if self.connected and self._lost_since is None:
            self._lost_since = now_s
        self.connected = event == _CONNECTED and self._lost_since is None
        self._adrift_since = now_s if event == zmq.EVENT_DISCONNECTED else None
        return event

    def close(self) -> None:
        self._socket.disable_monitor()
        self.monitor.close(linger=0)


def _is_past(since_s: float | None, limit_ms: int) -> bool:
    return since_s is not None and time.monotonic() - since_s >= limit_ms / 1000


def new_socket(
    context: zmq.Context[zmq.Socket[bytes]], kind: int, endpoint: str, keys: DeskKeys | None
) -> zmq.Socket[bytes]:
    """Return a socket that may connect to `endpoint`.

    It has no heartbeats of ZeroMQ, with which libzmq 4.3.5 can end a process whose peer leaves
    badly: whether a server is alive is told by `Liveness`.

    Args:
        context: What it belongs to.
        kind: `zmq.SUB` or `zmq.DEALER`.
        endpoint: Decides between IPv4 and IPv6; nothing is connected yet.
        keys: What opens the server; None where it asks for none.
    """
    socket = context.socket(kind)
    socket.linger = 0
    unlock(socket, keys)
    socket.ipv6 = endpoint.startswith("tcp://[")
    # With a domain libzmq refuses greetings of ZMTP 1 and 2, also where nobody authenticates.
    socket.zap_domain = b"tickerlens"
    # libzmq #2258, #4064: a SUB loses the subscriptions beyond its send limit as it reconnects.
    socket.sndhwm = 0 if kind == zmq.SUB else SEND_LIMIT
    socket.rcvhwm = RECEIVE_LIMIT
    socket.maxmsgsize = wire.MAX_FRAME_BYTES
    # Not `immediate`: with it libzmq ends a connection between two parts of one message, and then
    # its process by an assertion.
    # A handshake that is damaged on its way leaves both sides waiting, for 30 s by default.
    socket.handshake_ivl = HANDSHAKE_MS
    socket.reconnect_ivl = 100
    socket.reconnect_ivl_max = LONGEST_RETRY_MS
    return socket
