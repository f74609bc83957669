"""The whole frame, with a source of the test's: what is told is its truth, each bar once."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from server.feeds.base import BarBatch, FeedEvent, FeedReport, HistoryEnd, ListingChange
from server.feeds.live.clock import LiveClock
from server.feeds.live.faults import SourceError
from server.feeds.live.feed import LiveFeed
from server.feeds.live.settings import LiveSettings
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.made_source import MINUTE_MS, MadeSource

START_MS = 1_790_000_000_000 // MINUTE_MS * MINUTE_MS + 17_000
SYMBOLS = ("AAA", "BBB", "CCC")


class Played:
    """A feed that is played, and all that it told.

    Attributes:
        bars: By row and close, the last that was said of each closed bar.
        told: How often each was told, as what: `history`, `closed`, by row and close.
        early: Closed bars that were told before they were over.
        reports: What the feed said of itself.
        live: Whether all history was told.
    """

    def __init__(
        self, folder: Path, start_ms: int = START_MS, universe: str = "all", history: int = 60
    ) -> None:
        self.loop = LeapingLoop(start_ms)
        self._first_ms = start_ms // MINUTE_MS * MINUTE_MS - 75 * MINUTE_MS
        self.source = MadeSource(self.loop, SYMBOLS)
        self._folder, self._universe, self._history = folder, universe, history
        self.bars: dict[tuple[int, int], list[float]] = {}
        self.told: dict[tuple[int, int], list[str]] = {}
        self.early: list[tuple[int, int]] = []
        self.reports: list[FeedReport] = []
        self.changes: list[ListingChange] = []
        self.forming = 0
        self.live = False

    def begin(self) -> None:
        settings = LiveSettings(
            universe=self._universe, cache=str(self._folder), history=self._history
        )
        clock = LiveClock(now_ms=self.loop.now_ms, new_loop=lambda: self.loop)
        self.feed = LiveFeed(self.source, settings, clock)
        self._events = self.feed.events()

    def until(self, minutes: float) -> None:
        """Play until so many minutes after the start."""
        end_ms = START_MS + round(minutes * MINUTE_MS)
        while self.loop.now_ms() < end_ms:
            self._take(next(self._events))

    def end(self) -> None:
        self.feed.stop()
        assert not list(self._events)
        self.feed.close()

    def _take(self, event: FeedEvent) -> None:
        match event:
            case BarBatch():
                self._take_bars(event)
            case FeedReport():
                self.reports.append(event)
            case ListingChange():
                self.changes.append(event)
            case HistoryEnd():
                assert not self.live
                self.live = True

    def _take_bars(self, batch: BarBatch) -> None:
        if not batch.closed:
            self.forming += 1
            return
        rows, times = batch.rows.tolist(), batch.bar_ms.tolist()
        for key, bar in zip(zip(rows, times, strict=True), batch.ohlcv.tolist(), strict=True):
            if key[1] > self.loop.now_ms():
                self.early.append(key)
            self.bars[key] = bar
            self.told.setdefault(key, []).append("history" if batch.history else "closed")

    def check(self, until_min: float, rows: int = 3) -> None:
        """Hold what was told against the truth: none missing, none early, in the order of time."""
        to_ms = START_MS + round(until_min * MINUTE_MS)
        for symbol, row in list(zip(SYMBOLS, range(3), strict=True))[:rows]:
            bar_ms, ohlcv = self.source.bars(symbol, self._first_ms, to_ms)
            told = {ms: bar for (r, ms), bar in self.bars.items() if r == row and ms <= to_ms}
            assert list(told) == bar_ms.tolist()
            np.testing.assert_array_equal(np.array(list(told.values())), ohlcv)
        assert not self.early


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    played = Played(tmp_path)
    played.begin()
    yield played
    played.end()


def test_history_comes_first_then_each_bar_once_as_the_source_has_it(played: Played) -> None:
    played.source.late = {("BBB", (START_MS // MINUTE_MS + 4) * MINUTE_MS)}
    played.until(10)
    played.check(9)
    assert played.live
    assert played.forming > 10
    twice = {key: kinds for key, kinds in played.told.items() if len(kinds) > 1}
    # What the stream had wrong at the end comes again as the page has it; nothing else does.
    wrong = (1, (START_MS // MINUTE_MS + 4) * MINUTE_MS)
    assert twice == {wrong: ["closed", "closed"]}
    assert played.reports[0].sentence == "0 of 3 tickers"
    assert played.reports[-1].sentence == ""


def test_a_cut_is_told_healed_and_filled(played: Played) -> None:
    played.until(5)
    played.source.down.set()
    played.until(8)
    trouble = "made cannot be reached; what to do: check the network and the name of the host"
    assert trouble in played.reports[-1].sentence
    played.source.down.clear()
    played.until(14)
    played.check(13)
    assert played.reports[-1].sentence == ""
    assert 2 < sum(played.reports[-1].reasons.values()) < 30  # no storm


def test_a_dumb_stream_is_called_anew(played: Played) -> None:
    played.until(3)
    played.source.dumb = True
    played.until(4)
    assert played.reports[-1].reasons == {"source_silent": 1}
    played.source.dumb = False
    played.until(9)
    played.check(8)
    assert played.source.listened == 2


def test_a_second_start_asks_only_for_what_came_since(tmp_path: Path, played: Played) -> None:
    played.until(4)  # and is never stopped in an orderly way, as kill -9 would
    again = Played(tmp_path, START_MS + 10 * MINUTE_MS)
    again.begin()
    again.until(15)
    again.end()
    asked = len(again.source.asked)
    again.check(14)
    assert asked <= 3 * 7
    first = [kinds for (_, ms), kinds in again.told.items() if ms < START_MS]
    assert first
    assert all(kinds == ["history"] for kinds in first)


def test_a_split_is_noticed_and_the_past_told_anew(tmp_path: Path, played: Played) -> None:
    played.until(4)
    again = Played(tmp_path, START_MS + 10 * MINUTE_MS)
    again.source.scale = 0.5
    again.begin()
    again.until(15)
    again.end()
    again.check(14)


def test_a_source_without_a_stream_is_asked_for_its_pages(tmp_path: Path) -> None:
    played = Played(tmp_path)
    played.source.traits = dataclasses.replace(played.source.traits, tells="pages", silent_s=0)
    played.source.dumb = True
    played.begin()
    played.until(6)
    played.end()
    played.check(5)
    assert played.forming == 0
    assert all(len(kinds) == 1 for kinds in played.told.values())


def test_a_fault_of_pages_waits_and_a_ticker_unknown_there_holds_up_nobody(tmp_path: Path) -> None:
    played = Played(tmp_path)
    played.source.faults = [
        SourceError("unknown_ticker", "made", "AAA"),
        SourceError("limited", "made", retry_s=20),
    ]
    played.begin()
    played.until(4)
    played.end()
    assert played.live
    assert played.reports[-1].reasons == {"source_limited": 1, "source_unknown_ticker": 1}


def test_the_universe_may_change_while_it_runs(tmp_path: Path) -> None:
    universe = tmp_path / "mine.csv"
    universe.write_text("symbol,name\nAAA,Alpha\nBBB,\n")
    played = Played(tmp_path / "cache", universe=str(universe))
    played.begin()
    assert played.feed.listing.names == ("Alpha", "BBB")
    played.until(2)
    universe.write_text("symbol,name\nAAA,Alef\nCCC,Charlie\n")
    played.until(3)
    universe.write_text("name\n")
    played.until(8)
    played.end()
    (change,) = played.changes
    assert (change.added[0].symbol, change.removed) == ("CCC", ("BBB",))
    assert change.renamed["AAA"].name == "Alef"
    assert "must have a column symbol" in played.reports[-1].sentence
    played.check(7, rows=1)
    bar_ms, _ = played.source.bars("CCC", START_MS - 70 * MINUTE_MS, START_MS + 7 * MINUTE_MS)
    assert set(bar_ms.tolist()) <= {ms for row, ms in played.told if row == 2}
