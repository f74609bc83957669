"""A process that explains nothing, but behaves as a test wants, for tests of who looks after it."""

import sys
from pathlib import Path
from typing import Final

# Notes in a diary each start and each job. Hangs at the first jobs of one method, ends at those of
# another, and answers all others.
_CODE: Final = """
import os, sys, threading
import msgspec, zmq
path, hangs, deaths = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
diary = open(path, "a", buffering=1)
start = msgspec.json.decode(sys.stdin.buffer.readline())
def leave():
    sys.stdin.buffer.read()
    os._exit(0)
threading.Thread(target=leave, daemon=True).start()
socket = zmq.Context().socket(zmq.DEALER)
socket.routing_id = start["identity"].encode()
socket.connect(start["endpoint"])
print("start", os.getpid(), file=diary)
socket.send(b"")
socket.recv_multipart()
socket.send(b"")
while True:
    number, header, *_ = socket.recv_multipart()
    name = msgspec.msgpack.decode(header)["method"]["name"]
    print("job", name, file=diary)
    seen = open(path).read().count("job " + name + "\\n")
    if name == "occlusion" and seen <= hangs:
        threading.Event().wait()
    if name == "grad_cam" and seen <= deaths:
        os._exit(3)
    socket.send_multipart([number, b"", b"made"])
"""

HANGS: Final = "occlusion"
DIES: Final = "grad_cam"


class MadeProcess:
    """The command of such a process, and what its processes did.

    Args:
        diary: Where they note it.
        hangs: How often one hangs at a job of the method `HANGS`.
        deaths: How often one ends at a job of the method `DIES`.
    """

    def __init__(self, diary: Path, *, hangs: int = 0, deaths: int = 0) -> None:
        self._diary = diary
        self.command = (sys.executable, "-c", _CODE, str(diary), str(hangs), str(deaths))

    @property
    def started(self) -> list[int]:
        """The ids of all that were started."""
        return [int(line.split()[1]) for line in self._lines() if line.startswith("start ")]

    def jobs(self, method: str) -> int:
        """Return how many jobs of a method have come."""
        return self._lines().count(f"job {method}")

    def _lines(self) -> list[str]:
        text = self._diary.read_text() if self._diary.exists() else ""
        return text.splitlines() if text.endswith("\n") else text.splitlines()[:-1]
