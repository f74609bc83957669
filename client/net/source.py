"""Where the link finds its server: as told, at the default endpoints, or by starting one."""

from typing import Final, Protocol

import zmq

from client.net.endpoints import default_endpoints
from client.net.local_server import LocalServer
from client.net.locks import can_lock
from client.net.sockets import new_socket
from shared.endpoints import Endpoints
from shared.errors import WireError
from shared.extras import how_to_install, missing_of
from shared.keys import NO_CURVE
from shared.protocol import wire
from shared.protocol.requests import GetUniverse

ANSWER_WITHIN_MS: Final = 700


class Source(Protocol):
    """Names the server to follow.

    Attributes:
        local: True when the server belongs to this desk.
        trouble: Why there is none, or none to be expected; empty if all is well.
    """

    local: bool
    trouble: str

    def poll(self, now_ms: int) -> Endpoints | None:
        """Return the endpoints to be connected to now; None while there are none."""

    def close(self) -> None:
        """Let go of what the source started."""


class Remote:
    """A server that somebody else starts and stops."""

    local = False

    def __init__(self, endpoints: Endpoints, trouble: str = "") -> None:
        self.trouble = trouble
        self._endpoints = endpoints

    def poll(self, now_ms: int) -> Endpoints | None:
        """Return the endpoints, whether or not anyone is there."""
        return self._endpoints

    def close(self) -> None:
        """Do nothing: the server is not ours."""


def find_source(context: zmq.Context[zmq.Socket[bytes]], endpoints: Endpoints | None) -> Source:
    """Return the source to use: `endpoints` if given, else whoever answers, else one of our own."""
    if endpoints is not None:
        return Remote(endpoints)
    usual = default_endpoints()
    if answers(context, usual):
        return Remote(usual)
    missing = missing_of("server")
    if missing:
        return Remote(usual, _why_none(usual, f"{', '.join(missing)}: {how_to_install('all')}"))
    if not can_lock():
        return Remote(usual, _why_none(usual, f"a lock: {NO_CURVE}"))
    return LocalServer()


def answers(context: zmq.Context[zmq.Socket[bytes]], endpoints: Endpoints) -> bool:
    """Return whether a server answers there at once."""
    with new_socket(context, zmq.DEALER, endpoints.requests, endpoints.keys) as dealer:
        dealer.connect(endpoints.requests)
        dealer.send(wire.encode_request(GetUniverse(request_id=1)))
        if not dealer.poll(ANSWER_WITHIN_MS):
            return False
        try:
            wire.decode_answer(dealer.recv_multipart())
        except WireError:
            return False
        return True


def _why_none(endpoints: Endpoints, lacking: str) -> str:
    return (
        f"no server answers at {endpoints.publish}, and a local one cannot start without {lacking}"
    )
