"""A small part of what `python -m tools.fuzz` does, the same each time, and the fuzzer itself."""

from collections.abc import Iterator

import msgspec
import pytest
import structlog
from structlog.testing import capture_logs

from client.state.inbox import Inbox
from shared.errors import UnknownKindError, WireError
from shared.protocol import wire
from shared.protocol.requests import GetSnapshot
from tools.fuzz.campaign import run
from tools.fuzz.dice import Dice, Seeded, Tape
from tools.fuzz.listening import Listening
from tools.fuzz.mutate import Frames, mutated
from tools.fuzz.surfaces import (
    AnsweredToDesk,
    AskedOfServer,
    PublishedToDesk,
    Subscribed,
    Surface,
    expect,
)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with capture_logs():
        yield
    structlog.reset_defaults()


@pytest.mark.parametrize("kind", [PublishedToDesk, AnsweredToDesk, AskedOfServer])
def test_hostile_frames_are_taken_or_refused_and_nothing_else(kind: type[Surface]) -> None:
    tally = run(kind(), range(1_500))
    assert tally.faults == []
    assert tally.taken + tally.refused + tally.unknown == tally.frames == 1_500
    # It is no test of the first check alone.
    assert min(tally.taken, tally.refused) > 100
    assert tally.unknown > 0


def test_hostile_subscriptions_are_followed_or_mean_nothing() -> None:
    tally = run(Subscribed(), range(1_500))
    assert (tally.faults, tally.taken) == ([], 1_500)


def test_a_server_answers_every_hostile_frame_and_the_next_one_too() -> None:
    with Listening() as surface:
        tally = run(surface, range(300))
    assert tally.faults == []
    assert min(tally.taken, tally.refused) > 20


class Made(Surface):
    """Reads a number, and does with it what a test is about."""

    name = "made"

    def frames(self, dice: Dice) -> Frames:
        return [bytes([dice.below(4)])]

    def take(self, frames: Frames) -> None:
        number = frames[0][0]
        if number == 1:
            raise WireError("refused")
        if number == 2:
            raise UnknownKindError("unknown")
        expect(number != 3, "three is a fault")


def test_all_that_is_neither_taken_nor_refused_is_a_fault_with_its_seed() -> None:
    tally = run(Made(), range(40))
    assert min(tally.taken, tally.refused, tally.unknown, len(tally.faults)) > 0
    assert tally.frames == 40
    fault = tally.faults[0]
    seed = int(fault.split(":")[0].removeprefix("seed "))
    assert Made().frames(Seeded(seed)) == [b"\3"]
    assert "three is a fault" in fault


def test_a_fault_that_was_mended_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def put_universe(self: Inbox, universe: object) -> None:
        raise OverflowError("date value out of range")

    surface = AnsweredToDesk()
    monkeypatch.setattr(Inbox, "put_universe", put_universe)
    assert run(surface, range(500)).faults


def test_a_message_comes_back_from_its_seed_or_its_bytes() -> None:
    frames = [wire.encode_request(GetSnapshot(request_id=1))]
    made = [mutated(frames, Seeded(seed)) for seed in range(50)]
    assert made == [mutated(frames, Seeded(seed)) for seed in range(50)]
    assert len({tuple(m) for m in made}) > 25
    tape = bytes(range(64))
    assert mutated(frames, Tape(tape)) == mutated(frames, Tape(tape))
    assert [Tape(b"\7").below(n) for n in (1, 2, 8, 256)] == [0, 1, 7, 7]
    assert Tape(b"").below(9) == 0


def test_most_of_what_is_changed_is_still_a_map() -> None:
    frames = [wire.encode_request(GetSnapshot(request_id=1))]
    maps = 0
    for seed in range(100):
        try:
            found = msgspec.msgpack.decode(mutated(frames, Seeded(seed))[0])
        except (msgspec.DecodeError, UnicodeDecodeError, IndexError, RecursionError):
            continue
        maps += isinstance(found, dict)
    assert maps > 50
