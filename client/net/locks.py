"""The desk's side of the keys: how a server is opened with them, and why it may stay closed."""

import sys
from collections.abc import Sequence
from typing import Final

import zmq

from shared.keys import DeskKeys, KeyPair, pair_of

FAILED: Final[int] = (
    zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
)


def new_pair() -> KeyPair:
    """Return new keys.

    Raises:
        UnavailableError: ZeroMQ was built without CURVE.
    """
    return pair_of(zmq.curve_keypair() if can_lock() else None)


def can_lock() -> bool:
    """Return whether ZeroMQ was built with CURVE."""
    return bool(zmq.has("curve"))


def unlock(socket: zmq.Socket[bytes], keys: DeskKeys | None) -> None:
    """Show `keys` to a server, and take nobody else for it; before the socket connects."""
    if keys is None:
        return
    socket.curve_serverkey = keys.server.encode()
    socket.curve_publickey = keys.pair.public.encode()
    socket.curve_secretkey = keys.pair.secret.encode()


def event_of(frames: Sequence[bytes]) -> int:
    """Return the number of the event that a message of ZeroMQ's monitor tells of."""
    # `zmq.utils.monitor` reads all of it, but loads asyncio, which takes as long as the desk does.
    return int.from_bytes(frames[0][:2], sys.byteorder)


def why_refused(event: int, keys: DeskKeys | None) -> str:
    """Return a sentence on a greeting that failed, without a full stop.

    Args:
        event: One of `FAILED`, as ZeroMQ's monitor tells it.
        keys: What was shown.
    """
    if event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
        return "the server does not let this desk in: its key was revoked, or never allowed"
    if keys is None:
        return (
            "the greeting fails: the server asks for a key (--invite FILE opens an invite), or it "
            "is another program"
        )
    return "the greeting fails: the server has another key than the invite says, or asks for none"
