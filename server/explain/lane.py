"""A queue of questions and the one process that answers them, one after the other."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

import structlog
import zmq

from models.bundles.files import BundleFiles
from server.explain.process import ExplainingProcess
from server.explain.questions import Asker, FairQueue, Question

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

MAX_WAITING: Final = 64  # of one client, so that its question is no older than its look at a map
_MAX_WAITING_OF_ALL: Final = 1_024  # a question has some 2 kB

_FIRST_PAUSE_S: Final = 5.0
_LONGEST_PAUSE_S: Final = 600.0
_NEVER: Final = float("-inf")

Ticking = Callable[[], float]
Cause = Literal["expired", "died", "unstartable", "waited", "replaced"]


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a lane waits.

    Attributes:
        answer_s: For the answer to one question.
        start_s: For a process to load the model; a machine that is busy takes long.
        turn_s: How long a question waits for its turn.
    """

    answer_s: float
    start_s: float = 180.0
    turn_s: float = 600.0


class Answered(NamedTuple):
    """What the process said to a question.

    Attributes:
        question: The question.
        wanted: Whether anybody still waits for that.
        took_s: How long it took.
        frames: What the process said.
    """

    question: Question
    wanted: bool
    took_s: float
    frames: list[bytes]


class Lost(NamedTuple):
    """A question without an answer.

    Attributes:
        question: The question.
        wanted: Whether anybody still waits for that.
        cause: `expired`: it took too long; `died`: the process did, while it made the answer;
            `unstartable`: no process gets ready; `waited`: its turn never came; `replaced`: another
            model took over.
        why: Why no process gets ready, as a sentence; else empty.
    """

    question: Question
    wanted: bool
    cause: Cause
    why: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class _UnderWay:
    question: Question
    number: bytes
    since_s: float
    wanted: bool = True


class Lane:
    """The first question starts the process, or `warm` does before it.

    One that hangs or dies is followed by another when the next question comes.

    Args:
        socket: Where the process connects; its owner closes it.
        model: What the server runs.
        patience: How long it waits.
        command: What to start.
        clock: Seconds that are never set back.
    """

    def __init__(
        self,
        socket: zmq.Socket[bytes],
        model: BundleFiles,
        patience: Patience,
        command: tuple[str, ...],
        clock: Ticking = time.monotonic,
    ) -> None:
        self.patience = patience
        self._socket, self._model, self._command, self._clock = socket, model, command, clock
        self._queue = FairQueue(MAX_WAITING, _MAX_WAITING_OF_ALL)
        self._process: ExplainingProcess | None = None
        self._under_way: _UnderWay | None = None
        self._count = 0
        self._started_s = _NEVER
        self._failed_starts, self._resume_s, self._why_not = 0, 0.0, ""

    @property
    def token(self) -> bytes | None:
        """What the process names itself; None while there is none."""
        return None if self._process is None else self._process.token

    @property
    def why_not(self) -> str:
        """Why no question can be taken now, as a sentence; empty where one can."""
        return self._why_not if self._clock() < self._resume_s else ""

    def __contains__(self, asker: object) -> bool:
        under_way = self._under_way
        mine = under_way is not None and under_way.wanted and under_way.question.asker == asker
        return mine or asker in self._queue

    def put(self, question: Question) -> Question | None:
        """Take a question; return the one that there is no room for, if any."""
        if not self._queue and self._process is not None and not self._process.ready:
            # One that loads ahead steps back for all others: patience begins with who waits.
            self._started_s = self._clock()
        turned_away = self._queue.put(question)
        self._go_on()
        return turned_away

    def warm(self) -> None:
        """Start the process ahead of the first question, unless one was started before."""
        if self._process is None and self._started_s == _NEVER:
            self._start(ahead=True)

    def drop(self, asker: Asker) -> bool:
        """Want no answer to a question any more; return whether one was wanted."""
        if asker not in self:
            return False
        if not self._queue.take_where(lambda question: question.asker == asker):
            self._let_fall()
        return True

    def drop_all_of(self, sender: bytes) -> None:
        """Want no answer to any question of a client any more."""
        self._queue.take_where(lambda question: question.asker.sender == sender)
        if self._under_way is not None and self._under_way.question.asker.sender == sender:
            self._let_fall()

    def give_away(self, method: str) -> list[Question]:
        """Return, and wait no longer for, the questions about a method that have had no turn."""
        return self._queue.take_where(lambda question: question.method.name == method)

    def hear(self, frames: list[bytes]) -> Answered | None:
        """Take what the process said; return the answer, if it is one."""
        process, under_way = self._process, self._under_way
        answered: Answered | None = None
        if process is not None and not process.ready:
            if process.hear_greeting():
                self._failed_starts = 0
        elif under_way is not None and frames[0] == under_way.number:
            self._under_way = None
            took_s = self._clock() - under_way.since_s
            answered = Answered(under_way.question, under_way.wanted, took_s, frames[1:])
        self._go_on()
        return answered

    def tend(self) -> list[Lost]:
        """See to the process and to who waits; return what will have no answer.

        To be called every second or so.
        """
        oldest_s = self._clock() - self.patience.turn_s
        too_old = self._queue.take_where(lambda question: question.asked_s < oldest_s)
        lost = [Lost(question, True, "waited") for question in too_old]
        cause = self._ending()
        if cause is not None:
            lost += self._end_process(cause)
        self._go_on()
        if why := self.why_not:
            waiting = self._queue.take_where(lambda _: True)
            lost += [Lost(question, True, "unstartable", why) for question in waiting]
        return lost

    def take_over(self, model: BundleFiles) -> list[Lost]:
        """Explain another model from now on; return what will have no answer.

        A process that was there is followed by one of that model at once.
        """
        waiting = self._queue.take_where(lambda _: True)
        lost = [Lost(question, True, "replaced") for question in waiting]
        was_there = self._process is not None
        lost += self._end_process("replaced")
        self._model = model
        self._failed_starts, self._resume_s = 0, 0.0
        if was_there:
            self._start(ahead=True)
        return lost

    def end(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def _let_fall(self) -> None:
        # What is under way goes on: to end the process would cost more than the answer.
        if self._under_way is not None:
            self._under_way = replace(self._under_way, wanted=False)

    def _ending(self) -> Cause | None:
        # Why the process is to be ended now, or has ended.
        process, under_way = self._process, self._under_way
        if process is None:
            return None
        if process.exit_code is not None:
            return "died" if process.ready else "unstartable"
        now_s = self._clock()
        if not process.ready:
            late = bool(self._queue) and now_s - self._started_s > self.patience.start_s
            return "unstartable" if late else None
        late = under_way is not None and now_s - under_way.since_s > self.patience.answer_s
        return "expired" if late else None

    def _end_process(self, cause: Cause) -> list[Lost]:
        process, under_way = self._process, self._under_way
        code = None if process is None else process.exit_code
        self.end()
        self._under_way = None
        if cause == "unstartable":
            self._pause("it was not ready in time" if code is None else f"exit code {code}")
        elif cause == "died":
            log.warning("the process that explains died", exit_code=code)
        return [] if under_way is None else [Lost(under_way.question, under_way.wanted, cause)]

    def _go_on(self) -> None:
        # Starts a process if somebody waits for one; hands it the next question if it is idle.
        if not self._queue or self.why_not:
            return
        if self._process is None:
            self._start()
        elif self._process.ready and self._under_way is None:
            self._hand_over(self._process, self._queue.take())

    def _hand_over(self, process: ExplainingProcess, question: Question) -> None:
        self._count += 1
        number = self._count.to_bytes(8, "big")
        if process.say([number, *question.frames]):
            self._under_way = _UnderWay(question=question, number=number, since_s=self._clock())
        else:
            # Its connection is gone, and so is it, or soon: `tend` has another one started.
            self._queue.put_back(question)
            process.end()

    def _start(self, *, ahead: bool = False) -> None:
        self._why_not = ""
        self._started_s = self._clock()
        try:
            self._process = ExplainingProcess(self._socket, self._model, self._command, ahead=ahead)
        except OSError as e:
            self._pause(e.strerror or type(e).__name__)

    def _pause(self, reason: str) -> None:
        # Twice as long each time: a start takes seconds of the processor, and desks ask again.
        pause_s = min(_FIRST_PAUSE_S * 2.0**self._failed_starts, _LONGEST_PAUSE_S)
        self._failed_starts += 1
        self._resume_s = self._clock() + pause_s
        self._why_not = f"No process that explains gets ready on the server: {reason}."
        log.warning("no process that explains gets ready", reason=reason, pause_s=pause_s)
