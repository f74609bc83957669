"""A server of the desk's own, in its own process, for when there is no other."""

import contextlib
import logging
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

import msgspec

from client.log_files import log_file, open_log, put_aside
from client.net.locks import new_pair
from shared.endpoints import Endpoints
from shared.keys import DeskKeys, ServerKeys

log = logging.getLogger(__name__)

COMMAND: Final = (
    sys.executable,
    *("-m", "server", "--stop-with-parent", "--keys-from-parent"),
    *("--publish", "tcp://127.0.0.1:*"),
    # What the user set for a server of their own is not meant for this one.
    *("--feed", "simulated", "--bundle", "krx-daily"),
)
# The folder that holds our packages: `-m` must find ours, not a `server.py` where the user stands.
HOUSE: Final = Path(__file__).parents[2]
RETRY_MS: Final = 2_000
RETRY_MAX_MS: Final = 30_000
LEAVE_S: Final = 1.2
TERMINATE_S: Final = 0.4


class LocalServer:
    """Starts a simulated server, starts it again when it dies, and stops it on `close`.

    It leaves when its standard input ends, so it cannot outlive this process either. It is locked:
    others on this machine can reach its ports, but have not the keys, which are new for every
    start. Its log is added to a file of bounded size.

    Args:
        command: What to run: it prints its endpoints as one line of JSON when it is ready.

    Attributes:
        local: True.
        trouble: What it is doing while there are no endpoints.
    """

    local = True

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self.trouble = "starting a local simulated server"
        self._command = command
        self._log = log_file("local-server.log")
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._endpoints: Endpoints | None = None
        self._failures = 0
        self._start_at_ms = 0

    def poll(self, now_ms: int) -> Endpoints | None:
        """Return the endpoints of the running server; start it if it is time to."""
        process = self._process
        if process is None:
            if now_ms >= self._start_at_ms:
                self._start()
        elif process.poll() is not None:
            self._bury(process, now_ms)
        return self._endpoints

    def close(self) -> None:
        """Stop the server, asking ever less politely, in under 2 s."""
        process = self._process
        if process is None:
            return
        _close(process.stdin)
        for limit_s, insist in ((LEAVE_S, process.terminate), (TERMINATE_S, process.kill)):
            try:
                process.wait(limit_s)
                break
            except subprocess.TimeoutExpired:
                insist()
        self._forget(process)

    def _start(self) -> None:
        with contextlib.ExitStack() as stack:
            process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr(stack),
                cwd=HOUSE,
                start_new_session=True,  # Ctrl-C is for this program; it stops the server itself
            )
        self._process = process
        keys = _hand_keys(process.stdin)
        self._reader = threading.Thread(
            target=self._read, args=(process, keys), name="local-server"
        )
        self._reader.start()

    def _stderr(self, stack: contextlib.ExitStack) -> IO[str] | int:
        # A server whose log cannot be opened serves all the same.
        try:
            put_aside(self._log)
            return stack.enter_context(open_log(self._log))
        except OSError as e:
            log.warning("the local server's log cannot be written: %s", e)
            return subprocess.DEVNULL

    def _read(self, process: subprocess.Popen[bytes], keys: DeskKeys) -> None:
        # A thread, because a pipe cannot be waited for with a time limit on every system.
        if process.stdout is None:
            return
        line = process.stdout.readline()
        if line:
            endpoints = msgspec.json.decode(line, type=Endpoints)
            self._endpoints = msgspec.structs.replace(endpoints, keys=keys)

    def _bury(self, process: subprocess.Popen[bytes], now_ms: int) -> None:
        self._start_at_ms = now_ms + min(RETRY_MS * 2**self._failures, RETRY_MAX_MS)
        self._failures = 0 if self._endpoints else self._failures + 1
        self.trouble = (
            f"the local server stopped with exit code {process.returncode}, "
            f"starting it again; see {self._log}"
        )
        log.warning("%s", self.trouble)
        self._forget(process)

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        if self._reader is not None:
            self._reader.join()
        _close(process.stdin)
        _close(process.stdout)
        self._process = self._reader = self._endpoints = None


def _hand_keys(stdin: IO[bytes] | None) -> DeskKeys:
    server, desk = new_pair(), new_pair()
    if stdin is not None:
        # Through the pipe, for others see a command, its arguments and its environment.
        with contextlib.suppress(OSError):  # it died at once, as `poll` will find
            stdin.write(msgspec.json.encode(ServerKeys(pair=server, desk=desk.public)) + b"\n")
            stdin.flush()
    return DeskKeys(server=server.public, pair=desk)


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with contextlib.suppress(OSError):  # what was never read is flushed once more
            pipe.close()
