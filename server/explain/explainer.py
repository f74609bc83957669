"""The server's side of the processes that explain: asks them, and takes what they say."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

import structlog
import zmq

from server.explain.jobs import Job
from server.explain.lane import Asker, Lane
from server.explain.offer import Offer
from server.protocol.endpoints import bind
from shared.protocol.wire import encode

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

MAX_IN_FLIGHT: Final = 64  # of each lane
_MAX_FRAME_BYTES: Final = 64 * 2**10  # the header of an explanation has some 2 kB
COMMAND: Final = (sys.executable, "-m", "server.explain.worker")


class Explainer:
    """Has explanations made in processes of their own, which the first question starts.

    There are two lanes, each with its process: one for slow methods, so that whoever asks for
    another does not wait for them.

    Lives in the main thread, as does its socket. A context manager that ends the processes.

    Attributes:
        socket: Becomes readable when an answer is there.
        offer: What may be asked.
        failed: How many questions a method failed at.

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
        self.failed = 0
        self._count = 0
        self.socket = context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.maxmsgsize = _MAX_FRAME_BYTES
        # TCP, since there is no other transport between processes on every system. Anybody on
        # this machine may connect: only who knows a token is heard.
        bind(self.socket, "tcp://127.0.0.1:*")
        self._quick, self._slow = (Lane(self.socket, bundle, command) for _ in range(2))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        for lane in self._lanes:
            lane.end()

    def ask(self, asker: Asker, job: Job) -> bool:
        """Have `job` done for `asker`; return False when that cannot be now.

        A question that is in flight already is not asked again.
        """
        if any(asker in lane.asked.values() for lane in self._lanes):
            return True
        lane = self._slow if job.method.slow else self._quick
        if len(lane.asked) >= MAX_IN_FLIGHT:
            return False
        self._count += 1
        return lane.ask(asker, self._count.to_bytes(8, "big"), encode(job))

    def take(self) -> Iterator[tuple[Asker, list[bytes]]]:
        """Yield who asked and the frames of the answer, if one has come; without waiting."""
        sender, *frames = self.socket.recv_multipart()
        lane = next((lane for lane in self._lanes if sender == lane.token), None)
        if lane is None or lane.is_first_word():
            return
        number, failure, *answer = frames
        if number not in lane.asked:
            return
        if failure:
            self.failed += 1
            log.warning("a method failed", reason=failure.decode(), failed=self.failed)
        yield lane.asked.pop(number), answer

    def lost(self) -> list[Asker]:
        """Return whose answers will not come, because a process died; a new one may start."""
        return [asker for lane in self._lanes for asker in lane.lost()]

    @property
    def _lanes(self) -> tuple[Lane, Lane]:
        return self._quick, self._slow
