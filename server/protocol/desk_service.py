"""The socket on which desks ask; a bad request costs one answer, a dead desk costs nothing."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

import structlog
import zmq

from server.explain.explainer import Explainer, Refused
from server.explain.jobs import Job
from server.explain.questions import Asker
from server.journal.past import Past, refused
from server.locks.guard import Guard
from server.protocol.endpoints import bind
from server.protocol.handlers import Handlers
from shared.errors import UnknownKindError, WireError
from shared.protocol.answers import Answer, Refusal, RefusalCode
from shared.protocol.requests import AboutPast, AnyRequest, Cancel, GetPastBuys, GetPastWindow
from shared.protocol.wire import (
    MAX_REQUEST_FRAME_BYTES,
    Frame,
    answer_frames,
    decode_request,
    encode_answer,
    request_id_of,
)
from shared.throttle import Throttle

# A desk that does not read this many answers misses the next ones: nobody waits for it.
SEND_LIMIT: Final = 64
# Requests of one desk that wait here; the others wait in its own program.
RECEIVE_LIMIT: Final = 32
# Answers a turn, for ROUTER takes requests from all desks by turns: a turn may have a batch of bars
# that takes longer than the next one needs to come, and with one answer each the rest would starve.
AT_ONCE: Final = 16
# Nor more than so long: a snapshot of the whole market takes a hundred times what a ping does.
_TURN_S: Final = 0.003

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class DeskService:
    """Handlers through a ROUTER socket; lives in the thread that opened it.

    Attributes:
        endpoint: Where desks connect.
        answers: Knows the answers.
        refused: How many messages were no request, or could not be met by a fault of ours.
        missed: How many answers were for a desk that did not read.
        sent: How many answers were sent at once, by their type.
        refusals: How many refusals were sent, by their code.

    Args:
        socket: Fresh; its owner closes it.
        endpoint: Where to bind; port `*` takes any free one.
        answers: Knows the answers.
        explainer: Makes the explanations that are asked for.
        guard: Knows who is heard.
        past: Answers what is asked of the past; None where nothing is kept.

    Raises:
        UnavailableError: The endpoint cannot be bound.
    """

    def __init__(
        self,
        socket: zmq.Socket[bytes],
        endpoint: str,
        answers: Handlers,
        explainer: Explainer,
        guard: Guard,
        past: Past | None = None,
    ) -> None:
        socket.sndhwm, socket.rcvhwm = SEND_LIMIT, RECEIVE_LIMIT
        socket.maxmsgsize = MAX_REQUEST_FRAME_BYTES
        # To who is gone, or does not read, a send fails at once, instead of as if it had not.
        socket.router_mandatory = True
        self.sent: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self._socket = socket
        self.answers = answers
        self._explainer, self._guard, self._past = explainer, guard, past
        self.endpoint = bind(socket, endpoint)
        self.refused = self.missed = 0
        self._throttle = Throttle()

    def serve(self, made_ms: int) -> None:
        """Answer some of the requests that wait, oldest first, without waiting for one.

        Args:
            made_ms: The time now, ms since 1970 UTC.
        """
        end = time.perf_counter() + _TURN_S
        for _ in range(AT_ONCE):
            if time.perf_counter() >= end:
                return
            try:
                came = self._socket.recv_multipart(zmq.DONTWAIT, copy=False)
            except zmq.Again:
                return
            self._serve(came, made_ms)

    def _serve(self, came: list[zmq.Frame], made_ms: int) -> None:
        if not self._guard.hears(came[0]):
            return
        sender, *frames = (frame.bytes for frame in came)
        try:
            request = _decode(frames)
        except UnknownKindError as e:
            self._refuse(sender, frames, "unknown_request", str(e), made_ms)
        except WireError as e:
            self._refuse(sender, frames, "bad_request", str(e), made_ms)
        else:
            try:
                self._answer(Asker(sender, request.request_id), request, made_ms)
            except WireError as e:
                # A fault of ours, and no reason to leave everybody else without a market.
                sentence = f"The server has no answer that can be told: {e}"
                self._refuse(sender, frames, "server_failed", sentence, made_ms)

    def _answer(self, asker: Asker, request: AnyRequest, made_ms: int) -> None:
        if isinstance(request, Cancel):
            was_open = self._explainer.cancel(Asker(asker.sender, request.cancels))
            self._send(*asker, self.answers.canceled(made_ms, was_open=was_open))
            return
        if isinstance(request, GetPastBuys | GetPastWindow):
            self._ask_past(asker, request, made_ms)
            return
        answer = self.answers.answer(request, made_ms)
        if not isinstance(answer, Job):
            self._send(*asker, answer)
        elif turned_away := self._explainer.ask(asker, answer):
            self._pass_on(turned_away, made_ms)

    def deliver(self) -> None:
        """Send on the explanation that has come."""
        for asker, frames in self._explainer.take():
            self._put(asker.sender, answer_frames(asker.request_id, frames))

    def deliver_past(self, past: Past) -> None:
        """Send what was found out about the past."""
        for asker, answer in past.take():
            self._send(*asker, answer)

    def give_up_lost(self, made_ms: int) -> None:
        """Tell those whose explanation will not come.

        Args:
            made_ms: The time now, ms since 1970 UTC.
        """
        for lost in self._explainer.refused():
            self._pass_on(lost, made_ms)

    def _ask_past(self, asker: Asker, request: AboutPast, made_ms: int) -> None:
        stamp = self.answers.stamp(made_ms)
        refusal: Refusal | None = refused(stamp, "nothing_kept", "The server keeps no journal.")
        if self._past is not None:
            refusal = self._past.ask(asker, request, stamp)
        if refusal is not None:
            self._send(*asker, refusal)

    def _pass_on(self, lost: Refused, made_ms: int) -> None:
        self._send(*lost.asker, self.answers.refusal(lost.code, lost.sentence, made_ms))

    def _refuse(
        self,
        sender: bytes,
        frames: list[bytes],
        code: RefusalCode,
        sentence: str,
        made_ms: int,
    ) -> None:
        # Whatever it was, it is answered in words: who writes a client must see what is wrong.
        self.refused += 1
        if self._throttle.lets(code):
            log.warning("request refused", code=code, reason=sentence, refused=self.refused)
        request_id = request_id_of(b"".join(frames[-1:]))
        self._send(sender, request_id, self.answers.refusal(code, sentence, made_ms))

    def _send(self, sender: bytes, request_id: int | None, answer: Answer) -> None:
        if isinstance(answer, Refusal):
            self.refusals[answer.code] += 1
        else:
            self.sent[str(answer.__struct_config__.tag)] += 1
        self._put(sender, encode_answer(request_id, answer))

    def _put(self, sender: bytes, frames: Sequence[Frame]) -> None:
        try:
            self._socket.send_multipart([sender, *frames], zmq.DONTWAIT)
        except zmq.Again:
            self.missed += 1
        except zmq.ZMQError as e:
            if e.errno != zmq.EHOSTUNREACH:
                raise
            self._explainer.forget(sender)  # nobody is there any more


def _decode(frames: list[bytes]) -> AnyRequest:
    if len(frames) != 1:
        raise WireError(f"a request is one frame, was {len(frames)}")
    return decode_request(frames[0])
