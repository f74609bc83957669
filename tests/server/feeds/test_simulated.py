import datetime as dt
import itertools
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.data.bars import validate
from server.feeds.base import BarBatch, HistoryEnd
from server.feeds.simulated import HISTORY, QUARTERS, SimulatedFeed
from shared.contract import Float64, Int64
from tests.kit.house import RULES


def played(feed: SimulatedFeed, batches: int) -> list[BarBatch]:
    return list(itertools.islice(batches_of(feed), batches))


def batches_of(feed: SimulatedFeed) -> Iterator[BarBatch]:
    return (event for event in feed.events() if isinstance(event, BarBatch))


@pytest.fixture(scope="module")
def year() -> tuple[Int64, Float64]:
    """Times (20, t) and closed bars (20, t, 5) of two years."""
    closed = [b for b in played(SimulatedFeed(20, 1), HISTORY + 4 * 250) if b.closed]
    times = np.stack([b.bar_ms for b in closed], axis=1)
    return times, np.stack([b.ohlcv for b in closed], axis=1)


def test_the_same_seed_gives_the_same_market() -> None:
    first, again, other = (played(SimulatedFeed(5, seed), 4)[-1] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.ohlcv, again.ohlcv)
    assert not np.array_equal(first.ohlcv, other.ohlcv)


def test_history_comes_at_once_and_days_in_quarters() -> None:
    batches = played(SimulatedFeed(2, 7), HISTORY + 2 * QUARTERS)
    assert all(b.history and b.closed for b in batches[:HISTORY])
    live = batches[HISTORY:]
    assert not any(b.history for b in live)
    assert [b.closed for b in live] == [False, False, False, True] * 2


def test_the_end_of_history_is_said_once_where_it_is() -> None:
    events = list(itertools.islice(SimulatedFeed(2, 7).events(), HISTORY + QUARTERS))
    assert [i for i, e in enumerate(events) if isinstance(e, HistoryEnd)] == [HISTORY]


@pytest.mark.parametrize("known", [HISTORY - 3, HISTORY - 1, HISTORY + 2 * QUARTERS - 1])
def test_a_market_that_goes_on_is_the_one_that_never_stopped(known: int) -> None:
    whole = played(SimulatedFeed(40, 7), HISTORY + 6 * QUARTERS)
    again = SimulatedFeed(40, 7)
    again.resume(int(whole[known].bar_ms[0]))
    events = list(itertools.islice(again.events(), len(whole) - known))
    later = [event for event in events if isinstance(event, BarBatch)]
    assert len(later) == len(events) - 1  # the end of history
    for one, other in zip(whole[known + 1 :], later, strict=True):
        np.testing.assert_array_equal(one.ohlcv, other.ohlcv)
        assert (one.bar_ms[0], one.history, one.closed) == (
            *(other.bar_ms[0], other.history, other.closed),
        )


def test_a_market_that_is_stopped_passes_no_more_days() -> None:
    feed = SimulatedFeed(2, 7)
    feed.resume(2**62)
    feed.stop()
    assert list(feed.events()) == []


def test_a_forming_bar_grows_into_its_close() -> None:
    day = [b.ohlcv for b in played(SimulatedFeed(50, 7), HISTORY + QUARTERS)[HISTORY:]]
    for before, after in itertools.pairwise(day):
        np.testing.assert_array_equal(before[:, 0], after[:, 0])
        assert (after[:, 1] >= before[:, 1]).all()
        assert (after[:, 2] <= before[:, 2]).all()
        assert (after[:, 4] >= before[:, 4]).all()


def test_days_close_at_half_past_three_in_seoul_on_weekdays(year: tuple[Int64, Float64]) -> None:
    seoul = ZoneInfo("Asia/Seoul")
    closes = [dt.datetime.fromtimestamp(ms / 1000, seoul) for ms in year[0][0].tolist()]
    assert {(c.hour, c.minute) for c in closes} == {(15, 30)}
    assert {c.weekday() for c in closes} == {0, 1, 2, 3, 4}
    assert all(a < b for a, b in itertools.pairwise(closes))


def test_every_bar_is_accepted_without_mending_or_cutting(year: tuple[Int64, Float64]) -> None:
    nothing = np.zeros(20)
    verdict = validate(*year, nothing.astype(np.int64), nothing, RULES)
    assert verdict.counts() == {}


def test_prices_stand_on_the_exchange_s_steps(year: tuple[Int64, Float64]) -> None:
    prices = year[1][..., :4]
    assert (prices == np.round(prices)).all()
    assert (prices[prices >= 500_000] % 1_000 == 0).all()
    assert (prices[(prices >= 20_000) & (prices < 50_000)] % 50 == 0).all()


def test_returns_cluster_have_fat_tails_and_come_with_volume(year: tuple[Int64, Float64]) -> None:
    close, volume = year[1][..., 3], year[1][..., 4]
    returns = np.diff(np.log(close), axis=1)
    size = np.abs(returns)
    spread = returns - returns.mean(axis=1, keepdims=True)
    kurtosis = (spread**4).mean(axis=1) / (spread**2).mean(axis=1) ** 2
    together = [np.corrcoef(s, np.log(v[1:]))[0, 1] for s, v in zip(size, volume, strict=True)]
    clustered = [np.corrcoef(s[1:], s[:-1])[0, 1] for s in size]
    assert np.median(kurtosis) > 4  # a normal distribution has 3
    assert np.mean(together) > 0.2
    assert np.mean(clustered) > 0.05
    assert 0.01 < returns.std() < 0.05


def test_prices_stay_sane_for_decades() -> None:
    batches = itertools.islice(batches_of(SimulatedFeed(10, 2)), HISTORY, HISTORY + 4 * 5_000)
    close = np.stack([b.ohlcv[:, 3] for b in batches if b.closed])
    assert (close.max(axis=0) / close.min(axis=0) < 40).all()
    assert close.min() > 100


def test_the_market_ends_before_the_calendar_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.feeds.simulated._LAST_DAY", dt.date(2024, 1, 9))
    batches = list(batches_of(SimulatedFeed(1, 7)))
    assert len(batches) == 5  # Tuesday 2 to Monday 8 January without the weekend
