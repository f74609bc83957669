import threading
from collections.abc import Iterator

import pytest
import zmq

from server.feeds.base import BarBatch, Listing
from server.feeds.thread import FeedThread
from shared.errors import DataError
from shared.markets import MARKETS
from tests.kit.house import LIMIT_MS, SYMBOLS, Context, bars

LISTING = Listing(
    symbols=SYMBOLS,
    names=SYMBOLS,
    markets=("",) * 3,
    market=MARKETS["krx"],
    interval="1d",
    label="made",
    simulated=True,
)


class MadeFeed:
    """Plays what a test made, then fails if it is told to."""

    def __init__(self, *batches: BarBatch, error: Exception | None = None) -> None:
        self.listing = LISTING
        self.given = 0
        self._batches, self._error = batches, error

    def batches(self) -> Iterator[BarBatch]:
        for batch in self._batches:
            self.given += 1
            yield batch
        if self._error is not None:
            raise self._error


def taken(feed: FeedThread, count: int) -> list[float | str]:
    """Take news: the close of a batch's first bar, or the word."""
    news: list[float | str] = []
    for _ in range(count):
        assert feed.socket.poll(LIMIT_MS)
        item = feed.take()
        news.append(item if isinstance(item, str) else float(item.ohlcv[0, 3]))
    return news


def feed_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("feed")]


def test_history_then_live_then_the_end(context: Context) -> None:
    history = bars(1, (1.0,), history=True)
    feed = MadeFeed(history, history, bars(2, (2.0,), wait=1.0), bars(3, (3.0,), wait=1.0))
    with FeedThread(context, feed, 0.0) as thread:
        assert taken(thread, 6) == [1.0, 1.0, "live", 2.0, 3.0, "ended"]


def test_a_feed_of_history_alone_ends_without_having_been_live(context: Context) -> None:
    with FeedThread(context, MadeFeed(bars(1, (1.0,), history=True)), 0.0) as thread:
        assert taken(thread, 2) == [1.0, "ended"]


def test_what_a_feed_raises_is_raised_by_take(context: Context) -> None:
    feed = MadeFeed(bars(1, (1.0,)), error=DataError("row 7 is no bar"))
    with FeedThread(context, feed, 0.0) as thread:
        assert taken(thread, 2) == ["live", 1.0]
        with pytest.raises(DataError, match="row 7"):
            taken(thread, 1)


def test_a_feed_waits_for_who_takes(context: Context) -> None:
    feed = MadeFeed(*[bars(day, (1.0,)) for day in range(1, 101)])
    with FeedThread(context, feed, 0.0) as thread:
        assert thread.socket.poll(LIMIT_MS)
        assert feed.given <= 10
        assert taken(thread, 102)[-1] == "ended"
    assert feed.given == 100


def test_stopping_does_not_wait_for_the_next_bar(context: Context) -> None:
    feed = MadeFeed(bars(1, (1.0,), wait=1.0), bars(2, (2.0,), wait=1.0))
    with FeedThread(context, feed, 1e6) as thread:
        assert taken(thread, 1) == ["live"]
    assert feed.given == 1
    assert not feed_threads()


@pytest.mark.parametrize("read", [0, 1, 5])
def test_stopping_a_feed_that_waits_for_who_takes(context: Context, read: int) -> None:
    with FeedThread(context, MadeFeed(*[bars(1, (1.0,))] * 50), 0.0) as thread:
        taken(thread, read)
    assert not feed_threads()


def test_bars_are_paced(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    # A clock that only moves while the thread waits shows how long it meant to.
    clock = Clock()
    monkeypatch.setattr("server.feeds.thread.time.monotonic", clock.now)
    batches = [bars(day, (1.0,), wait=wait) for day, wait in enumerate((0.25, 0.25, 0.5), 1)]
    thread = FeedThread(context, MadeFeed(*batches), 8.0)
    monkeypatch.setattr(thread, "_stop", clock)
    with thread:
        assert taken(thread, 5) == ["live", 1.0, 1.0, 1.0, "ended"]
    assert clock.waits == [2.0, 2.0, 4.0]


class Clock(threading.Event):
    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def now(self) -> float:
        return sum(self.waits)

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return False


def test_the_socket_is_readable_once_for_each_news(context: Context) -> None:
    with FeedThread(context, MadeFeed(bars(1, (1.0,))), 0.0) as thread:
        taken(thread, 3)
        assert not thread.socket.poll(0)
        with pytest.raises(zmq.Again):
            thread.socket.recv(zmq.NOBLOCK)
