import itertools
import threading

import pytest

from server.feeds.base import BarBatch, HistoryEnd
from server.feeds.pacing import PacedFeed, batch_seconds
from server.feeds.settings import Speed
from server.feeds.simulated import HISTORY, SimulatedFeed
from tests.kit.feeds import MadeFeed
from tests.kit.house import DAY_MS, bars
from tests.server.feeds.test_thread import LISTING


class Clock(threading.Event):
    """A clock that only moves while the feed waits shows how long it meant to."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def now(self) -> float:
        return sum(self.waits)

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return self.is_set()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("server.feeds.pacing.time.monotonic", clock.now)
    return clock


def paced(
    feed: MadeFeed, batch_s: float, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> PacedFeed:
    paced = PacedFeed(feed, batch_s)
    monkeypatch.setattr(paced, "_stopped", clock)
    return paced


def test_bars_are_paced(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = MadeFeed(LISTING, *[bars(day, (1.0,)) for day in (1, 2, 3)])
    assert len(list(paced(feed, 2.0, clock, monkeypatch).events())) == 3
    assert clock.waits == [2.0, 2.0, 2.0]


def test_history_and_its_end_are_not_waited_for(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = bars(1, (1.0,), history=True)
    feed = MadeFeed(LISTING, history, history, HistoryEnd(), bars(2, (2.0,)))
    events = paced(feed, 2.0, clock, monkeypatch).events()
    assert [next(events), next(events), next(events)] == [history, history, HistoryEnd()]
    assert clock.waits == []
    assert len(list(events)) == 1
    assert clock.waits == [2.0]


def test_a_late_taker_gets_no_burst(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    events = paced(
        MadeFeed(LISTING, *[bars(day, (1.0,)) for day in (1, 2, 3)]), 2.0, clock, monkeypatch
    ).events()
    next(events)
    clock.waits.append(7.0)  # the taker was away
    assert len(list(events)) == 2
    assert clock.waits == [2.0, 7.0, 0.0, 2.0]


def test_a_stop_reaches_the_feed_behind_and_ends_the_waiting(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = MadeFeed(LISTING, bars(1, (1.0,)))
    played = paced(feed, 2.0, clock, monkeypatch)
    played.stop()
    assert list(played.events()) == []
    played.close()
    assert (feed.stopped.is_set(), feed.closed) == (True, 1)


@pytest.mark.parametrize(
    ("speed", "batches", "seconds"), [(60.0, 1, 1.0), (30.0, 4, 0.5), ("max", 4, 0.0)]
)
def test_a_speed_counts_bars_a_minute(speed: Speed, batches: int, seconds: float) -> None:
    assert batch_seconds(speed, batches) == seconds


def test_a_market_that_goes_on_is_history_up_to_where_it_stopped(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    past, days = bars(1, (1.0,), history=True), [bars(day, (1.0,)) for day in (2, 3, 4)]
    forming = bars(2, (1.0,), closed=False)
    feed = paced(MadeFeed(LISTING, past, HistoryEnd(), forming, *days), 2.0, clock, monkeypatch)
    feed.resume(2 * DAY_MS)
    *before, end, third, fourth = list(feed.events())
    known = [(e.bar_ms[0], e.history) for e in before if isinstance(e, BarBatch)]
    assert known == [(DAY_MS, True), (2 * DAY_MS, True)]
    assert end == HistoryEnd()
    assert [third, fourth] == days[1:]
    assert len(clock.waits) == 2  # for what is new


def test_a_feed_that_goes_on_by_itself_is_told_where_from() -> None:
    market = SimulatedFeed(3, 7)
    known = list(itertools.islice(market.events(), HISTORY + 1))[-2]
    assert isinstance(known, BarBatch)
    feed = PacedFeed(market, 0.0)
    feed.resume(int(known.bar_ms[0]))
    assert next(iter(feed.events())) == HistoryEnd()
