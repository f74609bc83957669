"""A peer that speaks to a port without ZeroMQ, for tests of what is refused."""

import contextlib
import socket
from typing import Final
from urllib.parse import urlsplit

from tests.kit.waiting import LIMIT_S

# The first half of a greeting, which a peer may send before it has read the other's.
SIGNATURE: Final = b"\xff" + bytes(7) + b"\x01\x7f"
_MESSAGE: Final = b"\x03\x00hi"  # length, flags, "hi", as ZMTP 1 frames it
_ROUTER_PEER: Final = 5  # the type DEALER, as ZMTP 2 numbers it

# What a page of the web can have a browser send, and the greetings before ZMTP 3, each with a
# message behind it.
OLD_GREETINGS: Final = {
    "plain HTTP": b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n" + _MESSAGE * 100,
    "ZMTP 1 without a signature": b"\x01\x00" + _MESSAGE,
    "ZMTP 1": SIGNATURE + b"\x00\x01\x00" + _MESSAGE,
    "ZMTP 2": SIGNATURE + bytes([1, _ROUTER_PEER]) + b"\x00\x00\x00\x02hi",
}
# What a DEALER of ZMTP 3.0 says, which knows no heartbeats: its greeting, of signature, version and
# mechanism, then the command READY with its type.
_GREETING_3_0: Final = SIGNATURE + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
_READY: Final = b"\x04\x1c" + b"\x05READY" + b"\x0bSocket-Type" + b"\0\0\0\x06DEALER"


def said_back(endpoint: str, sent: bytes) -> bytes:
    """Return what comes back for `sent` until the other side closes; fail if it never does."""
    url = urlsplit(endpoint)
    with socket.create_connection((url.hostname, url.port), timeout=LIMIT_S) as peer:
        peer.sendall(sent)
        return read_to_end(peer)


def connect_3_0(endpoint: str) -> socket.socket:
    """Return a connection over which "hi" was sent as by ZMTP 3.0."""
    url = urlsplit(endpoint)
    peer = socket.create_connection((url.hostname, url.port), timeout=LIMIT_S)
    peer.sendall(_GREETING_3_0)
    greeting = b""
    while len(greeting) < len(_GREETING_3_0):
        greeting += peer.recv(len(_GREETING_3_0) - len(greeting))
    peer.sendall(_READY + b"\x00\x02hi")
    return peer


def read_to_end(peer: socket.socket) -> bytes:
    """Return all that comes until the other side closes; fail if it never does."""
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while more := peer.recv(4096):
            said += more
    return said
