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

from server.figures import Access
from server.locks.allow_list import AllowedKeys
from server.locks.key_folder import Lock
from server.locks.presence import SILENT_S, Presence
from server.protocol.endpoints import OPEN_DOMAIN, bind
from shared.errors import UnavailableError
from shared.throttle import Throttle

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_ZAP: Final = "inproc://zeromq.zap.01"  # the one place where libzmq looks
_AT_ONCE: Final = 32  # after a revocation all desks are back together; a question takes 50 µs
_BIND_AGAIN_S: Final = 5.0
_LOOK_AGAIN_S: Final = 0.005


class Guard:
    """Answers who may connect; lives in the thread of its sockets, and closes its own at the end.

    Attributes:
        socket: Becomes readable when ZeroMQ asks.

    Args:
        context: Of ZeroMQ; its bound sockets ask here, and those of no other context.
        lock: The server's keys, and whom it lets in; None lets in all that reach the sockets.
        who: What the log calls one that connects.
        silent_s: After how long without a word one counts as gone.
    """

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        lock: Lock | None,
        who: str = "desk",
        silent_s: float = SILENT_S,
    ) -> None:
        self._who, self._presence = who, Presence(who=who, silent_s=silent_s)
        self._admitted = self._refused = 0
        self._lock = lock
        self._allowed = AllowedKeys({}) if lock is None else lock.allowed
        self._locked: list[zmq.Socket[bytes]] = []
        self._throttle = Throttle()
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
        """Answer the oldest questions of ZeroMQ, and few enough to delay nobody."""
        for _ in range(_AT_ONCE):
            self._answer()
            if not self.socket.poll(0):
                return

    def hears(self, frame: zmq.Frame) -> bool:
        """Return whether what has come on a locked socket is from one who is still allowed.

        Between a revocation and the end of a connection lies a moment.

        Args:
            frame: Any frame of the message; libzmq notes on each who sent it.
        """
        if self._lock is None:
            return True
        name = self._allowed.names.get(str(frame.get("User-Id")))
        if name is None:
            return False
        self._presence.heard(name)
        return True

    def renew(self) -> None:
        """Cut all connections if the list of those that are let in lost somebody.

        To be called before anything is said: what is said later goes to nobody who is out.

        Raises:
            UnavailableError: Another program took a port in between.
        """
        self._presence.look()
        gone = self._allowed.renew()
        if gone:
            self._presence.strike(gone)
            if self._allowed.trouble:
                log.error("nobody is let in", reason=self._allowed.trouble)
            log.info("revoked", **{f"{self._who}s": gone})
            for socket in self._locked:
                _cut(socket)

    def access(self) -> Access:
        """Return who is let in, as it stands now."""
        return Access(desks=self._presence.desks, admitted=self._admitted, refused=self._refused)

    def _answer(self) -> None:
        version, request_id, domain, address, _routing_id, mechanism, *credentials = (
            self.socket.recv_multipart()
        )
        key = z85.encode(credentials[0]).decode() if mechanism == b"CURVE" else ""
        open_to_all = domain == OPEN_DOMAIN
        allowed = open_to_all or key in self._allowed.names
        code, text = (b"200", b"") if allowed else (b"400", b"not allowed")
        # By the key, and not by its name: that may be another one's a moment later.
        self.socket.send_multipart([version, request_id, code, text, key.encode(), b""])
        if not open_to_all:
            self._note(key, address.decode())

    def _note(self, key: str, address: str) -> None:
        name = self._allowed.names.get(key)
        if name is not None:
            self._admitted += 1
            log.debug("let in", **{self._who: name, "address": address})
            return
        self._refused += 1
        if self._throttle.lets("refused"):  # one that is refused tries again each second
            log.warning("refused", key=key, address=address, refused=self._refused)


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
