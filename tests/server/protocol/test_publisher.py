from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import zmq

from server.protocol.publisher import SEND_LIMIT, Publisher, Subscriptions
from server.protocol.sequencer import Sequencer
from shared.protocol import wire
from shared.protocol.messages import Status
from tests.kit.house import SYMBOLS, Context
from tests.kit.messages import a_message
from tests.kit.waiting import LIMIT_MS

WANTED_BY = {
    b"heatmap/005930/": ([1], []),
    b"bar/005930/": ([], [1]),
    b"heatmap/BTC%2FUSDT/": ([2], []),
    b"heatmap/": ([0, 1, 2], []),
    b"heatmap/00": ([0, 1], []),
    b"": ([0, 1, 2], [0, 1, 2]),
    b"heatmap/5930/": ([], []),
    b"confidence/": ([], []),
}


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


def looked_at(subscriptions: Subscriptions) -> tuple[list[int], list[int]]:
    wanted = subscriptions.wanted
    return wanted.heatmap.nonzero()[0].tolist(), wanted.bar.nonzero()[0].tolist()


@pytest.mark.parametrize("prefix", WANTED_BY)
def test_a_prefix_wants_the_tickers_it_begins(prefix: bytes) -> None:
    subscriptions = Subscriptions(SYMBOLS)
    subscriptions.note(b"\1" + prefix)
    assert looked_at(subscriptions) == WANTED_BY[prefix]
    subscriptions.note(b"\0" + prefix)
    assert looked_at(subscriptions) == ([], [])


def test_a_ticker_is_wanted_until_its_last_prefix_is_gone() -> None:
    subscriptions = Subscriptions(SYMBOLS)
    for frame in (b"\1heatmap/", b"\1heatmap/005930/", b"\0heatmap/"):
        subscriptions.note(frame)
    assert looked_at(subscriptions) == ([1], [])


@pytest.mark.parametrize("frame", [b"", b"\2heatmap/", b"heatmap/", b"\0heatmap/005930/"])
def test_frames_that_are_no_subscription_mean_nothing(frame: bytes) -> None:
    subscriptions = Subscriptions(SYMBOLS)
    subscriptions.note(frame)
    assert looked_at(subscriptions) == ([], [])


def test_a_prefix_that_is_named_twice_counts_once() -> None:
    subscriptions = Subscriptions(SYMBOLS)
    for frame in (b"\1bar/005930/", b"\1bar/005930/", b"\0bar/005930/"):
        subscriptions.note(frame)
    assert looked_at(subscriptions) == ([], [])


def test_subscribers_are_seen_coming_and_going(context: Context) -> None:
    with publishing(context) as (publisher, socket):
        with subscriber(context, publisher.endpoint, b"heatmap/005930/"):
            assert socket.poll(LIMIT_MS)
            publisher.read_subscriptions()
            assert looked_at(publisher.subscriptions) == ([1], [])
        assert socket.poll(LIMIT_MS)
        publisher.read_subscriptions()
        assert looked_at(publisher.subscriptions) == ([], [])


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


@pytest.mark.parametrize("prefix", WANTED_BY)
def test_subscriptions_follow_the_tickers(prefix: bytes) -> None:
    subscriptions = Subscriptions(())
    subscriptions.note(b"\1" + prefix)
    subscriptions.follow(SYMBOLS)
    assert looked_at(subscriptions) == WANTED_BY[prefix]
    subscriptions.note(b"\0" + prefix)
    assert looked_at(subscriptions) == ([], [])


def test_who_waits_for_a_ticker_has_it_when_it_comes_under_that_name() -> None:
    subscriptions = Subscriptions(SYMBOLS)
    subscriptions.note(b"\1bar/NEW/")
    assert looked_at(subscriptions) == ([], [])
    subscriptions.follow((*SYMBOLS, "NEW"))
    assert looked_at(subscriptions) == ([], [3])
    subscriptions.follow(("NEW", *SYMBOLS[1:], "NEXT"))
    assert looked_at(subscriptions) == ([], [0])
