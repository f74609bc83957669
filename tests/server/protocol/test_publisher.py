from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import zmq

from server.protocol.publisher import READ_AT_ONCE, SEND_LIMIT, Publisher
from server.protocol.sequencer import Sequencer
from shared.protocol import wire
from shared.protocol.messages import Status
from tests.kit.house import SYMBOLS, Context
from tests.kit.messages import a_message
from tests.kit.waiting import LIMIT_MS


@pytest.fixture
def statuses() -> list[Status]:
    stamps = Sequencer("run", "net@01234567")
    return [
        a_message(
            Status,
            stamp=stamps.published("status", 0, 0),
            feed="x" * 200,
            dropped={f"{i:0200}": 0 for i in range(100)},  # 20 kB, so that buffers fill
        )
        for _ in range(4 * SEND_LIMIT)
    ]


@contextmanager
def subscriber(
    context: Context, endpoint: str, *topics: bytes, limit: int = 0
) -> Iterator[zmq.Socket[bytes]]:
    with context.socket(zmq.SUB) as socket:
        socket.rcvhwm = limit
        socket.connect(endpoint)
        for topic in topics:
            socket.subscribe(topic)
        yield socket


@contextmanager
def publishing(context: Context) -> Iterator[tuple[Publisher, zmq.Socket[bytes]]]:
    with context.socket(zmq.XPUB) as socket:
        yield Publisher(socket, "tcp://127.0.0.1:*", SYMBOLS), socket


def heatmaps_wanted(publisher: Publisher) -> list[int]:
    wanted: list[int] = publisher.subscriptions.wanted.heatmap.nonzero()[0].tolist()
    return wanted


def test_subscribers_are_seen_coming_and_going(context: Context) -> None:
    with publishing(context) as (publisher, socket):
        with subscriber(context, publisher.endpoint, b"heatmap/005930/"):
            assert socket.poll(LIMIT_MS)
            publisher.read_subscriptions()
            assert heatmaps_wanted(publisher) == [1]
        assert socket.poll(LIMIT_MS)
        publisher.read_subscriptions()
        assert heatmaps_wanted(publisher) == []


def test_what_is_published_reaches_who_subscribed(context: Context, statuses: list[Status]) -> None:
    with (
        publishing(context) as (publisher, socket),
        subscriber(context, publisher.endpoint, b"status/") as reader,
    ):
        assert socket.poll(LIMIT_MS)
        publisher.publish(statuses[:2])
        for sequence in (1, 2):
            assert reader.poll(LIMIT_MS)
            got = wire.decode_published(reader.recv_multipart())
            assert got.stamp.sequence == sequence


def test_one_who_does_not_read_holds_up_nobody(context: Context, statuses: list[Status]) -> None:
    with (
        publishing(context) as (publisher, socket),
        subscriber(context, publisher.endpoint, b"status/") as reader,
        subscriber(context, publisher.endpoint, b"", limit=1),
    ):
        publisher_sees(publisher, socket, b"", b"status/")
        for status in statuses:
            publisher.publish([status])
            assert reader.poll(LIMIT_MS)
            got = wire.decode_published(reader.recv_multipart())
            assert got.stamp.sequence == status.stamp.sequence


def publisher_sees(publisher: Publisher, socket: zmq.Socket[bytes], *prefixes: bytes) -> None:
    missing = set(prefixes)
    while missing:
        assert socket.poll(LIMIT_MS)
        frame = socket.recv()
        publisher.subscriptions.note(frame)
        missing.discard(frame[1:])


def test_the_first_who_wants_the_status_is_noticed(context: Context) -> None:
    with context.socket(zmq.XPUB) as socket, context.socket(zmq.SUB) as desk:
        publisher = Publisher(socket, "tcp://127.0.0.1:*", ())
        desk.connect(publisher.endpoint)
        for prefix, newcomer in ((b"buy/", False), (b"status/", True)):
            desk.subscribe(prefix)
            assert socket.poll(LIMIT_MS)
            assert publisher.read_subscriptions() == newcomer


def test_a_flood_of_subscriptions_is_taken_in_small_parts_between_other_work(
    context: Context,
) -> None:
    symbols = tuple(f"{i:06}" for i in range(3_000))
    flood = 20_000
    with (
        context.socket(zmq.XPUB) as socket,
        context.socket(zmq.SUB) as greedy,
    ):
        publisher = Publisher(socket, "tcp://127.0.0.1:*", symbols)
        greedy.sndhwm = 0
        greedy.connect(publisher.endpoint)
        for i in range(flood):
            greedy.subscribe(b"heatmap/%06d/" % i)
        taken = turns = 0
        while taken < flood:
            assert socket.poll(LIMIT_MS)
            publisher.read_subscriptions()
            kept = len(publisher.subscriptions) + publisher.subscriptions.ignored
            assert kept - taken <= READ_AT_ONCE  # what is left waits for the next turn
            taken, turns = kept, turns + 1
        assert turns >= flood / READ_AT_ONCE
        assert publisher.subscriptions.wanted.heatmap.all()
