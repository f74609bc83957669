"""The server's side of the process that explains: starts it, feeds it, and buries it."""

import contextlib
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Self

import msgspec
import structlog
import zmq

from server.explain.jobs import Job, Start
from server.explain.offer import Offer
from shared.protocol.wire import encode

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

MAX_IN_FLIGHT: Final = 64
_MAX_FRAME_BYTES: Final = 64 * 2**10  # the header of an explanation has some 2 kB
COMMAND: Final = (sys.executable, "-m", "server.explain.worker")
# The folder that holds our packages: `-m` must find ours, wherever the server was started.
_HOUSE: Final = Path(__file__).parents[2]


class Asker(NamedTuple):
    """Who asked, and how the answer is to be addressed.

    Attributes:
        sender: Identity of the desk.
        request_id: Of its request.
    """

    sender: bytes
    request_id: int


class Explainer:
    """Has explanations made in a process of its own, which the first question starts.

    Lives in the main thread, as does its socket. A context manager that ends the process.

    Attributes:
        socket: Becomes readable when an answer is there.
        offer: What may be asked.

    Args:
        context: Of ZeroMQ.
        bundle: Folder of the model.
        offer: What may be asked.
        command: What to start.
    """

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        bundle: Path,
        offer: Offer,
        command: tuple[str, ...] = COMMAND,
    ) -> None:
        self.offer = offer
        self._bundle, self._command = bundle, command
        self._process: subprocess.Popen[bytes] | None = None
        self._token = b""
        self._ready = False
        self._waiting: list[list[bytes | memoryview]] = []  # until the process is ready
        self._asked: dict[bytes, Asker] = {}
        self._count = 0
        self.socket = context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.maxmsgsize = _MAX_FRAME_BYTES
        # TCP, since there is no other transport between processes on every system. Anybody on
        # this machine may connect: only who knows the token is heard.
        self.socket.bind("tcp://127.0.0.1:*")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        if self._process is not None:
            _end(self._process)

    def ask(self, asker: Asker, job: Job) -> bool:
        """Have `job` done for `asker`; return False when that cannot be now.

        A question that is in flight already is not asked again.
        """
        if asker in self._asked.values():
            return True
        if len(self._asked) >= MAX_IN_FLIGHT or not self._started():
            return False
        self._count += 1
        number = self._count.to_bytes(8, "big")
        self._asked[number] = asker
        frames = [self._token, number, *encode(job)]
        if self._ready:
            self.socket.send_multipart(frames)
        else:
            self._waiting.append(frames)
        return True

    def take(self) -> Iterator[tuple[Asker, list[bytes]]]:
        """Yield who asked and the frames of an `Explanation`, if one has come; without waiting."""
        sender, *frames = self.socket.recv_multipart()
        if sender != self._token:
            return
        if not self._ready:
            self._ready = True
            for waiting in self._waiting:
                self.socket.send_multipart(waiting)
            self._waiting.clear()
        elif frames[0] in self._asked:
            yield self._asked.pop(frames[0]), frames[1:]

    def lost(self) -> list[Asker]:
        """Return whose answers will not come, because the process died; a new one may start."""
        process = self._process
        if process is None or process.poll() is None:
            return []
        log.warning("the process that explains died", exit_code=process.returncode)
        _end(process)
        self._process, self._ready = None, False
        askers = list(self._asked.values())
        self._asked.clear()
        self._waiting.clear()
        return askers

    def _started(self) -> bool:
        if self._process is None:
            try:
                self._start()
            except OSError as e:
                log.warning("the process that explains cannot be started", reason=e.strerror)
        return self._process is not None

    def _start(self) -> None:
        token = uuid.uuid4().hex
        self._token = token.encode()
        endpoint = self.socket.get_string(zmq.LAST_ENDPOINT).rstrip("\0")
        start = Start(endpoint=endpoint, identity=token, bundle=str(self._bundle.resolve()))
        self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,  # the server's own says where it listens, and no more
            cwd=_HOUSE,
            # Ctrl-C is for the server, which ends this one itself. Not a session of its own: Linux
            # shares the processor out among sessions first, and niceness would mean nothing.
            process_group=0,
        )
        stdin = self._process.stdin
        if stdin is not None:
            # Through the pipe, for others see a command and its arguments.
            with contextlib.suppress(BrokenPipeError):  # it died at once, as `lost` will find
                stdin.write(msgspec.json.encode(start) + b"\n")
                stdin.flush()


def _end(process: subprocess.Popen[bytes]) -> None:
    # Without asking, which would take as long as its interpreter: it keeps nothing that a kill
    # could harm.
    process.kill()
    process.wait()
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):  # of what was never read
            process.stdin.close()
