"""The server's side of the processes that explain: asks them, and takes what they say."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple, Self

import structlog
import zmq

from models.bundles.files import BundleFiles
from server.explain.jobs import Job
from server.explain.lane import Answered, Lane, Lost, Patience, Ticking
from server.explain.offer import Offer
from server.explain.questions import Asker, Question
from server.protocol.endpoints import OPEN_DOMAIN, bind
from shared.protocol.answers import RefusalCode
from shared.protocol.wire import encode

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

QUICK: Final = Patience(answer_s=5.0)
SLOW: Final = Patience(answer_s=120.0)
COMMAND: Final = (sys.executable, "-m", "server.explain.worker")
_MAX_FRAME_BYTES: Final = 64 * 2**10  # the header of an explanation has some 2 kB
_MAX_DEATHS: Final = 2  # one may be anything's fault; what was lost then may be asked again


class Refused(NamedTuple):
    """A question that will have no answer, and why.

    Attributes:
        asker: Who asked.
        code: Whether to ask again: only what is `busy` may come right.
        sentence: Why, for people.
    """

    asker: Asker
    code: RefusalCode
    sentence: str


class Explainer:
    """Has explanations made in processes of their own, which `warm` or the first question starts.

    There are two lanes, each with its process: one for slow methods, so that whoever asks for
    another does not wait for them. Within a lane the clients take turns. A method that takes
    longer than a quick one may is made in the slow lane from then on, until it is quick again.

    Lives in the main thread, as does its socket. A context manager that ends the processes.

    Attributes:
        socket: Becomes readable when an answer is there.
        offer: What may be asked.
        counts: How many questions were `asked`, `answered`, `refused` as too many, `canceled`,
            `failed` at by a method, `expired`, `lost` with a process, `moved` to the slow lane.

    Args:
        context: Of ZeroMQ.
        model: What the server runs.
        offer: What may be asked.
        command: What to start.
        clock: Seconds that are never set back.
    """

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        model: BundleFiles,
        offer: Offer,
        command: tuple[str, ...] = COMMAND,
        clock: Ticking = time.monotonic,
    ) -> None:
        self.offer = offer
        self.counts: Counter[str] = Counter()
        self._clock = clock
        self._turned_away: list[Question] = []
        self._replaced: list[Lost] = []  # with the model that they asked about
        self._took_too_long: set[str] = set()  # methods that did not say that they are slow
        self._deaths: Counter[str] = Counter()  # in a row, by method
        self.socket = context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.maxmsgsize = _MAX_FRAME_BYTES
        self.socket.router_mandatory = True  # what cannot be delivered is no secret
        # TCP, since there is no other transport between processes on every system. Anybody on
        # this machine may connect: only who knows a token is heard.
        bind(self.socket, "tcp://127.0.0.1:*", OPEN_DOMAIN)
        self._quick, self._slow = (
            Lane(self.socket, model, patience, command, clock) for patience in (QUICK, SLOW)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        for lane in self._lanes:
            lane.end()

    def ask(self, asker: Asker, job: Job) -> Refused | None:
        """Have `job` done for `asker`; return a refusal where that cannot be now.

        A question that waits already, or is being answered, is not asked again.
        """
        if any(asker in lane for lane in self._lanes):
            return None
        self.counts["asked"] += 1
        lane = self._lane_of(job)
        if lane.why_not:
            return self._refuse(asker, lane.why_not)
        question = Question(
            asker=asker, method=job.method, frames=encode(job), asked_s=self._clock()
        )
        turned_away = lane.put(question)
        if turned_away is question:
            return self._refuse(asker, "Too many explanations are asked for; ask again later.")
        if turned_away is not None:
            self._turned_away.append(turned_away)
        return None

    def warm(self) -> None:
        """Have the quick lane's process load before the first question; once, whoever asks.

        The slow lane's is left: it would take as much memory again, and its methods take so long
        that a start beside them is little.
        """
        self._quick.warm()

    def cancel(self, asker: Asker) -> bool:
        """Want no answer to a question any more; return whether one was wanted.

        One that waits is dropped, the answer to one under way falls.
        """
        wanted = any(lane.drop(asker) for lane in self._lanes)
        self.counts["canceled"] += wanted
        return wanted

    def forget(self, sender: bytes) -> None:
        """Do no more work for a client that is gone."""
        for lane in self._lanes:
            lane.drop_all_of(sender)

    def take(self) -> Iterator[tuple[Asker, list[bytes]]]:
        """Yield who asked and the frames of the answer, if one has come; without waiting."""
        sender, *frames = self.socket.recv_multipart()
        lane = next((lane for lane in self._lanes if sender == lane.token), None)
        answered = None if lane is None else lane.hear(frames)
        if answered is not None:
            yield from self._answer(answered)

    def refused(self) -> list[Refused]:
        """Return what will have no answer, and why; to be called every second or so."""
        refused = [
            self._refuse(question.asker, "Too many explanations are asked for; ask again later.")
            for question in self._turned_away
        ]
        self._turned_away.clear()
        refused += [refusal for lost in self._replaced for refusal in self._said_of(lost)]
        self._replaced.clear()
        for lost in self._quick.tend():
            if lost.cause == "expired":
                self._move(lost)
            else:
                refused += self._said_of(lost)
        refused += [refusal for lost in self._slow.tend() for refusal in self._said_of(lost)]
        return refused

    def take_over(self, model: BundleFiles, offer: Offer) -> None:
        """Explain another model from now on; who asked about the one before is refused."""
        self.offer = offer
        self._took_too_long.clear()
        self._deaths.clear()
        for lane in self._lanes:
            self._replaced += lane.take_over(model)

    @property
    def _lanes(self) -> tuple[Lane, Lane]:
        return self._quick, self._slow

    def _lane_of(self, job: Job) -> Lane:
        slow = job.method.slow or job.method.name in self._took_too_long
        return self._slow if slow else self._quick

    def _answer(self, answered: Answered) -> Iterator[tuple[Asker, list[bytes]]]:
        name, (failure, *answer) = answered.question.method.name, answered.frames
        del self._deaths[name]
        if name in self._took_too_long and answered.took_s < QUICK.answer_s:
            self._took_too_long.remove(name)
            log.info("a method is quick again", method=name, took_s=round(answered.took_s, 3))
        if failure:
            self.counts["failed"] += 1
            failed = self.counts["failed"]
            log.warning("a method failed", reason=failure.decode(), failed=failed)
        if answered.wanted:
            self.counts["answered"] += 1
            yield answered.question.asker, answer

    def _said_of(self, lost: Lost) -> Iterator[Refused]:
        self.counts["expired" if lost.cause in ("expired", "waited") else "lost"] += 1
        code, sentence = self._verdict(lost)
        if lost.wanted:
            yield Refused(lost.question.asker, code, sentence)

    def _move(self, lost: Lost) -> None:
        # Nobody has to ask again: all that is asked about the method goes on in the slow lane.
        method = lost.question.method.name
        self.counts["moved"] += 1
        self._took_too_long.add(method)
        log.warning("a method took too long and is slow from now on", method=method)
        waiting = self._quick.give_away(method)
        for question in [lost.question, *waiting] if lost.wanted else waiting:
            turned_away = self._slow.put(replace(question, asked_s=self._clock()))
            self._turned_away += [] if turned_away is None else [turned_away]

    def _verdict(self, lost: Lost) -> tuple[RefusalCode, str]:
        method = lost.question.method
        match lost.cause:
            case "unstartable":
                return "busy", lost.why
            case "waited":
                return "busy", "The explanation had to wait too long; ask again."
            case "expired":
                log.warning("a method took too long", method=method.name)
                return "method_failed", f"{method.title} had no answer in {SLOW.answer_s:.0f} s."
            case "replaced":
                return "busy", "Another model has taken over; ask again."
            case "died":
                self._deaths[method.name] += 1
                if self._deaths[method.name] < _MAX_DEATHS:
                    return "busy", "The explanation was lost; ask again."
                return "method_failed", f"{method.title} ended the process that explains."

    def _refuse(self, asker: Asker, sentence: str) -> Refused:
        self.counts["refused"] += 1
        return Refused(asker, "busy", sentence)
