import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
import zmq
from structlog.testing import capture_logs

from models.bundles.bundle import Bundle
from server.explain.explainer import Explainer, Refused
from server.explain.jobs import Job
from server.explain.questions import Asker
from server.explain.worker import Explaining
from server.locks.guard import Guard
from server.protocol.desk_service import AT_ONCE, SEND_LIMIT, DeskService
from shared.limits import MAX_CARD
from shared.protocol import wire
from shared.protocol.answers import Answer, Canceled, Pong, Refusal, Snapshot, Universe
from shared.protocol.envelope import PROTOCOL
from shared.protocol.explanations import Explanation
from shared.protocol.requests import (
    Cancel,
    GetExplanation,
    GetModel,
    GetPastBuys,
    GetSnapshot,
    GetUniverse,
    Ping,
)
from tests.kit.house import HOLDS, NO_MODEL, SYMBOLS, Context, House
from tests.kit.waiting import LIMIT_MS, wait_for

BAD = {
    "nothing": b"",
    "no map": msgspec.msgpack.encode([1, 2]),
    "random": b"\xc1\xff\x00",
    "no id": msgspec.msgpack.encode({"type": "snapshot"}),
    "nil for an id": msgspec.msgpack.encode({"type": "snapshot", "request_id": None}),
    "a text for an id": msgspec.msgpack.encode({"type": "snapshot", "request_id": "7"}),
    "a float for an id": msgspec.msgpack.encode({"type": "snapshot", "request_id": 1.0}),
    "too long": msgspec.msgpack.encode(
        {"type": "snapshot", "request_id": 7, "x": "x" * wire.MAX_REQUEST_BYTES}
    ),
    "as long as can be": b"x" * wire.MAX_REQUEST_FRAME_BYTES,
}
BAD_WITH_ID = {
    "another version": {"type": "snapshot", "request_id": 5, "protocol": PROTOCOL - 1},
    "no symbol": {"type": "bars", "request_id": 5},
    "too many bars": {"type": "bars", "request_id": 5, "symbol": "A", "count": 5_001},
}


@contextmanager
def desk(context: Context, house: House) -> Iterator["Desk"]:
    with (
        context.socket(zmq.ROUTER) as router,
        context.socket(zmq.DEALER) as dealer,
        Scripted(context, house) as explainer,
        Guard(context, None) as guard,
    ):
        service = DeskService(router, "tcp://127.0.0.1:*", house.answers, explainer, guard)
        dealer.connect(service.endpoint)
        yield Desk(service, router, dealer, explainer)


class Scripted(Explainer):
    """Explains nothing by itself: a test says what comes back, and whether it is busy."""

    def __init__(self, context: Context, house: House) -> None:
        super().__init__(context, NO_MODEL, house.offer)
        self.busy = False
        self.asked: dict[Asker, Job] = {}
        self.dead: list[Refused] = []
        self.made: list[tuple[Asker, list[bytes]]] = []
        self.forgotten: list[bytes] = []

    def ask(self, asker: Asker, job: Job) -> Refused | None:
        self.asked[asker] = job
        return Refused(asker, "busy", "Ask again later.") if self.busy else None

    def cancel(self, asker: Asker) -> bool:
        return self.asked.pop(asker, None) is not None

    def take(self) -> Iterator[tuple[Asker, list[bytes]]]:
        yield from self.made

    def refused(self) -> list[Refused]:
        return self.dead

    def forget(self, sender: bytes) -> None:
        self.forgotten.append(sender)


class Desk:
    """A desk and the service that it asks, in one thread."""

    def __init__(
        self,
        service: DeskService,
        router: zmq.Socket[bytes],
        dealer: zmq.Socket[bytes],
        explainer: Scripted,
    ) -> None:
        self.service, self.router, self.dealer = service, router, dealer
        self.explainer = explainer

    def send(self, *frames: bytes) -> None:
        self.dealer.send_multipart(frames)
        assert self.router.poll(LIMIT_MS)
        self.service.serve(2_000)

    def answer(self) -> tuple[int | None, Answer]:
        assert self.dealer.poll(LIMIT_MS)
        return wire.decode_answer(self.dealer.recv_multipart())


def test_a_request_is_answered_under_its_id(context: Context, house: House) -> None:
    with desk(context, house) as asking:
        asking.send(wire.encode_request(GetUniverse(request_id=41)))
        asking.send(wire.encode_request(GetSnapshot(request_id=42)))
        first, second = asking.answer(), asking.answer()
    assert (first[0], second[0]) == (41, 42)
    assert isinstance(first[1], Universe)
    assert first[1].symbols == SYMBOLS
    assert isinstance(second[1], Snapshot)


@pytest.mark.parametrize("request_of", BAD_WITH_ID.values(), ids=BAD_WITH_ID)
def test_a_bad_request_with_an_id_is_refused(
    context: Context, house: House, request_of: dict[str, object]
) -> None:
    with desk(context, house) as asking:
        asking.send(msgspec.msgpack.encode(request_of))
        request_id, refusal = asking.answer()
    assert request_id == 5
    assert isinstance(refusal, Refusal)
    assert refusal.code == "bad_request"
    assert asking.service.refused == 1


def test_an_unknown_request_is_told_from_a_bad_one(context: Context, house: House) -> None:
    with desk(context, house) as asking:
        asking.send(msgspec.msgpack.encode({"type": "shutdown", "request_id": 5}))
        request_id, refusal = asking.answer()
    assert request_id == 5
    assert isinstance(refusal, Refusal)
    assert refusal.code == "unknown_request"
    assert asking.service.refused == 1


def test_without_a_journal_nothing_is_known_of_the_past(context: Context, house: House) -> None:
    with desk(context, house) as asking:
        asking.send(wire.encode_request(GetPastBuys(request_id=5, symbol=SYMBOLS[0])))
        request_id, refusal = asking.answer()
    assert request_id == 5
    assert isinstance(refusal, Refusal)
    assert refusal.code == "nothing_kept"


def test_an_unknown_field_of_a_request_is_ignored(context: Context, house: House) -> None:
    request_of = {"type": "snapshot", "request_id": 5, "all": True}
    with desk(context, house) as asking:
        asking.send(msgspec.msgpack.encode(request_of))
        request_id, answer = asking.answer()
    assert request_id == 5
    assert isinstance(answer, Snapshot)
    assert asking.service.refused == 0


@pytest.mark.parametrize("request_id", [-(2**63), -1, 0, 2**53 + 1, 2**63, 2**64 - 1])
def test_any_whole_number_of_message_pack_is_an_id(
    context: Context, house: House, request_id: int
) -> None:
    with desk(context, house) as asking:
        asking.send(wire.encode_request(GetSnapshot(request_id=request_id)))
        asking.send(msgspec.msgpack.encode({"type": "tea", "request_id": request_id}))
        (first, snapshot), (second, refusal) = asking.answer(), asking.answer()
    assert (first, second) == (request_id, request_id)
    assert isinstance(snapshot, Snapshot)
    assert isinstance(refusal, Refusal)


@pytest.mark.parametrize("frame", BAD.values(), ids=BAD)
def test_a_bad_request_without_an_id_is_refused_in_words_and_costs_no_more(
    context: Context, house: House, frame: bytes
) -> None:
    with desk(context, house) as asking:
        asking.send(frame)
        asking.send(wire.encode_request(GetSnapshot(request_id=6)))
        (nobody, refusal), (request_id, _) = asking.answer(), asking.answer()
    assert nobody is None
    assert request_id == 6
    assert isinstance(refusal, Refusal)
    assert refusal.code == "bad_request"
    assert refusal.sentence
    assert asking.service.refused == 1


def test_however_many_are_refused_one_warning_is_enough(context: Context, house: House) -> None:
    with desk(context, house) as asking, capture_logs() as logs:
        for _ in range(20):
            asking.send(b"")
    assert asking.service.refused == 20
    assert [entry["code"] for entry in logs] == ["bad_request"]


def test_a_ping_is_answered_with_the_server_s_time(context: Context, house: House) -> None:
    with desk(context, house) as asking:
        asking.send(wire.encode_request(Ping(request_id=3)))
        request_id, pong = asking.answer()
    assert request_id == 3
    assert isinstance(pong, Pong)
    assert pong.stamp.made_ms == 2_000


def test_an_answer_that_cannot_be_told_is_a_refusal_and_no_end(
    context: Context, follower: Bundle
) -> None:
    house = House(dataclasses.replace(follower, card_json="x" * (MAX_CARD + 1)))
    with desk(context, house) as asking:
        asking.send(wire.encode_request(GetModel(request_id=3)))
        request_id, refusal = asking.answer()
    assert request_id == 3
    assert isinstance(refusal, Refusal)
    assert refusal.code == "server_failed"


@pytest.mark.parametrize("request_id", [51, 50])
def test_an_explanation_can_be_canceled_by_who_asked_for_it(
    context: Context, house: House, request_id: int
) -> None:
    house.fill()
    with desk(context, house) as asking:
        asking.send(EXPLAIN)
        asking.send(wire.encode_request(Cancel(request_id=4, cancels=request_id)))
        answered, canceled = asking.answer()
    assert answered == 4
    assert isinstance(canceled, Canceled)
    assert canceled.was_open == (request_id == 51)
    assert len(asking.explainer.asked) == (0 if canceled.was_open else 1)


EXPLAIN = wire.encode_request(
    GetExplanation(request_id=51, symbol=SYMBOLS[0], method="occlusion", target=1)
)


def test_an_explanation_is_delivered_to_who_asked(context: Context, house: House) -> None:
    house.fill()
    with desk(context, house) as asking:
        asking.send(EXPLAIN)
        asking.send(wire.encode_request(GetSnapshot(request_id=52)))
        assert asking.answer()[0] == 52  # the other one is not there yet
        ((asker, job),) = asking.explainer.asked.items()
        made = Explaining(house.bundle).explain(job)
        asking.explainer.made = [(asker, [bytes(frame) for frame in wire.encode(made)])]
        asking.service.deliver()
        request_id, answer = asking.answer()
    assert request_id == 51
    assert isinstance(answer, Explanation)
    assert (answer.method.name, answer.target) == ("occlusion", 1)
    assert answer.method.verdict == HOLDS


def test_who_asks_while_too_many_wait_is_told_so(context: Context, house: House) -> None:
    house.fill()
    with desk(context, house) as asking:
        asking.explainer.busy = True
        asking.send(EXPLAIN)
        request_id, refusal = asking.answer()
    assert request_id == 51
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.sentence) == ("busy", "Ask again later.")


def test_who_waits_for_an_explanation_that_was_lost_is_told_so(
    context: Context, house: House
) -> None:
    house.fill()
    with desk(context, house) as asking:
        asking.send(EXPLAIN)
        asking.explainer.dead = [
            Refused(asker, "busy", "The explanation was lost; ask again.")
            for asker in asking.explainer.asked
        ]
        asking.service.give_up_lost(2_000)
        request_id, refusal = asking.answer()
    assert request_id == 51
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.sentence) == ("busy", "The explanation was lost; ask again.")


def test_a_desk_that_is_gone_leaves_no_work(context: Context, house: House) -> None:
    house.fill()
    with desk(context, house) as asking:
        with context.socket(zmq.DEALER) as hasty:
            hasty.connect(asking.service.endpoint)
            hasty.send(EXPLAIN)
            assert asking.router.poll(LIMIT_MS)
            asking.service.serve(2_000)
        (asker,) = asking.explainer.asked
        asking.explainer.made = [(asker, [b"made"])]

        def found_gone() -> list[bytes]:
            asking.service.deliver()
            return asking.explainer.forgotten

        assert wait_for(found_gone) == [asker.sender]
        asking.send(wire.encode_request(GetSnapshot(request_id=9)))
        assert asking.answer()[0] == 9


def test_a_request_of_several_frames_is_refused(context: Context, house: House) -> None:
    request = wire.encode_request(GetSnapshot(request_id=7))
    with desk(context, house) as asking:
        asking.send(b"", request)
        request_id, refusal = asking.answer()
    assert request_id == 7
    assert isinstance(refusal, Refusal)


def test_a_desk_that_does_not_read_blocks_nobody(context: Context, follower: Bundle) -> None:
    house = House(dataclasses.replace(follower, card_json="x" * 300_000))  # to fill buffers
    with desk(context, house) as asking, context.socket(zmq.DEALER) as deaf:
        deaf.rcvhwm = 1
        deaf.connect(asking.service.endpoint)
        for _ in range(2 * SEND_LIMIT):
            deaf.send(wire.encode_request(GetModel(request_id=8)))
            assert asking.router.poll(LIMIT_MS)
            asking.service.serve(2_000)
        assert asking.service.missed > 0
        asking.send(wire.encode_request(GetSnapshot(request_id=9)))
        assert asking.answer()[0] == 9


def test_a_desk_that_left_before_the_answer_blocks_nobody(context: Context, house: House) -> None:
    with desk(context, house) as asking:
        with context.socket(zmq.DEALER) as hasty:
            hasty.connect(asking.service.endpoint)
            hasty.send(wire.encode_request(GetSnapshot(request_id=8)))
            assert asking.router.poll(LIMIT_MS)
        asking.service.serve(2_000)
        asking.send(wire.encode_request(GetSnapshot(request_id=9)))
        assert asking.answer()[0] == 9


def test_a_turn_answers_a_few_requests_and_no_more(context: Context, house: House) -> None:
    with desk(context, house) as asking:
        for i in range(4 * AT_ONCE):
            asking.dealer.send(wire.encode_request(Ping(request_id=i)))
        turns: list[int] = []
        while sum(turns) < 4 * AT_ONCE:
            assert asking.router.poll(LIMIT_MS)
            before = asking.service.sent.total()
            asking.service.serve(2_000)
            turns.append(asking.service.sent.total() - before)
        assert 1 < max(turns) <= AT_ONCE
        assert [asking.answer()[0] for _ in range(4 * AT_ONCE)] == list(range(4 * AT_ONCE))
