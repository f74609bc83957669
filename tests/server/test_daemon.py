import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest
from structlog.testing import capture_logs

from models.bundles.bundle import Bundle
from models.data.bars import DropReason
from models.inference.engine import Engine
from models.inference.served import served_of
from server.alerts.base import AlertEvent, BuyEvent, ServerEvent
from server.feeds.base import FeedEvent, ListedTicker, Listing, ListingChange
from server.feeds.replay import ReplayFeed
from server.feeds.settings import ReplaySettings
from server.figures import Figures
from server.market.judging import check_interval
from shared.columns import DECIDED
from shared.contract import Int64
from shared.errors import BundleError, DataError
from shared.protocol import wire
from shared.protocol.explanations import Methods
from shared.protocol.messages import Bar, Buy, Confidence, Heatmap, Status
from shared.protocol.requests import GetMethods
from shared.settings import ServerSettings
from tests.kit.feeds import MadeFeed
from tests.kit.house import DAY_MS, FULL, SYMBOLS, Context, House, bars
from tests.kit.made_process import MadeProcess
from tests.kit.running_server import running
from tests.kit.waiting import LIMIT_MS, wait_for


class GatedFeed(MadeFeed):
    """Three tickers with full windows; days go on when a test opens the gate."""

    def __init__(
        self, listing: Listing, *events: FeedEvent, error: Exception | None = None
    ) -> None:
        super().__init__(listing, *events, error=error)
        self.gate = threading.Event()

    def events(self) -> Iterator[FeedEvent]:
        for day in range(1, FULL + 1):
            yield bars(day, (100.0, 100.0, 100.0), history=True)
        self.gate.wait()
        yield from super().events()

    def stop(self) -> None:
        self.gate.set()


@pytest.fixture
def listing(house: House) -> Listing:
    return house.listing


def test_a_server_starts_lives_ends_and_says_goodbye(
    context: Context, follower: Bundle, listing: Listing
) -> None:
    feed = GatedFeed(listing, bars(FULL + 1, (102.0, 98.0, 100.0)))
    with running(context, feed, follower) as desk:
        first = desk.hear()
        assert isinstance(first, Status)
        assert (first.state, first.tickers) == ("starting", 3)
        feed.gate.set()
        heard = desk.hear_until("ended")
        desk.stop.ask()
        heard += desk.hear_until("goodbye")
        desk.ran.result()
    states = dict.fromkeys(m.state for m in heard if isinstance(m, Status))
    assert [s for s in states if s != "starting"] == ["live", "ended", "goodbye"]
    last = heard[-1]
    assert isinstance(last, Status)
    assert (last.accepted, last.decided, last.dropped) == (3 * FULL + 3, 3, {})
    assert [m.stamp.sequence for m in heard] == list(
        range(heard[0].stamp.sequence, heard[0].stamp.sequence + len(heard))
    )


def test_a_desk_hears_what_the_cycle_says_and_asks_for_the_rest(
    context: Context, made_bundle: Bundle, listing: Listing
) -> None:
    days = [bars(FULL + 1, (102.0, 98.0, 100.0)), bars(FULL + 2, (101.0, 99.0, 103.0))]
    feed = GatedFeed(listing, *days)
    topics = (b"confidence/", b"buy/", b"heatmap/BTC%2FUSDT/", b"bar/005930/")
    with running(context, feed, made_bundle, *topics) as desk:
        desk.hear()
        feed.gate.set()
        heard = desk.hear_until("ended")
        snapshot = desk.snapshot()
    counts = Counter(type(m) for m in heard)
    assert (counts[Confidence], counts[Heatmap], counts[Bar]) == (2, 2, 2)
    newest = [m for m in heard if isinstance(m, Confidence)][-1]
    assert newest.symbols == snapshot.symbols == SYMBOLS
    np.testing.assert_array_equal(newest.probabilities, snapshot.probabilities)
    assert snapshot.confidence_sequence == newest.stamp.sequence == 2
    assert {m.stamp.run_id for m in heard} == {snapshot.stamp.run_id}
    heatmap = [m for m in heard if isinstance(m, Heatmap)][-1]
    expected = Engine(served_of(made_bundle)).explain(heatmap.raw[None].copy())
    np.testing.assert_allclose(heatmap.saliency, expected.saliency[0], rtol=0, atol=1e-6)
    assert all(m.symbols for m in heard if isinstance(m, Buy))


def test_who_watches_is_told_what_was_counted_to_the_last_word(
    context: Context, follower: Bundle, listing: Listing
) -> None:
    feed = GatedFeed(listing, bars(FULL + 1, (102.0, 98.0, 100.0)))
    told: list[Figures] = []
    with running(context, feed, follower, watchers=(told.append,)) as desk:
        desk.hear()
        feed.gate.set()
        desk.hear_until("ended")
        desk.snapshot()
        desk.stop.ask()
        desk.ran.result()
    assert [told[0].status.state, told[-1].status.state] == ["starting", "goodbye"]
    last = told[-1]
    assert (last.cycles, last.status.accepted) == (FULL + 1, 3 * FULL + 3)
    assert 0 < last.cycle_s < LIMIT_MS
    assert last.answers == {"snapshot": 1}
    assert last.refusals == last.explanations == {}
    assert told[0].cycles <= last.cycles


def test_the_process_that_explains_starts_once_somebody_may_ask(
    context: Context, follower: Bundle, listing: Listing, tmp_path: Path
) -> None:
    feed = GatedFeed(listing, bars(FULL + 1, (102.0, 98.0, 100.0)))
    process = MadeProcess(tmp_path / "diary")
    with running(context, feed, follower, explains=process.command) as desk:
        desk.hear()
        assert isinstance(desk.ask(GetMethods(request_id=1)), Methods)
        assert process.started == []
        feed.gate.set()
        assert len(wait_for(lambda: process.started)) == 1


def test_a_server_may_leave_at_the_end(
    context: Context, follower: Bundle, listing: Listing
) -> None:
    facts = {"source": ("yfinance; 2 files",), "left out": ("one", "another")}
    feed = GatedFeed(replace(listing, facts=facts), bars(FULL + 1, (102.0,)))
    with capture_logs() as logs, running(context, feed, follower, exit_at_end=True) as desk:
        desk.hear()
        feed.gate.set()
        desk.hear_until("goodbye")
        desk.ran.result()
    (told,) = (e for e in logs if e["event"] == "bars")
    assert (told["source"], told["left_out"]) == ("yfinance; 2 files", "one; another")


def test_a_feed_that_fails_stops_a_server_that_leaves_at_the_end_with_its_error(
    context: Context, follower: Bundle, listing: Listing
) -> None:
    feed = GatedFeed(listing, error=DataError("the source broke off"))
    with running(context, feed, follower, exit_at_end=True) as desk:
        desk.hear()
        feed.gate.set()
        desk.hear_until("goodbye")
        with pytest.raises(DataError, match="broke off"):
            desk.ran.result()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (DataError("the source broke off"), "the source broke off"),
        (ZeroDivisionError("no bar"), "ZeroDivisionError: no bar"),
    ],
)
def test_a_server_outlives_its_feed_and_says_why_no_more_comes(
    context: Context, follower: Bundle, listing: Listing, error: Exception, sentence: str
) -> None:
    feed = GatedFeed(listing, bars(FULL + 1, (102.0, 98.0, 100.0)), error=error)
    with capture_logs(), running(context, feed, follower) as desk:
        desk.hear()
        feed.gate.set()
        failed = desk.hear_until("failed")[-1]
        assert isinstance(failed, Status)
        assert failed.feed_error.endswith(sentence)
        assert desk.snapshot().last.tolist() == [102.0, 98.0, 100.0]
        assert isinstance(again := desk.hear_until("failed")[-1], Status)
        assert again.feed_error == failed.feed_error
        desk.stop.ask()
        desk.hear_until("goodbye")
        desk.ran.result()


def test_tickers_come_and_go_while_desks_listen(
    context: Context, follower: Bundle, listing: Listing
) -> None:
    new = ListedTicker(symbol="NEW", name="Newcomer")
    feed = GatedFeed(
        listing,
        bars(FULL + 1, (102.0, 98.0, 100.0)),
        ListingChange(added=(new,), removed=(SYMBOLS[1],)),
        bars(FULL + 2, (103.0, 97.0, 101.0, 50.0)),
    )
    with running(context, feed, follower, b"confidence/", b"bar/NEW/") as desk:
        first = desk.hear()
        feed.gate.set()
        heard = desk.hear_until("ended")
        snapshot = desk.snapshot()
    before, after = (m for m in heard if isinstance(m, Confidence))
    assert (before.symbols, after.symbols) == (SYMBOLS, (SYMBOLS[0], SYMBOLS[2], "NEW"))
    assert snapshot.symbols == after.symbols
    assert snapshot.last.tolist() == [103.0, 101.0, 50.0]
    (bar,) = (m for m in heard if isinstance(m, Bar))
    assert (bar.symbol, bar.ohlcv[3]) == ("NEW", 50.0)
    ended = heard[-1]
    assert isinstance(first, Status)
    assert isinstance(ended, Status)
    assert (first.universe_revision, first.tickers) == (0, 3)
    assert (ended.universe_revision, ended.tickers) == (1, 3)
    assert ended.dropped == {"not_listed": 1}


def test_a_change_of_the_listing_that_does_not_fit_ends_the_feed_alone(
    context: Context, follower: Bundle, listing: Listing
) -> None:
    feed = GatedFeed(listing, ListingChange(removed=("X",)))
    with capture_logs(), running(context, feed, follower) as desk:
        desk.hear()
        feed.gate.set()
        failed = desk.hear_until("failed")[-1]
        assert isinstance(failed, Status)
        assert "'X' is not listed" in failed.feed_error
        assert desk.snapshot().symbols == SYMBOLS


class Listener:
    """An alert that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[AlertEvent] = []

    def tell(self, event: AlertEvent) -> None:
        self.told.append(event)

    def close(self) -> None:
        self.told.append(ServerEvent(phase="goodbye", feed="", sentence="closed", made_ms=0))


class Faulty(Listener):
    def tell(self, event: AlertEvent) -> None:
        raise OSError("the line is cut")


def test_alerts_hear_of_buys_and_of_the_server_itself(
    context: Context, follower: Bundle, listing: Listing
) -> None:
    listener = Listener()
    feed = GatedFeed(listing, bars(FULL + 1, (102.0, 98.0, 100.0)), error=DataError("broke off"))
    alerts = {"faulty": Faulty(), "listener": listener}
    with capture_logs() as logs, running(context, feed, follower, alerts=alerts) as desk:
        desk.hear()
        feed.gate.set()
        desk.hear_until("failed")
        desk.stop.ask()
        desk.hear_until("goodbye")
        desk.ran.result()
    live, buy, failed, goodbye, closed = listener.told
    assert isinstance(buy, BuyEvent)
    assert (buy.symbol, buy.name, buy.last) == (SYMBOLS[0], "Ten", 102.0)
    assert (buy.bar_ms, buy.simulated) == ((FULL + 1) * DAY_MS, True)
    assert 1 / 3 < buy.confidence <= 1
    phases = [e.phase for e in (live, failed, goodbye) if isinstance(e, ServerEvent)]
    assert phases == ["live", "failed", "goodbye"]
    assert isinstance(failed, ServerEvent)
    assert failed.sentence == "broke off"
    assert isinstance(closed, ServerEvent)
    assert closed.sentence == "closed"
    (counted,) = (e for e in logs if e["event"] == "not all was told")
    assert (counted["alert"], counted["failed"]) == ("faulty", 4)


class ChoosyFeed(GatedFeed):
    """Notes whom it is to care for first, each time that it is told.

    Attributes:
        told: The rows.
    """

    def __init__(self, listing: Listing, *events: FeedEvent) -> None:
        super().__init__(listing, *events)
        self.told: SimpleQueue[list[int]] = SimpleQueue()

    def attend(self, rows: Int64) -> None:
        self.told.put(rows.tolist())


def test_a_feed_is_told_who_is_looked_at_and_who_is_a_buy(
    context: Context, follower: Bundle, listing: Listing
) -> None:
    feed = ChoosyFeed(listing, bars(FULL + 1, (102.0, 98.0, 100.0)))
    looked_at = wire.topic("bar", SYMBOLS[1])
    with running(context, feed, follower, looked_at) as desk:
        desk.hear()
        feed.gate.set()
        told = [0]
        while told != [0, 1]:
            told = feed.told.get(timeout=LIMIT_MS / 1_000)
        desk.stop.ask()
        desk.hear_until("goodbye")
        desk.ran.result()


def test_a_server_that_reads_history_tells_no_decision_before_it_is_live(
    context: Context, follower: Bundle, listing: Listing
) -> None:
    feed = GatedFeed(listing, bars(FULL + 1, (102.0, 98.0, 100.0)))
    with running(context, feed, follower) as desk:
        snapshot = desk.snapshot()
        while int(snapshot.bar_ms.max()) < FULL * DAY_MS:
            snapshot = desk.snapshot()
        assert not (snapshot.flags & DECIDED).any()
        assert snapshot.last.tolist() == [100.0] * 3
        feed.gate.set()
        desk.hear_until("ended")
        assert (desk.snapshot().flags & DECIDED).all()
        desk.stop.ask()
        desk.hear_until("goodbye")
        desk.ran.result()


def test_a_market_that_stands_still_is_stale_and_alarms_nobody(
    context: Context, follower: Bundle, listing: Listing
) -> None:
    listener = Listener()
    now = Listing(**{**vars(listing), "played": False})  # but the bars are of 1970
    feed = GatedFeed(now, bars(FULL + 1, (102.0, 98.0, 100.0)))
    with running(context, feed, follower, b"buy/", alerts={"listener": listener}) as desk:
        first = desk.hear()
        assert isinstance(first, Status)
        assert not first.played
        feed.gate.set()
        heard = desk.hear_until("live") + desk.hear_until("ended")
        desk.stop.ask()
        desk.hear_until("goodbye")
        desk.ran.result()
    assert [m.symbols for m in heard if isinstance(m, Buy)] == [SYMBOLS[:1]]
    assert [e for e in listener.told if isinstance(e, BuyEvent)] == []
    live = next(m for m in heard if isinstance(m, Status) and m.state == "live")
    assert live.stale_since_ms == FULL * DAY_MS
    assert live.market_ms == live.stamp.made_ms


def dirty_rows(rng: np.random.Generator) -> list[str]:
    # Ninety days in the form of a file without column names, most kinds of dirt once.
    close = 10_000 * np.exp(np.cumsum(rng.normal(0, 0.02, 90)))
    dates = (np.datetime64("2024-01-01") + np.arange(90)).astype(str).tolist()
    rows = [f"{d},{c:.0f},{c:.0f},{c:.0f},{c:.0f},100,0" for d, c in zip(dates, close, strict=True)]
    rows[20] = f"{dates[20]},0,0,0,{close[19]:.0f},0,0"
    rows[21] = f"{dates[21]},0,0,0,0,0,nan"
    rows[40] = f"{dates[40]},9000,9000,9000,,100,nan"
    rows[50] = rows[49]
    rows[60] = f"{dates[60]},9000,8000,9500,9000,100,0"
    rows[61] = f"{dates[61]},9000,9000,9000,9000,-5,0"
    rows[70], rows[71] = rows[71], rows[70]
    return rows


def test_dirty_files_are_survived_and_counted(
    context: Context, made_bundle: Bundle, tmp_path: Path
) -> None:
    rng = np.random.default_rng(3)
    for symbol in ("000010", "005930"):
        (tmp_path / f"{symbol}.csv").write_text("\n".join(dirty_rows(rng)) + "\n")
    feed = ReplayFeed(tmp_path, ReplaySettings(warmup=10))
    topics = (b"confidence/", b"buy/", b"heatmap/", b"bar/")
    with running(context, feed, made_bundle, *topics) as desk:
        ended = desk.hear_until("ended")[-1]
    assert isinstance(ended, Status)
    assert ended.dropped == {
        DropReason.HALT: 2,
        DropReason.ZERO_PRICE: 2,
        DropReason.NOT_A_NUMBER: 2,
        DropReason.DUPLICATE: 2,
        DropReason.HIGH_BELOW_LOW: 2,
        DropReason.NEGATIVE_VOLUME: 2,
        DropReason.REORDERED: 2,
        DropReason.NO_SESSION: 54,  # weekends and holidays
    }
    assert ended.accepted == 2 * (90 - 6)
    assert ended.decided == 2


@pytest.mark.parametrize(("allowed", "interval"), [(False, "1d"), (True, "5m")])
def test_bars_like_those_of_the_training_may_be_played(
    follower: Bundle, listing: Listing, allowed: bool, interval: str
) -> None:
    played = Listing(**{**vars(listing), "interval": interval})
    check_interval(played, follower, ServerSettings(allow_interval=allowed))


def test_bars_of_another_length_are_refused_with_a_way_out(
    follower: Bundle, listing: Listing
) -> None:
    played = Listing(**{**vars(listing), "interval": "5m"})
    with pytest.raises(BundleError, match=r"bars of 1d, .* bars of 5m.*--allow-interval"):
        check_interval(played, follower, ServerSettings())
