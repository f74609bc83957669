"""The requests that are out: each is asked again until it is answered, at most one of a kind."""

import dataclasses
import itertools
from collections.abc import Hashable
from typing import Any, Final

from client.state.wish import Wish
from shared.contract import Class
from shared.protocol.answers import (
    Answer,
    Bars,
    BuyLog,
    Canceled,
    ModelCard,
    Pong,
    Snapshot,
    Universe,
)
from shared.protocol.explanations import Explanation, Methods
from shared.protocol.messages import Heatmap
from shared.protocol.past import PastBuys, PastWindow
from shared.protocol.requests import (
    AnyRequest,
    Cancel,
    GetBars,
    GetBuys,
    GetExplanation,
    GetHeatmap,
    GetMethods,
    GetModel,
    GetPastBuys,
    GetPastWindow,
    GetSnapshot,
    GetUniverse,
    Ping,
)

ASK_AGAIN_MS: Final = 2_000
# An explanation may take its time, and asking again would have it made twice.
EXPLAIN_AGAIN_MS: Final = 10_000
# Each time it takes twice as long: what a server cannot answer is no reason to ask it for ever.
LONGEST_AGAIN_MS: Final = 30_000
NEVER: Final = -LONGEST_AGAIN_MS
# The server keeps 64 answers for a desk that does not read, and drops the next: a desk with a
# thousand open tickers asks them in turn, and none is lost.
MAX_OUT: Final = 48

RequestType = type[AnyRequest]

ANSWERS: Final[dict[RequestType, type[Answer]]] = {
    GetUniverse: Universe,
    GetSnapshot: Snapshot,
    GetModel: ModelCard,
    GetBuys: BuyLog,
    GetBars: Bars,
    GetHeatmap: Heatmap,
    GetMethods: Methods,
    GetExplanation: Explanation,
    GetPastBuys: PastBuys,
    GetPastWindow: PastWindow,
    Ping: Pong,
    Cancel: Canceled,
}


@dataclasses.dataclass
class PendingRequest:
    """A request on its way.

    Attributes:
        request: The request.
        sent_ms: When it was last sent; `NEVER` before.
        tries: How often it was sent over the connection that there is now.
        again: It came up once more while it was out: its answer may be too old.
        slow: The server may still be working on it.
    """

    request: AnyRequest
    sent_ms: int = NEVER
    tries: int = 0
    again: bool = False
    slow: bool = False

    def is_due(self, now_ms: int) -> bool:
        """Return whether it is to be sent, for the first time or again."""
        if self.tries == 0:
            return True
        patience_ms = EXPLAIN_AGAIN_MS if self.slow else ASK_AGAIN_MS
        if not isinstance(self.request, Ping):  # by which the next one is known to be answered
            patience_ms = min(patience_ms << min(self.tries - 1, 8), LONGEST_AGAIN_MS)
        return now_ms - self.sent_ms >= patience_ms


class PendingRequests:
    """The requests that no answer came to yet."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._open: dict[int, PendingRequest] = {}
        self._id_of: dict[Hashable, int] = {}  # by kind and subject: a desk may follow thousands

    def ask(self, kind: RequestType, **fields: Any) -> None:
        """Open a request, or note that one of this kind and subject came up once more.

        Args:
            kind: What is asked.
            fields: The fields of the request but its id.
        """
        key = _key(kind(request_id=0, **fields))
        known = self._id_of.get(key)
        if known is not None:
            # `again` only where it went out: one that was not sent yet will be answered later than
            # now, and so is fresh enough.
            pending = self._open[known]
            pending.again = pending.sent_ms != NEVER
            return
        request_id = next(self._ids)
        self._id_of[key] = request_id
        self._open[request_id] = PendingRequest(kind(request_id=request_id, **fields))

    def due(self, now_ms: int) -> list[AnyRequest]:
        """Return the requests to send at `now_ms`, on a clock that only rises.

        Those that were never sent come first, so that one without an answer holds up no other.
        """
        due = [pending for pending in self._open.values() if pending.is_due(now_ms)]
        out = sum(not (p.slow or p.is_due(now_ms)) for p in self._open.values())
        due.sort(key=lambda pending: pending.sent_ms)
        return [pending.request for pending in due[: max(MAX_OUT - out, 0)]]

    def sent(self, request: AnyRequest, now_ms: int) -> None:
        """Note that `request` went out."""
        pending = self._open[request.request_id]
        pending.sent_ms, pending.slow = now_ms, isinstance(request, GetExplanation)
        pending.tries += 1

    def hurry(self) -> None:
        """Have all asked again at once: the connection was made anew, and answers may be lost."""
        for pending in self._open.values():
            pending.tries = 0

    def find(self, request_id: int | None) -> PendingRequest | None:
        """Return the open request of this id."""
        return None if request_id is None else self._open.get(request_id)

    def close(self, request: AnyRequest) -> None:
        """Have the request no longer open: what still comes as its answer is too late."""
        del self._open[request.request_id]
        del self._id_of[_key(request)]

    def cancel(self, request: GetExplanation) -> None:
        """Close a request, and tell the server, which would work for nobody."""
        was_sent = self._open[request.request_id].sent_ms != NEVER
        self.close(request)
        if was_sent:
            self.ask(Cancel, cancels=request.request_id)

    def clear(self) -> None:
        """Close all requests."""
        self._open.clear()
        self._id_of.clear()

    def forget_past(self, symbol: str) -> None:
        """Close the open requests for windows of the past of a ticker."""
        for pending in list(self._open.values()):
            request = pending.request
            if isinstance(request, GetPastWindow) and request.symbol == symbol:
                self.close(request)

    def is_asked(self, kind: RequestType) -> bool:
        """Return whether a request of this kind is open."""
        return any(isinstance(pending.request, kind) for pending in self._open.values())

    def explanations(self, symbol: str = "") -> list[GetExplanation]:
        """Return the open requests for explanations, of one ticker or of all."""
        return [
            pending.request
            for pending in self._open.values()
            if isinstance(pending.request, GetExplanation)
            and symbol in ("", pending.request.symbol)
        ]


def subject(request: AnyRequest) -> dict[str, Any]:
    """Return the fields that tell two requests of a kind apart."""
    match request:
        case GetExplanation():
            return {"symbol": request.symbol, "method": request.method, "target": request.target}
        case GetBars():
            return {"symbol": request.symbol, "count": request.count}
        case GetHeatmap() | GetPastBuys():
            return {"symbol": request.symbol}
        case GetPastWindow():
            return {"symbol": request.symbol, "bar_ms": request.bar_ms}
        case Cancel():
            return {"cancels": request.cancels}
        case _:
            return {}


def is_answer(request: AnyRequest, answer: Answer) -> bool:
    """Return whether an answer is of the kind and the ticker that were asked for."""
    if not isinstance(answer, ANSWERS[type(request)]):
        return False
    if isinstance(request, GetExplanation) and isinstance(answer, Explanation):
        if request.method != answer.method.name:
            return False
        if request.target not in (None, answer.target):
            return False
    if isinstance(request, GetPastWindow) and isinstance(answer, PastWindow):
        return (request.symbol, request.bar_ms) == (answer.symbol, answer.bar_ms[-1])
    asked: str = subject(request).get("symbol", "")
    answered: str = getattr(answer, "symbol", "")
    return asked == answered


def _key(request: AnyRequest) -> Hashable:
    return type(request), *subject(request).values()


def wish_of(request: GetExplanation) -> Wish:
    """Return the wish behind a request."""
    target = None if request.target is None else Class(request.target)
    return Wish(method=request.method, target=target)
