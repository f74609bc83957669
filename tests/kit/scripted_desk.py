"""The desk's end of a link without sockets: a test sends, answers and moves the clock itself."""

from collections.abc import Iterable

from client.net.pending_requests import LONGEST_AGAIN_MS
from client.net.sync import Sync
from client.state.inbox import Inbox
from client.state.table import Table
from client.state.update import BuyEntry, BuyGap, Update
from client.state.wish import Wish
from shared.protocol.answers import Answer
from shared.protocol.messages import Published
from shared.protocol.requests import AnyRequest, GetMethods, GetModel, GetSnapshot, GetUniverse
from tests.kit.maker import Maker


class Desk:
    """A sync with its inbox, and a clock that the test moves.

    Attributes:
        buys: The numbers of the entries that came since the run began, as they came.
        gaps: The gaps between them.
    """

    def __init__(self, watched: Iterable[str] = ()) -> None:
        self.watched: dict[str, tuple[Wish, ...]] = dict.fromkeys(watched, ())
        self.inbox = Inbox()
        self.sync = Sync(self.inbox, self.watched)
        self.table = Table()
        self.buys: list[int] = []
        self.gaps: list[BuyGap] = []
        self.now_ms = 0

    def send(self) -> list[AnyRequest]:
        """Send what is due and return it."""
        due = self.sync.due(self.now_ms)
        for request in due:
            self.sync.sent(request, self.now_ms)
        return due

    def answer(self, kind: type[AnyRequest], answer: Answer) -> None:
        """Send what is due, and answer the request of this kind in it."""
        (request,) = (r for r in self.send() if isinstance(r, kind))
        self.sync.answered(request.request_id, answer)

    def publish(self, *messages: Published) -> None:
        for message in messages:
            self.sync.published(message)

    def join(self, make: Maker) -> None:
        """Go through a whole join, with every ticker at an up confidence of 0.25."""
        self.publish(make.status(1))
        self.answer(GetUniverse, make.universe())
        for request in self.send():
            if isinstance(request, GetModel):
                self.sync.answered(request.request_id, make.card())
            if isinstance(request, GetMethods):
                self.sync.answered(request.request_id, make.methods())
            if isinstance(request, GetSnapshot):
                snapshot = make.snapshot(dict.fromkeys(make.symbols, 0.25))
                self.sync.answered(request.request_id, snapshot)

    def drain(self) -> Update:
        update = self.inbox.drain()
        self.table.apply(update)
        if update.restarted:
            self.buys.clear()
            self.gaps.clear()
        self.buys += [b.made_ms // 1_000 for b in update.buys if isinstance(b, BuyEntry)]
        self.gaps += [b for b in update.buys if isinstance(b, BuyGap)]
        return update

    def up(self) -> list[float]:
        self.drain()
        return [float(x) for x in self.table.probabilities[:, 2]]


def kinds(requests: list[AnyRequest]) -> list[type[AnyRequest]]:
    return [type(r) for r in requests]


def all_open(desk: Desk) -> list[AnyRequest]:
    """Return every open request, whether or not it was sent already."""
    return desk.sync.due(desk.now_ms + LONGEST_AGAIN_MS)
