"""Where the server listens, and what it takes for a greeting."""

import errno
import os
import sys
from typing import Final

import msgspec
import structlog
import zmq

from shared.endpoints import Endpoints, pair
from shared.errors import UnavailableError
from shared.settings import ServerSettings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

# One sends what is published to all desks, the other answers them: nobody's answer waits behind it.
_IO_THREADS: Final = 2
_PUBLISHING, _ANSWERING = 0b01, 0b10  # sets of these threads
_LINGER_MS: Final = 300  # how long last words may take on their way out
# TCP asks a silent peer whether it is still there: who vanished without a word is gone within 45 s.
_KEEPALIVE: Final = {
    zmq.TCP_KEEPALIVE: 1,
    zmq.TCP_KEEPALIVE_IDLE: 30,
    zmq.TCP_KEEPALIVE_INTVL: 5,
    zmq.TCP_KEEPALIVE_CNT: 3,
}

DESKS: Final = b"tickerlens"
OPEN_DOMAIN: Final = b"tickerlens.explain"  # who connects there shows itself in another way


def endpoints_of(settings: ServerSettings) -> Endpoints:
    """Return the endpoints to bind for what is published and for requests.

    Raises:
        SettingsError: One is not `tcp://HOST:PORT`.
    """
    return pair("publish", settings.publish, settings.requests)


def bind(socket: zmq.Socket[bytes], endpoint: str, domain: bytes = DESKS) -> str:
    """Bind `socket` and return the endpoint that others connect to.

    Greetings of ZMTP 1 and 2 are refused: what a web page sends to a port of this machine reads as
    one of ZMTP 1, which has no signature, and as messages behind it.

    Args:
        socket: Locked, or open to all that reach the endpoint.
        endpoint: Port `*` takes any free one.
        domain: What those are held to that connect, where anything is asked of them.

    Raises:
        UnavailableError: The address is taken or cannot be had.
    """
    # libzmq refuses what cannot be authenticated where a domain is named, also when nobody does.
    socket.zap_domain = domain
    socket.ipv6 = endpoint.startswith("tcp://[")
    try:
        socket.bind(endpoint)
    except zmq.ZMQError as e:
        if e.errno == errno.EADDRINUSE:
            sentence = f"{endpoint} is taken: another server may be running; choose another port"
            raise UnavailableError(f"{sentence} with --publish and --requests") from e
        raise UnavailableError(f"{endpoint} cannot be listened on: {e.strerror}") from e
    return socket.get_string(zmq.LAST_ENDPOINT).rstrip("\0")


def announce(endpoints: Endpoints) -> None:
    """Say where the server listens, as one line of JSON on stdout."""
    # Unbuffered: what a full disk refuses now would otherwise be tried again at the end. There is
    # no stdout where the parent closed it.
    line = msgspec.json.encode(endpoints) + b"\n"
    try:
        if sys.__stdout__ is not None:
            os.write(sys.__stdout__.fileno(), line)
    except OSError as e:
        log.warning("the endpoints could not be written to stdout", reason=e.strerror)


def part_threads(xpub: zmq.Socket[bytes], router: zmq.Socket[bytes]) -> None:
    """Give what is published and what is asked a thread of the context each.

    Args:
        xpub: Fresh, of a context that `new_context` made.
        router: Fresh, of the same.
    """
    xpub.affinity, router.affinity = _PUBLISHING, _ANSWERING


def new_context() -> zmq.Context[zmq.Socket[bytes]]:
    """Return a context whose sockets notice a peer that is gone, and do not wait for it."""
    context = zmq.Context(_IO_THREADS)
    context.setsockopt(zmq.LINGER, _LINGER_MS)
    # No heartbeats of ZeroMQ: with them libzmq 4.3.5 can end a process whose peer leaves badly.
    for option, value in _KEEPALIVE.items():
        context.setsockopt(option, value)
    return context
