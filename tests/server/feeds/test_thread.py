import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from server.feeds.base import BarBatch, Feed, FeedEvent, FeedReport, HistoryEnd, Listing
from server.feeds.pacing import PacedFeed
from server.feeds.thread import FeedThread
from shared.contract import Int64
from shared.errors import DataError, PluginError
from shared.markets import MARKETS
from tests.kit.feeds import MadeFeed, StuckFeed, WaitingFeed
from tests.kit.house import SYMBOLS, bars
from tests.kit.waiting import LIMIT_MS

LISTING = Listing(
    symbols=SYMBOLS,
    names=SYMBOLS,
    markets=("",) * 3,
    market=MARKETS["krx"],
    interval="1d",
    label="made",
    simulated=True,
)


def made(*events: FeedEvent, error: Exception | None = None) -> MadeFeed:
    return MadeFeed(LISTING, *events, error=error)


@contextmanager
def playing(feed: Feed, stop_s: float = LIMIT_MS / 1_000) -> Iterator[FeedThread]:
    with FeedThread("made", feed, stop_s) as thread:
        thread.start()
        yield thread


def is_readable(feed: FeedThread, wait_s: float) -> bool:
    return bool(select.select([feed], [], [], wait_s)[0])


def taken(feed: FeedThread, count: int) -> list[float | str]:
    """Take news: the close of a batch's first bar, or the word."""
    news: list[float | str] = []
    for _ in range(count):
        assert is_readable(feed, LIMIT_MS / 1_000)
        item = feed.take()
        news.append(float(item.ohlcv[0, 3]) if isinstance(item, BarBatch) else str(item))
    return news


def feed_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("feed")]


def test_history_then_live_then_the_end() -> None:
    history = bars(1, (1.0,), history=True)
    with playing(made(history, history, bars(2, (2.0,)), bars(3, (3.0,)))) as thread:
        assert taken(thread, 6) == [1.0, 1.0, "live", 2.0, 3.0, "ended"]


def test_a_market_is_live_at_the_end_of_its_history_even_before_a_bar() -> None:
    feed = WaitingFeed(LISTING, bars(1, (1.0,), history=True), HistoryEnd())
    with playing(feed) as thread:
        assert taken(thread, 2) == [1.0, "live"]


def test_what_a_feed_says_of_itself_is_handed_over_and_is_not_live() -> None:
    report = FeedReport(sentence="half of it")
    with playing(made(report, bars(1, (1.0,), history=True))) as thread:
        assert taken(thread, 3) == [str(report), 1.0, "ended"]


def test_live_is_said_once() -> None:
    with playing(made(HistoryEnd(), bars(2, (2.0,)), bars(3, (3.0,)))) as thread:
        assert taken(thread, 4) == ["live", 2.0, 3.0, "ended"]


def test_a_feed_of_history_alone_ends_without_having_been_live() -> None:
    with playing(made(bars(1, (1.0,), history=True))) as thread:
        assert taken(thread, 2) == [1.0, "ended"]


def test_what_a_feed_raises_is_raised_by_take() -> None:
    with playing(made(bars(1, (1.0,)), error=DataError("row 7 is no bar"))) as thread:
        assert taken(thread, 2) == ["live", 1.0]
        with pytest.raises(DataError, match="row 7"):
            taken(thread, 1)


@pytest.mark.parametrize(
    ("feed", "sentence"),
    [
        (made(error=KeyError("price")), "'made' .*KeyError: 'price'"),
        (made(bars(1, (1.0,), rows=(3,))), r"'made' .*rows must lie within 0\.\.2"),
        (made(bars(1, (1.0,), rows=(-1,))), r"'made' .*rows must lie within 0\.\.2"),
    ],
)
def test_nonsense_becomes_one_error_that_names_the_feed(feed: MadeFeed, sentence: str) -> None:
    with (
        capture_logs() as logs,
        playing(feed) as thread,
        pytest.raises(PluginError, match=sentence),
    ):
        taken(thread, 2)
    assert [(e["log_level"], e["feed"]) for e in logs] == [("error", "made")]
    assert feed.closed == 1


def test_an_event_that_is_none_is_refused() -> None:
    feed = made()
    events: Any = ["a bar"]
    vars(feed)["_events"] = events
    with (
        capture_logs(),
        playing(feed) as thread,
        pytest.raises(PluginError, match=r"TypeError: .*: str"),
    ):
        taken(thread, 1)


def test_a_feed_waits_for_who_takes() -> None:
    feed = made(*[bars(day, (1.0,)) for day in range(1, 101)])
    with playing(feed) as thread:
        assert is_readable(thread, LIMIT_MS / 1_000)
        assert feed.given <= 10
        assert taken(thread, 102)[-1] == "ended"
    assert feed.given == 100


def test_stopping_does_not_wait_for_the_next_bar() -> None:
    feed = made(HistoryEnd(), bars(1, (1.0,)), bars(2, (2.0,)))
    with playing(PacedFeed(feed, 1e6)) as thread:
        assert taken(thread, 1) == ["live"]
    assert feed.given <= 2
    assert (feed.stopped.is_set(), feed.closed) == (True, 1)
    assert not feed_threads()


@pytest.mark.parametrize("read", [0, 1, 5])
def test_stopping_a_feed_that_waits_for_who_takes(read: int) -> None:
    feed = made(*[bars(1, (1.0,))] * 50)
    with playing(feed) as thread:
        taken(thread, read)
    assert not feed_threads()
    assert feed.closed == 1


def test_stopping_a_feed_that_waits_for_its_source() -> None:
    feed = WaitingFeed(LISTING, bars(1, (1.0,)))
    with playing(feed) as thread:
        assert taken(thread, 2) == ["live", 1.0]
    assert not feed_threads()
    assert feed.closed == 1


def test_a_feed_that_does_not_stop_is_left_behind_with_one_sentence() -> None:
    feed = StuckFeed(LISTING, bars(1, (1.0,)))
    with capture_logs() as logs:
        with playing(feed, 0.05) as thread:
            assert taken(thread, 2) == ["live", 1.0]
            assert feed.waiting.wait(LIMIT_MS / 1_000)
        # Nobody has freed it: a thread that was waited for would not have been left.
        left = [t.name for t in feed_threads()]
    assert [(e["log_level"], e["feed"]) for e in logs] == [("error", "made")]
    assert "feed" in left
    assert all(t.daemon for t in feed_threads())
    feed.freed.set()
    for t in feed_threads():
        t.join()
    assert feed.closed == 1


def test_a_feed_that_was_never_started_is_closed_all_the_same() -> None:
    feed = made(bars(1, (1.0,)))
    with FeedThread("made", feed):
        pass
    assert (feed.given, feed.closed) == (0, 1)
    assert not feed_threads()


class Grumbling(MadeFeed):
    def stop(self) -> None:
        raise RuntimeError("not now")

    def close(self) -> None:
        raise RuntimeError("never")


def test_what_a_feed_raises_at_its_end_is_said_and_harms_nobody() -> None:
    with capture_logs() as logs, playing(Grumbling(LISTING, bars(1, (1.0,)))) as thread:
        assert taken(thread, 3) == ["live", 1.0, "ended"]
    assert sorted(e["reason"].split(": ")[-1] for e in logs) == ["never", "not now"]


class Choosy(MadeFeed):
    def __init__(self) -> None:
        super().__init__(LISTING)
        self.told: list[list[int]] = []

    def attend(self, rows: Int64) -> None:
        self.told.append(rows.tolist())
        if len(rows) > 1:
            raise RuntimeError("too many")


def test_a_feed_hears_of_changes_alone_whom_to_care_for_first() -> None:
    feed = Choosy()
    with capture_logs() as logs, FeedThread("made", feed) as thread:
        for rows in ([], [1], [1], [1, 2], []):
            thread.attend(np.array(rows, np.int64))
    assert feed.told == [[1], [1, 2], []]
    assert [e["reason"].split(": ")[-1] for e in logs] == ["too many"]
    with FeedThread("made", made()) as thread:
        thread.attend(np.array([1], np.int64))  # who plays a file cares for all alike


def test_there_is_something_to_read_once_for_each_news() -> None:
    with playing(made(bars(1, (1.0,)))) as thread:
        taken(thread, 3)
        assert not is_readable(thread, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": np.array([0.0])},
        {"rows": np.array([[0]])},
        {"bar_ms": np.array([1, 2])},
        {"ohlcv": np.zeros((1, 4))},
        {"ohlcv": np.zeros((1, 5), np.float32)},
    ],
)
def test_a_batch_of_nonsense_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        BarBatch(**vars(bars(1, (1.0,))) | changes)
