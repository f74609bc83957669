"""A whole server in a thread of a test, and one who listens to it."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import zmq

from models.bundles.bundle import Bundle
from models.inference.served import served_of
from models.networks.ensemble import traits_there
from server.alerts.base import Alert
from server.alerts.dispatch import AlertDispatch
from server.explain.explainer import COMMAND, Explainer
from server.explain.offer import Offer
from server.feeds.base import Feed
from server.feeds.thread import FeedThread
from server.figures import TellFigures
from server.journal.journal import Journal
from server.locks.guard import Guard
from server.main_loop import Server
from server.stop import StopRequest
from server.swap.model_swap import ModelSwap
from shared.endpoints import Endpoints
from shared.protocol import wire
from shared.protocol.answers import Answer, Snapshot
from shared.protocol.messages import Published, Status
from shared.protocol.requests import AnyRequest, GetSnapshot
from shared.settings import ServerSettings
from tests.kit.house import NO_MODEL, Context
from tests.kit.waiting import LIMIT_MS

ANY = Endpoints(publish="tcp://127.0.0.1:*", requests="tcp://127.0.0.1:*")


class Desk:
    """A server that runs in a thread, and one who listens to it.

    Attributes:
        endpoints: Where the server is, for others.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        stop: StopRequest,
        ran: Future[None],
        sub: zmq.Socket[bytes],
        dealer: zmq.Socket[bytes],
    ) -> None:
        self.endpoints = endpoints
        self.stop, self.ran, self._sub, self._dealer = stop, ran, sub, dealer

    def hear(self) -> Published:
        assert self._sub.poll(LIMIT_MS)
        return wire.decode_published(self._sub.recv_multipart())

    def hear_until(self, state: str) -> list[Published]:
        heard = [self.hear()]
        while not (isinstance(heard[-1], Status) and heard[-1].state == state):
            heard.append(self.hear())
        return heard

    def ask(self, request: AnyRequest) -> Answer:
        self._dealer.send(wire.encode_request(request))
        assert self._dealer.poll(LIMIT_MS)
        return wire.decode_answer(self._dealer.recv_multipart())[1]

    def snapshot(self) -> Snapshot:
        answer = self.ask(GetSnapshot(request_id=1))
        assert isinstance(answer, Snapshot)
        return answer


@contextmanager
def running(
    context: Context,
    feed: Feed,
    bundle: Bundle,
    *topics: bytes,
    exit_at_end: bool = False,
    alerts: Mapping[str, Alert] | None = None,
    watchers: tuple[TellFigures, ...] = (),
    explains: tuple[str, ...] = COMMAND,
    journal: Journal | None = None,
    swap: ModelSwap | None = None,
) -> Iterator[Desk]:
    with (
        StopRequest() as stop,
        Guard(context, None) as guard,
        context.socket(zmq.XPUB) as xpub,
        context.socket(zmq.ROUTER) as router,
        context.socket(zmq.SUB) as sub,
        context.socket(zmq.DEALER) as dealer,
        Explainer(
            context, NO_MODEL, Offer(traits_there(bundle.network), {}), explains
        ) as explainer,
        AlertDispatch(alerts or {}) as dispatch,
        ThreadPoolExecutor(1) as executor,
    ):
        xpub.linger = LIMIT_MS
        model = served_of(bundle)
        server = Server(
            *(xpub, router, ANY, feed.listing, model, ServerSettings(), explainer, dispatch, guard),
            journal=journal,
        )
        server.swap = swap
        server.watchers = watchers
        where = Endpoints(publish=server.publisher.endpoint, requests=server.service.endpoint)
        sub.connect(where.publish)
        dealer.connect(where.requests)
        for topic in (*topics, b"status/"):
            sub.subscribe(topic)

        def serve() -> None:
            with FeedThread("made", feed) as feed_thread:
                feed_thread.start()
                server.run(feed_thread, stop, exit_at_end=exit_at_end)

        try:
            yield Desk(where, stop, executor.submit(serve), sub, dealer)
        finally:
            stop.ask()
