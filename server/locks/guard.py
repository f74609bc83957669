"""Who may connect, asked of the main loop by ZeroMQ at each connection, and taken back at once.

ZeroMQ asks by ZAP (https://rfc.zeromq.org/spec/27/) when a connection begins, and never again. So
a key that is revoked leaves an open connection alone; all connections are then cut, those who are
still allowed are back in a moment, and are asked anew.
"""

import time
from typing import Final, Self

import structlog
import zmq
from zmq.utils import z85

from server.locks.allow_list import AllowedKeys
from server.locks.key_folder import Lock
from server.protocol.endpoints import OPEN_DOMAIN, bind
from shared.errors import UnavailableError

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_ZAP: Final = "inproc://zeromq.zap.01"  # the one place where libzmq looks
_VERSION: Final = b"1.0"
_TELL_EVERY_S: Final = 10.0
_BIND_AGAIN_S: Final = 5.0
_LOOK_AGAIN_S: Final = 0.005


class Guard:
    """Answers who may connect; lives in the main thread. A context manager that closes its socket.

    Attributes:
        socket: Becomes readable when ZeroMQ asks.
        admitted: How many connections were let in.
        refused: How many were not.

    Args:
        context: Of ZeroMQ; its bound sockets ask here, and those of no other context.
        lock: The server's keys, and whom it lets in; None lets in all that reach the sockets.
    """

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], lock: Lock | None) -> None:
        self.admitted = 0
        self.refused = 0
        self._lock = lock
        self._allowed = AllowedKeys({}) if lock is None else lock.allowed
        self._locked: list[zmq.Socket[bytes]] = []
        self._tell_after = 0.0
        self.socket = context.socket(zmq.REP)
        self.socket.linger = 0
        if lock is not None:
            self.socket.bind(_ZAP)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def lock(self, *sockets: zmq.Socket[bytes]) -> None:
        """Lock sockets that are not bound yet, if there is a lock; their owner closes them."""
        if self._lock is None:
            return
        for socket in sockets:
            socket.curve_server = True
            socket.curve_secretkey = self._lock.pair.secret.encode()
            # Without a guard nobody is let in, where otherwise everybody with any key would be.
            socket.zap_enforce_domain = True
            self._locked.append(socket)

    def answer(self) -> None:
        """Answer the oldest question of ZeroMQ."""
        version, request_id, domain, address, _routing_id, mechanism, *credentials = (
            self.socket.recv_multipart()
        )
        name = self._name(domain, mechanism, credentials)
        code, text = (b"400", b"not allowed") if name is None else (b"200", b"")
        user = b"" if name is None else name.encode()
        self.socket.send_multipart([version, request_id, code, text, user, b""])
        if domain != OPEN_DOMAIN:
            self._note(name, address.decode(), credentials)

    def renew(self) -> None:
        """Cut all connections if the list of those that are let in lost somebody.

        To be called before anything is said: what is said later goes to nobody who is out.

        Raises:
            UnavailableError: Another program took a port in between.
        """
        gone = self._allowed.renew()
        if gone:
            log.info("revoked", desks=gone)
            for socket in self._locked:
                _cut(socket)

    def _name(self, domain: bytes, mechanism: bytes, credentials: list[bytes]) -> str | None:
        if domain == OPEN_DOMAIN:
            return ""
        if mechanism != b"CURVE" or len(credentials) != 1:
            return None
        return self._allowed.names.get(z85.encode(credentials[0]).decode())

    def _note(self, name: str | None, address: str, credentials: list[bytes]) -> None:
        if name is not None:
            self.admitted += 1
            log.info("let in", desk=name, address=address)
            return
        self.refused += 1
        now = time.monotonic()
        if now >= self._tell_after:  # one that is refused tries again each second
            self._tell_after = now + _TELL_EVERY_S
            keys = [z85.encode(key).decode() for key in credentials]
            log.warning("refused", key=keys, address=address, refused=self.refused)


def _cut(socket: zmq.Socket[bytes]) -> None:
    endpoint = socket.get_string(zmq.LAST_ENDPOINT).rstrip("\0")
    # What waits to be sent goes with the connections: some of it is for who is out.
    linger, socket.linger = socket.linger, 0
    socket.unbind(endpoint)
    socket.linger = linger
    give_up = time.monotonic() + _BIND_AGAIN_S
    while True:
        try:
            bind(socket, endpoint)
        except UnavailableError:
            # ZeroMQ leaves the port a moment later, in a thread of its own.
            if time.monotonic() > give_up:
                raise
            time.sleep(_LOOK_AGAIN_S)
        else:
            return
