import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol.subscriptions import MAX_OTHERS, Subscriptions
from shared.protocol import wire
from tests.kit.for_each import for_each
from tests.kit.house import SYMBOLS

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


def looked_at(subscriptions: Subscriptions) -> tuple[list[int], list[int]]:
    wanted = subscriptions.wanted
    return wanted.heatmap.nonzero()[0].tolist(), wanted.bar.nonzero()[0].tolist()


@for_each("prefix", WANTED_BY)
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


@for_each("prefix", WANTED_BY)
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


SYMBOL = st.text("AB/é", min_size=1, max_size=3)
PREFIX = st.one_of(
    SYMBOL.map(lambda s: wire.topic("bar", s)),
    SYMBOL.map(lambda s: wire.topic("heatmap", s)),
    st.sampled_from(["", "b", "bar/", "heatmap/", "bar/A", "bar/%", "bar/%C3", "heat", "x"]).map(
        str.encode
    ),
    st.binary(max_size=3),
)


@given(
    symbols=st.lists(SYMBOL, max_size=8),
    later=st.lists(SYMBOL, max_size=8),
    steps=st.lists(st.tuples(st.sampled_from([b"\1", b"\0"]), PREFIX), max_size=20),
)
def test_the_tickers_wanted_are_those_whose_topic_begins_with_a_prefix_that_is_held(
    symbols: list[str], later: list[str], steps: list[tuple[bytes, bytes]]
) -> None:
    subscriptions, held = Subscriptions(tuple(symbols)), set[bytes]()
    for step, prefix in steps:
        subscriptions.note(step + prefix)
        held = held | {prefix} if step == b"\1" else held - {prefix}
    for listed in (symbols, later):
        subscriptions.follow(tuple(listed))
        for kind, seen in zip(("heatmap", "bar"), looked_at(subscriptions), strict=True):
            topics = [wire.topic(kind, symbol) for symbol in listed]
            named = [any(t.startswith(p) for p in held) for t in topics]
            assert seen == np.flatnonzero(named).tolist()


class Counted(bytes):
    """A topic that counts how often any is looked at."""

    looks = 0

    def __lt__(self, other: bytes) -> bool:
        Counted.looks += 1
        return bytes(self) < other


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> Iterator[Subscriptions]:
    """3,000 tickers whose topics count."""
    monkeypatch.setattr(
        "server.protocol.subscriptions.topic",
        lambda kind, symbol="": Counted(wire.topic(kind, symbol)),
    )
    yield Subscriptions(tuple(f"{i:06}" for i in range(3_000)))
    Counted.looks = 0


@pytest.mark.parametrize("prefix", [b"heatmap/001234/", b"bar/", b"", b"heatmap/0", b"x", b"bar/9"])
def test_a_prefix_costs_as_much_as_finding_a_name_in_a_book(
    many: Subscriptions, prefix: bytes
) -> None:
    Counted.looks = 0
    many.note(b"\1" + prefix)
    many.note(b"\0" + prefix)
    # The two ends of what begins with it, in each of two lists; and all that twice.
    assert Counted.looks <= 2 * 2 * 2 * (math.ceil(math.log2(3_000)) + 1)


def test_one_who_names_anything_fills_no_memory_and_hides_nobody_s_tickers() -> None:
    symbols = tuple(f"{i:06}" for i in range(3_000))
    subscriptions = Subscriptions(symbols)
    for i in range(20_000):
        subscriptions.note(b"\1junk%d" % i)
    for symbol in symbols:
        subscriptions.note(b"\1" + wire.topic("bar", symbol))
    assert len(subscriptions) == MAX_OTHERS + len(symbols)
    assert subscriptions.ignored == 20_000 - MAX_OTHERS
    assert subscriptions.wanted.bar.all()
    for i in range(20_000):
        subscriptions.note(b"\0junk%d" % i)
    assert len(subscriptions) == len(symbols)
