"""One process that explains, from its start to its end."""

import contextlib
import os
import subprocess
import uuid
from pathlib import Path
from typing import Final

import msgspec
import zmq

from models.bundles.files import BundleFiles
from server.explain.jobs import Start

# The folder that holds our packages: `-m` must find ours, wherever the server was started.
_HOUSE: Final = Path(__file__).parents[2]
NICE: Final = 10  # of who explains: the signal cycle comes first


class ExplainingProcess:
    """Started by construction; its owner hears what it says, and ends it.

    Attributes:
        token: What it names itself; nobody else knows it.
        ready: Whether it has loaded the model.

    Args:
        socket: Where it connects.
        model: What it is to explain: what the server runs, whatever lies on the disk by now.
        command: What to start.
        ahead: Whether nobody waits for it yet, so that it steps back while it loads.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(
        self,
        socket: zmq.Socket[bytes],
        model: BundleFiles,
        command: tuple[str, ...],
        *,
        ahead: bool = False,
    ) -> None:
        name = uuid.uuid4().hex
        self.token, self.ready = name.encode(), False
        self._socket, self._model, self._connected = socket, model, False
        endpoint = socket.get_string(zmq.LAST_ENDPOINT).rstrip("\0")
        self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,  # the server's own says where it listens, and no more
            cwd=_HOUSE,
            # Ctrl-C is for the server, which ends this one itself. Not a session of its own: Linux
            # shares the processor out among sessions first, and niceness would mean nothing.
            process_group=0,
        )
        if ahead and hasattr(os, "setpriority"):
            # From here, since its imports come before its first line; and while it has one thread.
            os.setpriority(os.PRIO_PROCESS, self._process.pid, NICE)
        stdin = self._process.stdin
        if stdin is not None:
            # Through the pipe, for others see a command and its arguments.
            with contextlib.suppress(BrokenPipeError):  # it died at once, as its exit code says
                stdin.write(msgspec.json.encode(Start(endpoint=endpoint, identity=name)) + b"\n")
                stdin.flush()

    @property
    def exit_code(self) -> int | None:
        """With what it ended; None while it runs."""
        return self._process.poll()

    def say(self, frames: list[bytes | memoryview]) -> bool:
        """Send frames to it; return whether that could be done. Never waits."""
        try:
            self._socket.send_multipart([self.token, *frames], zmq.DONTWAIT)
        except zmq.ZMQError:  # EHOSTUNREACH: it is gone; EAGAIN: it has not read for long
            return False
        return True

    def hear_greeting(self) -> bool:
        """Take one of its two first words; return whether it was the second, and it is ready."""
        # The model comes by the socket, which needs no reader; a pipe that nobody reads yet holds
        # 64 kB, and would make the signal cycle wait for an interpreter to start.
        self.ready = self._connected
        if not self._connected:
            self._connected = True
            self.say([b"", self._model.card, self._model.weights])
        return self.ready

    def end(self) -> None:
        """End it, if it has not ended."""
        # Without asking, which would take as long as its interpreter: it keeps nothing that a kill
        # could harm.
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # of what was never read
                self._process.stdin.close()
