"""One process that explains, and the questions that wait for it."""

import contextlib
import subprocess
import uuid
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import structlog
import zmq

from server.explain.jobs import Start

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

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


class Lane:
    """A process that answers one question after the other; the first question starts it.

    Attributes:
        asked: Who waits for an answer, by the number under which it will come.
        token: What the process names itself; nobody else knows it. Empty before the first start.

    Args:
        socket: Where the process connects; its owner closes it.
        bundle: Folder of the model.
        command: What to start.
    """

    asked: dict[bytes, Asker]
    token: bytes

    def __init__(self, socket: zmq.Socket[bytes], bundle: Path, command: tuple[str, ...]) -> None:
        self.asked, self.token = {}, b""
        self._socket, self._bundle, self._command = socket, bundle, command
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._waiting: list[list[bytes | memoryview]] = []  # until the process is ready

    def ask(self, asker: Asker, number: bytes, frames: list[bytes | memoryview]) -> bool:
        """Send a question to the process; return False where it cannot be started."""
        if not self._started():
            return False
        self.asked[number] = asker
        message = [self.token, number, *frames]
        if self._ready:
            self._socket.send_multipart(message)
        else:
            self._waiting.append(message)
        return True

    def is_first_word(self) -> bool:
        """Return whether what has come is the process's first, that it is ready; send what waits.

        To be called with each message of the process, once.
        """
        if self._ready:
            return False
        self._ready = True
        for waiting in self._waiting:
            self._socket.send_multipart(waiting)
        self._waiting.clear()
        return True

    def lost(self) -> list[Asker]:
        """Return whose answers will not come, because the process died; a new one may start."""
        process = self._process
        if process is None or process.poll() is None:
            return []
        log.warning("the process that explains died", exit_code=process.returncode)
        self.end()
        askers = list(self.asked.values())
        self.asked.clear()
        self._waiting.clear()
        return askers

    def end(self) -> None:
        """End the process, if there is one."""
        # Without asking, which would take as long as its interpreter: it keeps nothing that a kill
        # could harm.
        process, self._process, self._ready = self._process, None, False
        if process is None:
            return
        process.kill()
        process.wait()
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # of what was never read
                process.stdin.close()

    def _started(self) -> bool:
        if self._process is None:
            try:
                self._start()
            except OSError as e:
                log.warning("the process that explains cannot be started", reason=e.strerror)
        return self._process is not None

    def _start(self) -> None:
        token = uuid.uuid4().hex
        self.token = token.encode()
        endpoint = self._socket.get_string(zmq.LAST_ENDPOINT).rstrip("\0")
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
