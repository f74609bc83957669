"""The requests that are out: each is asked again until it is answered, at most one of a kind."""

import dataclasses
import itertools
from typing import Any, Final

from client.state.wish import Wish
from shared.contract import Class
from shared.protocol.requests import AnyRequest, GetBars, GetExplanation, GetHeatmap

ASK_AGAIN_MS: Final = 2_000
# An explanation may take its time, and asking again would have it made twice.
EXPLAIN_AGAIN_MS: Final = 10_000
NEVER: Final = -EXPLAIN_AGAIN_MS

RequestType = type[AnyRequest]


@dataclasses.dataclass
class PendingRequest:
    """A request on its way.

    Attributes:
        request: The request.
        sent_ms: When it was last sent; `NEVER` before.
        again: It came up once more while it was out: its answer may be too old.
        slow: The server may still be working on it.
    """

    request: AnyRequest
    sent_ms: int = NEVER
    again: bool = False
    slow: bool = False

    def is_due(self, now_ms: int) -> bool:
        """Return whether it is to be sent, for the first time or again."""
        return now_ms - self.sent_ms >= (EXPLAIN_AGAIN_MS if self.slow else ASK_AGAIN_MS)


class PendingRequests:
    """The requests that no answer came to yet."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._open: dict[int, PendingRequest] = {}

    def ask(self, kind: RequestType, **fields: Any) -> None:
        """Open a request, or note that one of this kind and subject came up once more.

        Args:
            kind: What is asked.
            fields: The fields of the request but its id.
        """
        request = kind(request_id=0, **fields)
        for pending in self._open.values():
            # `again` only where it went out: one that was not sent yet will be answered later than
            # now, and so is fresh enough.
            if isinstance(pending.request, kind) and subject(pending.request) == subject(request):
                pending.again = pending.sent_ms != NEVER
                return
        request_id = next(self._ids)
        self._open[request_id] = PendingRequest(kind(request_id=request_id, **fields))

    def due(self, now_ms: int) -> list[AnyRequest]:
        """Return the requests to send at `now_ms`, on a clock that only rises."""
        return [pending.request for pending in self._open.values() if pending.is_due(now_ms)]

    def sent(self, request: AnyRequest, now_ms: int) -> None:
        """Note that `request` went out."""
        pending = self._open[request.request_id]
        pending.sent_ms, pending.slow = now_ms, isinstance(request, GetExplanation)

    def find(self, request_id: int) -> PendingRequest | None:
        """Return the open request of this id."""
        return self._open.get(request_id)

    def close(self, request: AnyRequest) -> None:
        """Have the request no longer open: what still comes as its answer is too late."""
        del self._open[request.request_id]

    def clear(self) -> None:
        """Close all requests."""
        self._open.clear()

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
        case GetBars() | GetHeatmap():
            return {"symbol": request.symbol}
        case _:
            return {}


def wish_of(request: GetExplanation) -> Wish:
    """Return the wish behind a request."""
    target = None if request.target is None else Class(request.target)
    return Wish(method=request.method, target=target)
