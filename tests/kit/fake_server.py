"""A scripted server on real sockets, for tests."""

import time
from collections.abc import Callable

import zmq

from server.protocol.handlers import Answerable
from shared.endpoints import Endpoints
from shared.protocol import wire
from shared.protocol.answers import Answer
from shared.protocol.messages import Published
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
from tests.kit.maker import Maker, State
from tests.kit.waiting import LIMIT_S


class FakeServer:
    """A scripted server on real sockets, driven by the test's own thread.

    Attributes:
        maker: Makes what it says.
        endpoints: Where it is.
        requests: What it was asked, oldest first; pings are left out.
        topics: What is subscribed to now.
        silent: True to take requests and answer none.
    """

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], maker: Maker) -> None:
        self.maker = maker
        self.requests: list[AnyRequest] = []
        self.topics: set[bytes] = set()
        self.silent = False
        self._context = context
        self._statuses = 0
        self._open("tcp://127.0.0.1:*", "tcp://127.0.0.1:*")

    def _open(self, publish: str, requests: str) -> None:
        self.publisher = self._bound(zmq.XPUB, publish)
        self.router = self._bound(zmq.ROUTER, requests)
        self.endpoints = Endpoints(
            publish=self.publisher.getsockopt_string(zmq.LAST_ENDPOINT),
            requests=self.router.getsockopt_string(zmq.LAST_ENDPOINT),
        )

    def _bound(self, kind: int, endpoint: str) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        socket.linger = 0
        give_up = time.monotonic() + LIMIT_S
        while True:
            try:
                socket.bind(endpoint)
            except zmq.ZMQError as e:
                # A closed socket leaves its port a moment later, in a thread of its own.
                if e.errno != zmq.EADDRINUSE or time.monotonic() > give_up:
                    socket.close()
                    raise
            else:
                return socket

    def die(self) -> None:
        """Vanish without a word, as after kill -9."""
        self.publisher.close(linger=0)
        self.router.close(linger=0)
        self.topics.clear()

    def rise(self, run_id: str) -> None:
        """Return at the same endpoints; as a new run it remembers nothing."""
        if run_id != self.maker.run_id:
            self._statuses = 0
        self.maker.run_id = run_id
        self.requests.clear()
        self._open(self.endpoints.publish, self.endpoints.requests)

    def publish(self, message: Published) -> None:
        self.publisher.send_multipart(wire.encode_published(message))

    def say_status(self, state: State = "live") -> None:
        self._statuses += 1
        self.publish(self.maker.status(self._statuses, state))

    def serve(self, until: Callable[[], bool]) -> None:
        """Answer, and say status often, until the condition holds; fail after a long time."""
        give_up = time.monotonic() + LIMIT_S
        while not until():
            assert time.monotonic() < give_up, f"never happened; asked: {self.requests}"
            if self.router.poll(10):
                self._answer(*self.router.recv_multipart())
            while self.publisher.poll(0):
                self._note(self.publisher.recv())
            self.say_status()

    def asked(self, kind: type[AnyRequest]) -> list[AnyRequest]:
        return [r for r in self.requests if isinstance(r, kind)]

    def _note(self, subscription: bytes) -> None:
        change = self.topics.add if subscription[0] else self.topics.discard
        change(subscription[1:])

    def _answer(self, identity: bytes, frame: bytes) -> None:
        request = wire.decode_request(frame)
        if not isinstance(request, Ping):
            self.requests.append(request)
        if not self.silent:
            answer = self.answer_to(request)
            frames = wire.encode_answer(request.request_id, answer)
            self.router.send_multipart([identity, *frames])

    def answer_to(self, request: AnyRequest) -> Answer:
        if isinstance(request, Cancel):
            return self.maker.canceled()
        if isinstance(request, GetPastBuys | GetPastWindow):
            return self.maker.past(request)
        return self._of_now(request)

    def _of_now(self, request: Answerable) -> Answer:
        maker = self.maker
        match request:
            case Ping():
                return maker.pong()
            case GetUniverse():
                return maker.universe()
            case GetSnapshot():
                return maker.snapshot(dict.fromkeys(maker.symbols, 0.25))
            case GetModel():
                return maker.card()
            case GetBuys():
                return maker.buy_log(request.after + 1, request.after)
            case GetBars():
                return maker.bars(request.symbol)
            case GetHeatmap():
                return maker.heatmap(request.symbol)
            case GetMethods():
                return maker.methods()
            case GetExplanation():
                target = 2 if request.target is None else request.target
                return maker.explanation(request.symbol, request.method, target=target)
