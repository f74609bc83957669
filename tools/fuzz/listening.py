"""A server's two real sockets on loopback, and who sends hostile frames to them."""

import contextlib
from collections.abc import Iterator
from typing import Final, Self

import zmq

from server.explain.explainer import Explainer, Refused
from server.explain.jobs import Job
from server.explain.questions import Asker
from server.locks.guard import Guard
from server.protocol.desk_service import DeskService
from server.protocol.publisher import Publisher
from shared.errors import WireError
from shared.protocol import wire
from shared.protocol.answers import Refusal
from tests.kit.house import NO_MODEL, SYMBOLS, House
from tests.kit.waiting import LIMIT_MS
from tools.fuzz.dice import Dice, pick
from tools.fuzz.mutate import Frames, mutated
from tools.fuzz.seeds import REQUESTS, follower
from tools.fuzz.surfaces import Surface, expect

_ANY: Final = "tcp://127.0.0.1:*"


class Listening(Surface):
    """Frames through real sockets: whatever is asked has one answer, and the next one too."""

    name = "sockets"

    def __init__(self) -> None:
        self._closing = contextlib.ExitStack()
        house = House(follower())
        house.fill()
        context = self._closing.enter_context(zmq.Context())
        context.setsockopt(zmq.LINGER, 0)
        router, dealer, xpub, xsub = (
            self._closing.enter_context(context.socket(kind))
            for kind in (zmq.ROUTER, zmq.DEALER, zmq.XPUB, zmq.XSUB)
        )
        explainer = self._closing.enter_context(_Idle(context, house))
        guard = self._closing.enter_context(Guard(context, None))
        self._service = DeskService(router, _ANY, house.answers, explainer, guard)
        self._publisher = Publisher(xpub, _ANY, SYMBOLS)
        self._router, self._dealer, self._xsub = router, dealer, xsub
        dealer.connect(self._service.endpoint)
        xsub.connect(self._publisher.endpoint)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def frames(self, dice: Dice) -> Frames:
        """Return hostile frames."""
        if dice.below(4) == 0:
            return mutated([b"\1" + wire.topic("bar", pick(dice, SYMBOLS))], dice)
        return mutated([wire.encode_request(pick(dice, REQUESTS))], dice)

    def take(self, frames: Frames) -> None:
        """Send them to both sockets, and read the answer."""
        self._xsub.send_multipart(frames)
        self._publisher.read_subscriptions()
        refused = self._service.refused
        self._dealer.send_multipart(frames)
        expect(self._router.poll(LIMIT_MS) != 0, "a request did not arrive")
        self._service.serve(1_000)
        expect(self._dealer.poll(LIMIT_MS) != 0, "a request has no answer")
        _, answer = wire.decode_answer(self._dealer.recv_multipart())
        if self._service.refused > refused:
            expect(isinstance(answer, Refusal), "what is counted as refused is refused")
            raise WireError("refused in words")


class _Idle(Explainer):
    # Takes questions and makes nothing of them, lest a process is started for each.

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], house: House) -> None:
        super().__init__(context, NO_MODEL, house.offer)

    def ask(self, asker: Asker, job: Job) -> Refused | None:
        return Refused(asker, "busy", f"{job.method.name} is asked for in vain.")

    def take(self) -> Iterator[tuple[Asker, list[bytes]]]:
        yield from ()
