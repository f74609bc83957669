"""Who reads the wire: the desk what is published and answered, the server what is asked."""

import io
from abc import ABC, abstractmethod
from typing import Final, get_args

from rich.console import Console

from client.net.pending_requests import ANSWERS
from client.state.health import Health
from client.state.wish import Wish
from client.terminal.screen import Screen
from server.explain.jobs import Job
from server.protocol.subscriptions import MAX_OTHERS, Subscriptions
from shared.contract import Class
from shared.protocol import wire
from shared.protocol.answers import Answer
from shared.protocol.envelope import Message
from shared.protocol.messages import Published, Status
from shared.protocol.requests import AboutPast, AnyRequest, Cancel, GetExplanation, GetUniverse
from shared.settings import DeskSettings
from tests.kit.house import SYMBOLS, House
from tests.kit.maker import Maker
from tests.kit.messages import a_message
from tests.kit.methods import LIVE
from tests.kit.scripted_desk import Desk, all_open
from tools.fuzz.dice import Dice, pick
from tools.fuzz.mutate import Frames, mutated
from tools.fuzz.seeds import REQUESTS, follower

_FRESH: Final = 200  # messages after which a desk joins anew: some throw it back to nothing
_SHOWN: Final = 20  # as often what was taken is drawn


class BrokenError(Exception):
    """A reader took a frame, and is not what it must be afterwards."""


def expect(holds: bool, sentence: str) -> None:
    """Raise `BrokenError` with the sentence, unless it holds."""
    if not holds:
        raise BrokenError(sentence)


class Surface(ABC):
    """One reader and the frames that it reads.

    Attributes:
        name: What it is called in the report.
    """

    name: str

    @abstractmethod
    def frames(self, dice: Dice) -> Frames:
        """Return hostile frames."""

    @abstractmethod
    def take(self, frames: Frames) -> None:
        """Read them, and do with what they say what a program does.

        Raises:
            WireError: They are refused, as they should be; anything else is a fault.
        """


class _OfDesk(Surface):
    # A desk that has joined, with a ticker in a window, and the terminal to draw it.

    def __init__(self) -> None:
        self._taken = 0
        self._begin()

    def _begin(self) -> None:
        self._make = Maker(symbols=("005930", "BTC/USDT", "AAPL"))
        self._seeds = self._valid()
        self._desk = Desk(watched=("005930", "BTC/USDT"))
        self._desk.watched["BTC/USDT"] = (Wish(method=LIVE.name, target=Class.DOWN),)
        self._screen = Screen(DeskSettings(), self._desk.inbox)
        self._join()

    @abstractmethod
    def _valid(self) -> dict[type[Message], Frames]:
        """Return a valid message of each kind."""

    def _join(self) -> None:
        self._desk.join(self._make)

    def _after(self) -> None:
        self._taken += 1
        if self._taken % _SHOWN == 0:
            self._screen.refresh(1_000)
            health = Health(state="live", age_ms=1, sentence="live", endpoint="", local=False)
            console = Console(file=io.StringIO(), width=140)
            console.print(self._screen.render(health, 2_000, None))
        if self._taken % _FRESH == 0:
            self._begin()


class PublishedToDesk(_OfDesk):
    """What a desk hears."""

    name = "published"

    def frames(self, dice: Dice) -> Frames:
        """Return hostile frames."""
        return mutated(pick(dice, list(self._seeds.values())), dice)

    def _valid(self) -> dict[type[Message], Frames]:
        messages = (a_message(kind, stamp=self._make.stamp(1)) for kind in get_args(Published))
        return {type(m): [bytes(f) for f in wire.encode_published(m)] for m in messages}

    def take(self, frames: Frames) -> None:
        """Read them into a desk, and draw it now and then."""
        self._desk.publish(wire.decode_published(frames))
        self._after()


class AnsweredToDesk(_OfDesk):
    """What a desk is answered, under the id of something that it asked."""

    name = "answered"

    def frames(self, dice: Dice) -> Frames:
        """Return hostile frames."""
        self._wish_for_all()
        request = pick(dice, all_open(self._desk))
        # Mostly to what was asked: all else is dropped at the door.
        kind = pick(dice, (*(ANSWERS[type(request)],) * 7, pick(dice, list(self._seeds))))
        envelope, *_ = wire.answer_frames(request.request_id, list[bytes]())
        return mutated([envelope, *self._seeds[kind]], dice)

    def _wish_for_all(self) -> None:
        # What was answered is asked for again.
        sync = self._desk.sync
        newer = a_message(
            Status,
            stamp=self._make.stamp(1),
            universe_revision=2**50,
            buy_sequence=2**50,
            confidence_sequence=2**50,
        )
        sync.published(newer)
        for symbol, wishes in self._desk.watched.items():
            sync.watch(symbol)
            sync.explain(symbol, wishes)
        sync.ping()

    def _valid(self) -> dict[type[Message], Frames]:
        messages = (a_message(kind, stamp=self._make.stamp()) for kind in get_args(Answer))
        return {type(m): [bytes(f) for f in wire.encode(m)] for m in messages}

    def _join(self) -> None:
        # Card and methods are asked for once, and so never answered rightly.
        self._desk.answer(GetUniverse, self._make.universe())

    def take(self, frames: Frames) -> None:
        """Read them into a desk, and draw it now and then."""
        self._desk.sync.answered(*wire.decode_answer(frames))
        self._after()


class AskedOfServer(Surface):
    """What a server is asked; what it answers must be what a desk takes."""

    name = "asked"

    def __init__(self) -> None:
        self._house = House(follower())
        self._house.fill()

    def frames(self, dice: Dice) -> Frames:
        """Return hostile frames."""
        return mutated([wire.encode_request(pick(dice, REQUESTS))], dice)

    def take(self, frames: Frames) -> None:
        """Read them, and have what they ask answered and read again."""
        for frame in frames:
            request = wire.decode_request(frame)
            self._answer(request)

    def _answer(self, request: AnyRequest) -> None:
        if isinstance(request, Cancel | AboutPast):  # others than the handlers answer these
            return
        answer = self._house.answers.answer(request, 1_000)
        if isinstance(answer, Job):
            expect(isinstance(request, GetExplanation), "only an explanation is made elsewhere")
            return
        request_id, read = wire.decode_answer(wire.encode_answer(request.request_id, answer))
        same = (request_id, type(read)) == (request.request_id, type(answer))
        expect(same, "a desk reads something else than was answered")


class Subscribed(Surface):
    """What a server's subscribers say."""

    name = "subscribed"

    def __init__(self) -> None:
        self._symbols = (*SYMBOLS, *(f"{i:06}" for i in range(100)))
        self._subscriptions = Subscriptions(self._symbols)

    def frames(self, dice: Dice) -> Frames:
        """Return hostile frames."""
        topic = wire.topic(pick(dice, ("heatmap", "bar", "x")), pick(dice, self._symbols))
        one = pick(dice, (b"\0", b"\1", b"\2")) + topic[: dice.below(len(topic) + 1)]
        return mutated([one], dice) if dice.below(2) else [one]

    def take(self, frames: Frames) -> None:
        """Follow them, and look for what is wanted."""
        for frame in frames:
            self._subscriptions.note(frame)
        wanted = self._subscriptions.wanted
        expect(len(wanted.bar) == len(wanted.heatmap) == len(self._symbols), "a row a ticker")
        most = MAX_OTHERS + 2 * len(self._symbols)
        expect(len(self._subscriptions) <= most, "more prefixes are kept than may be")
