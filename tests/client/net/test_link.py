import dataclasses
import functools
from collections.abc import Callable, Iterator

import pytest
import zmq

from client.net.link import Link
from client.state.inbox import Inbox
from client.state.table import Table
from client.state.update import Update
from client.state.wish import Wish
from shared.endpoints import Endpoints
from shared.protocol import wire
from shared.protocol.answers import Answer
from shared.protocol.requests import (
    AnyRequest,
    GetBars,
    GetBuys,
    GetExplanation,
    GetHeatmap,
    GetSnapshot,
    GetUniverse,
)
from tests.kit.fake_server import FakeServer
from tests.kit.maker import Maker
from tests.kit.proxy import Proxy

WATCHED = ("AAPL", "BTC/USDT")


def _turned(found: bytes) -> bytes:
    return bytes(byte ^ 0xFF for byte in found)


def _endless(found: bytes) -> bytes:
    # A frame of 2**63 bytes, of which no more than these will ever come.
    return b"\x02\x7f" + b"\xff" * (len(found) - 2)


FAULTS: dict[str, Callable[[Proxy], None]] = {
    "cut": Proxy.cut,
    "half closed": Proxy.half_close,
    "truncated": Proxy.truncate_next,
    "damaged": lambda proxy: proxy.spoil_next(_turned),
    "another length": lambda proxy: proxy.spoil_next(_endless),
}


class Desk:
    """What a desk would make of the inbox.

    Attributes:
        updates: All that was drained.
    """

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.table = Table()
        self.updates: list[Update] = []

    def drain(self) -> None:
        update = self.inbox.drain()
        self.updates.append(update)
        self.table.apply(update)

    def up(self) -> list[float]:
        self.drain()
        return [float(x) for x in self.table.probabilities[:, 2]]

    def shows(self, up: list[float]) -> Callable[[], bool]:
        return lambda: self.up() == up

    def has(self, field: str, symbol: str) -> Callable[[], bool]:
        def found() -> bool:
            self.drain()
            return any(symbol in getattr(u, field) for u in self.updates)

        return found


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def desk(inbox: Inbox) -> Desk:
    return Desk(inbox)


@pytest.fixture
def link(fake_server: FakeServer, inbox: Inbox) -> Iterator[Link]:
    link = Link(fake_server.endpoints, inbox)
    link.start()
    yield link
    assert link.stop(10)


@pytest.fixture
def joined(fake_server: FakeServer, link: Link, desk: Desk) -> FakeServer:
    fake_server.serve(until=desk.shows([0.25, 0.25, 0.25]))
    fake_server.serve(until=lambda: link.health().state == "live")
    return fake_server


def test_it_subscribes_to_what_concerns_all_tickers(joined: FakeServer) -> None:
    assert joined.topics == {b"confidence/", b"buy/", b"status/"}


def test_an_answer_alone_is_a_sign_of_life(
    fake_server: FakeServer, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake_server, "say_status", lambda: None)
    fake_server.serve(until=lambda: link.health().state == "live")


def test_published_rows_and_buys_reach_the_inbox(joined: FakeServer, desk: Desk) -> None:
    joined.publish(joined.maker.confidence({"AAPL": 0.5}, 1))
    joined.publish(joined.maker.buy("AAPL", 1))
    joined.serve(until=desk.shows([0.25, 0.25, 0.5]))
    joined.serve(until=lambda: any(u.buys for u in _looked(desk)))


def _looked(desk: Desk) -> list[Update]:
    desk.drain()
    return desk.updates


def test_a_watched_ticker_is_subscribed_and_asked_for(
    joined: FakeServer, link: Link, desk: Desk
) -> None:
    for symbol in WATCHED:
        link.watch(symbol)
    joined.serve(until=lambda: len(joined.asked(GetHeatmap)) == len(WATCHED))
    assert {b"bar/AAPL/", b"heatmap/AAPL/", b"heatmap/BTC%2FUSDT/"} <= joined.topics
    joined.serve(until=desk.has("bars", "AAPL"))
    joined.serve(until=desk.has("heatmaps", "BTC/USDT"))
    joined.publish(joined.maker.bar("AAPL", 6))
    joined.serve(until=desk.has("live_bars", "AAPL"))
    assert {r.count for r in joined.asked(GetBars) if isinstance(r, GetBars)} == {240}


def test_of_rows_in_sight_the_maps_alone_are_followed(
    joined: FakeServer, link: Link, desk: Desk
) -> None:
    link.glance(WATCHED)
    joined.serve(until=desk.has("histories", "AAPL"))
    joined.serve(until=desk.has("heatmaps", "BTC/USDT"))
    assert b"heatmap/AAPL/" in joined.topics
    assert b"bar/AAPL/" not in joined.topics
    link.watch("AAPL")
    link.glance(["BTC/USDT"])
    joined.serve(until=lambda: b"bar/AAPL/" in joined.topics)
    link.glance([])
    joined.serve(until=lambda: b"heatmap/BTC%2FUSDT/" not in joined.topics)
    assert b"heatmap/AAPL/" in joined.topics
    assert sorted({r.count for r in joined.asked(GetBars) if isinstance(r, GetBars)}) == [60, 240]


def test_all_that_is_shown_can_be_asked_for_anew(joined: FakeServer, link: Link) -> None:
    asked = len(joined.asked(GetSnapshot))
    link.refresh()
    joined.serve(until=lambda: len(joined.asked(GetSnapshot)) > asked)


def test_an_unwatched_ticker_is_unsubscribed(joined: FakeServer, link: Link) -> None:
    link.watch("AAPL")
    link.watch("AAPL")
    joined.serve(until=lambda: b"heatmap/AAPL/" in joined.topics)
    link.unwatch("AAPL")
    link.unwatch("AAPL")
    joined.serve(until=lambda: not {b"bar/AAPL/", b"heatmap/AAPL/"} & joined.topics)


def test_a_refusal_reaches_the_inbox(
    joined: FakeServer, link: Link, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer_to(request: AnyRequest) -> Answer:
        return joined.maker.refusal("14 more bars are needed")

    monkeypatch.setattr(joined, "answer_to", answer_to)
    link.watch("AAPL")
    joined.serve(until=desk.has("refusals", "AAPL"))
    assert desk.updates[-1].refusals["AAPL"] == "14 more bars are needed"


def test_a_server_that_died_and_returned_is_joined_again_without_a_click(
    joined: FakeServer, link: Link, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    link.watch("AAPL")
    joined.serve(until=desk.has("heatmaps", "AAPL"))
    joined.die()
    joined.maker.symbols = ("AAPL", "NEW")
    joined.rise("run-2")
    desk.updates.clear()
    joined.serve(until=desk.has("heatmaps", "AAPL"))
    joined.serve(until=desk.has("bars", "AAPL"))
    joined.serve(until=desk.shows([0.25, 0.25]))
    assert desk.table.symbols == ("AAPL", "NEW")
    assert {b"confidence/", b"buy/", b"status/", b"bar/AAPL/", b"heatmap/AAPL/"} == joined.topics
    # Nothing piled up while there was no one to ask.
    assert len(joined.asked(GetUniverse)) == 1
    assert len(joined.asked(GetBars)) <= 2


def test_the_same_run_heard_again_keeps_the_universe(
    joined: FakeServer, link: Link, desk: Desk
) -> None:
    joined.publish(joined.maker.buy("AAPL", 1))
    joined.serve(until=lambda: any(u.buys for u in _looked(desk)))
    run_id = joined.maker.run_id
    joined.die()
    joined.rise(run_id)
    desk.updates.clear()
    joined.serve(until=lambda: bool(joined.asked(GetSnapshot)))
    joined.serve(until=lambda: any(len(u.rows.index) for u in _looked(desk)))
    assert joined.asked(GetUniverse) == []
    assert joined.asked(GetBuys) == []
    assert all(u.universe is None for u in desk.updates)


def test_a_goodbye_is_lost_at_once_and_live_when_it_speaks_again(
    joined: FakeServer, link: Link
) -> None:
    joined.say_status("goodbye")
    _wait(lambda: link.health().state == "lost")
    joined.serve(until=lambda: link.health().state == "live")
    assert link.health().endpoint == joined.endpoints.publish
    assert not link.health().local


def test_a_server_that_moved_is_followed_with_all_that_is_watched(
    fake_server: FakeServer,
    context: zmq.Context[zmq.Socket[bytes]],
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = MovingSource(fake_server.endpoints)
    monkeypatch.setattr("client.net.link.find_source", lambda *_: source)
    link = Link(None, desk.inbox)
    link.watch("AAPL")
    link.start()
    moved = FakeServer(context, Maker(run_id="run-2"))
    try:
        fake_server.serve(until=desk.has("heatmaps", "AAPL"))
        fake_server.serve(until=lambda: link.health().state == "live")
        source.endpoints, source.trouble = None, "it stopped"
        _wait(lambda: link.health().state == "lost")
        assert link.health().sentence == "it stopped"
        source.endpoints = moved.endpoints
        _wait(lambda: link.health().endpoint == moved.endpoints.publish)
        assert link.health().state == "lost"
        desk.updates.clear()
        moved.serve(until=desk.has("heatmaps", "AAPL"))
        assert {b"bar/AAPL/", b"heatmap/AAPL/"} <= moved.topics
        assert link.health().local
    finally:
        moved.die()
        assert link.stop(10)
    assert source.closed


class MovingSource:
    """A server of the desk's own that the test moves."""

    local = True

    def __init__(self, endpoints: Endpoints) -> None:
        self.endpoints: Endpoints | None = endpoints
        self.trouble = ""
        self.closed = False

    def poll(self, now_ms: int) -> Endpoints | None:
        return self.endpoints

    def close(self) -> None:
        self.closed = True


def _wait(until: Callable[[], bool]) -> None:
    # The link's thread needs no help from the fake server here, only time.
    with zmq.Context() as context, context.socket(zmq.PAIR) as nobody:
        for _ in range(1_000):
            if until():
                return
            nobody.poll(10)
    raise AssertionError("never happened")


def test_a_bad_frame_costs_that_frame(
    joined: FakeServer, link: Link, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    good = joined.maker.confidence({"AAPL": 0.5}, 1)
    topic, header, *arrays = wire.encode_published(good)
    for bad in ([topic], [topic, b"\xc1"], [topic, header], [b"buy/", header, *arrays]):
        joined.publisher.send_multipart(bad)
    joined.publish(good)
    joined.serve(until=desk.shows([0.25, 0.25, 0.5]))
    # However many there are, one warning is enough.
    assert len([r for r in caplog.records if "dropped a message" in r.message]) == 1


def test_what_cannot_be_read_is_said(fake_server: FakeServer, link: Link) -> None:
    def is_said() -> bool:
        fake_server.publisher.send_multipart([b"status/", b"\x80"])
        return "cannot be read" in link.health().sentence

    _wait(is_said)
    assert link.health().state == "connecting"


def test_a_silent_server_is_asked_again(
    fake_server: FakeServer, link: Link, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.net.pending_requests.ASK_AGAIN_MS", 100)
    fake_server.silent = True
    fake_server.serve(until=lambda: len(fake_server.asked(GetUniverse)) >= 3)
    *_, first, second = fake_server.requests
    assert first == second
    fake_server.silent = False
    fake_server.serve(until=desk.shows([0.25, 0.25, 0.25]))


def test_without_a_server_it_waits_and_stops_at_once(inbox: Inbox, make: Maker) -> None:
    with zmq.Context() as context:
        server = FakeServer(context, make)
        server.die()
    link = Link(server.endpoints, inbox)
    link.start()
    health = link.health()
    assert health.state == "connecting"
    assert link.stop(10)


def test_a_wish_is_answered_and_outlives_a_restart_of_the_server(
    joined: FakeServer, link: Link, desk: Desk
) -> None:
    wish = Wish(method="grad_cam")
    link.watch("AAPL")
    link.explain("AAPL", (wish,))
    joined.serve(until=desk.has("explanations", "AAPL"))
    assert desk.updates[-1].explanations["AAPL"].keys() == {wish}
    joined.die()
    joined.rise("run-2")
    joined.serve(until=lambda: len(joined.asked(GetExplanation)) == 1)


def test_what_is_wished_of_a_ticker_that_nobody_watches_is_not_asked(
    joined: FakeServer, link: Link
) -> None:
    link.explain("AAPL", (Wish(method="grad_cam"),))
    link.watch("AAPL")
    joined.serve(until=lambda: len(joined.asked(GetHeatmap)) == 1)
    assert joined.asked(GetExplanation) == []


@dataclasses.dataclass
class Bad:
    """A server behind a bad network.

    Attributes:
        publish: On the way of what is published.
        requests: On the way of requests and answers.
    """

    server: FakeServer
    link: Link
    publish: Proxy
    requests: Proxy

    def both_ways_work(self, desk: Desk, symbol: str) -> None:
        """Serve until a new question is answered, and what is published arrives."""
        self.link.watch(symbol)
        answered, heard = desk.has("heatmaps", symbol), desk.has("live_bars", symbol)

        def whole() -> bool:
            self.server.publish(self.server.maker.bar(symbol, 6))
            return answered() and heard()

        self.server.serve(until=whole)


@pytest.fixture
def bad(fake_server: FakeServer, inbox: Inbox, desk: Desk) -> Iterator[Bad]:
    with Proxy(fake_server.endpoints.publish) as out, Proxy(fake_server.endpoints.requests) as back:
        link = Link(Endpoints(publish=out.endpoint, requests=back.endpoint), inbox)
        link.start()
        try:
            fake_server.serve(until=desk.shows([0.25, 0.25, 0.25]))
            yield Bad(fake_server, link, out, back)
        finally:
            assert link.stop(10)


@pytest.mark.parametrize("stream", ["publish", "requests"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_link_is_whole_again_whatever_the_network_did(
    bad: Bad, desk: Desk, fault: str, stream: str
) -> None:
    proxy: Proxy = getattr(bad, stream)
    connections = proxy.connections
    FAULTS[fault](proxy)
    bad.server.serve(until=lambda: proxy.connections > connections)
    bad.both_ways_work(desk, "AAPL")
    bad.server.serve(until=lambda: bad.link.health().state == "live")


@pytest.mark.parametrize("stream", ["publish", "requests"])
def test_a_stream_that_is_silent_is_not_live_and_is_made_anew(
    bad: Bad, desk: Desk, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.net.liveness.LOST_MS", 300)
    monkeypatch.setattr("client.state.health.LATE_MS", 200)
    monkeypatch.setattr("client.state.health.LOST_MS", 2_000)
    proxy: Proxy = getattr(bad, stream)
    connections = proxy.connections
    proxy.stall()
    bad.server.serve(until=lambda: bad.link.health().state != "live")
    bad.server.serve(until=lambda: proxy.connections > connections)
    proxy.resume()
    bad.both_ways_work(desk, "AAPL")


def _has_more(proxy: Proxy, connections: int) -> bool:
    return proxy.connections > connections


def test_a_stream_that_is_damaged_again_and_again_costs_few_sockets(bad: Bad, desk: Desk) -> None:
    for _ in range(3):
        connections = bad.publish.connections
        bad.publish.spoil_next(_turned)
        bad.server.serve(until=functools.partial(_has_more, bad.publish, connections))
    bad.both_ways_work(desk, "AAPL")
    # Each time one of each; and no more than a few before the fault was seen.
    assert bad.publish.connections <= 8
