"""The socket on which desks ask; a bad request costs one answer, a dead desk costs nothing."""

from typing import Final

import structlog
import zmq

from server.explain.explainer import Explainer, Refused
from server.explain.jobs import Job
from server.explain.questions import Asker
from server.protocol.endpoints import bind
from server.protocol.handlers import Handlers
from shared.errors import UnknownKindError, WireError
from shared.protocol.answers import Answer, RefusalCode
from shared.protocol.requests import AnyRequest
from shared.protocol.wire import (
    MAX_REQUEST_BYTES,
    answer_frames,
    decode_request,
    encode_answer,
    request_id_of,
)

# A desk that does not read this many answers misses the next ones: ROUTER drops, it never waits.
SEND_LIMIT: Final = 64

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class DeskService:
    """Handlers through a ROUTER socket; lives in the thread that opened it.

    Attributes:
        endpoint: Where desks connect.
        refused: How many messages were no request.

    Args:
        socket: Fresh; its owner closes it.
        endpoint: Where to bind; port `*` takes any free one.
        answers: Knows the answers.
        explainer: Makes the explanations that are asked for.

    Raises:
        UnavailableError: The endpoint cannot be bound.
    """

    def __init__(
        self,
        socket: zmq.Socket[bytes],
        endpoint: str,
        answers: Handlers,
        explainer: Explainer,
    ) -> None:
        socket.sndhwm = SEND_LIMIT
        socket.maxmsgsize = MAX_REQUEST_BYTES
        self._socket = socket
        self._answers = answers
        self._explainer = explainer
        self.endpoint = bind(socket, endpoint)
        self.refused = 0

    def serve(self, made_ms: int) -> None:
        """Answer the oldest request that waits.

        Args:
            made_ms: The time now, ms since 1970 UTC.
        """
        sender, *frames = self._socket.recv_multipart()
        try:
            request = _decode(frames)
        except UnknownKindError as e:
            self._refuse(sender, frames, "unknown_request", str(e), made_ms)
        except WireError as e:
            self._refuse(sender, frames, "bad_request", str(e), made_ms)
        else:
            asker = Asker(sender, request.request_id)
            answer = self._answers.answer(request, made_ms)
            if not isinstance(answer, Job):
                self._send(asker, answer)
            elif refused := self._explainer.ask(asker, answer):
                self._pass_on(refused, made_ms)

    def deliver(self) -> None:
        """Send on the explanation that has come."""
        for asker, frames in self._explainer.take():
            self._socket.send_multipart([asker.sender, *answer_frames(asker.request_id, frames)])

    def give_up_lost(self, made_ms: int) -> None:
        """Tell those whose explanation will not come.

        Args:
            made_ms: The time now, ms since 1970 UTC.
        """
        for refused in self._explainer.refused():
            self._pass_on(refused, made_ms)

    def _pass_on(self, refused: Refused, made_ms: int) -> None:
        refusal = self._answers.refusal(refused.code, refused.sentence, made_ms)
        self._send(refused.asker, refusal)

    def _refuse(
        self,
        sender: bytes,
        frames: list[bytes],
        code: RefusalCode,
        sentence: str,
        made_ms: int,
    ) -> None:
        self.refused += 1
        log.debug("request refused", reason=sentence)
        request_id = request_id_of(b"".join(frames[-1:]))
        if request_id is not None:
            refusal = self._answers.refusal(code, sentence, made_ms)
            self._send(Asker(sender, request_id), refusal)

    def _send(self, asker: Asker, answer: Answer) -> None:
        self._socket.send_multipart([asker.sender, *encode_answer(asker.request_id, answer)])


def _decode(frames: list[bytes]) -> AnyRequest:
    if len(frames) != 1:
        raise WireError(f"a request is one frame, was {len(frames)}")
    return decode_request(frames[0])
