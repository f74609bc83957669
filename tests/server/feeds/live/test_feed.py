"""The whole frame, with a source of the test's: what is told is its truth, each bar once."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.feeds.base import FeedReport
from server.feeds.live.faults import SourceError
from server.feeds.live.settings import LiveSettings
from shared.errors import SettingsError
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.made_source import MINUTE_MS, MadeSource
from tests.kit.played_feed import PlayedFeed

START_MS = 1_790_000_000_000 // MINUTE_MS * MINUTE_MS + 17_000
SYMBOLS = ("AAA", "BBB", "CCC")


class Played:
    """A feed of a made source, played by the minute.

    Args:
        folder: Of the cache.
        start_ms: When it begins.
        universe: Who is watched.
    """

    def __init__(self, folder: Path, start_ms: int = START_MS, universe: str = "all") -> None:
        self.loop = LeapingLoop(start_ms)
        self.source = MadeSource(self.loop, SYMBOLS)
        self._first_ms = start_ms // MINUTE_MS * MINUTE_MS - 75 * MINUTE_MS
        self._settings = LiveSettings(universe=universe, cache=str(folder), history=60)
        self.feed: PlayedFeed

    def begin(self) -> None:
        self.feed = PlayedFeed(self.loop, self.source, self._settings)

    def until(self, minutes: float) -> None:
        """Play until so many minutes after the start of the first."""
        self.feed.until(START_MS + round(minutes * MINUTE_MS))

    def end(self) -> None:
        self.feed.end()

    def check(self, until_min: float, rows: int = 3) -> None:
        """Hold what was told against the truth, up to so many minutes after the start."""
        to_ms = START_MS + round(until_min * MINUTE_MS)
        self.feed.check(self.source.bars, SYMBOLS[:rows], self._first_ms, to_ms)

    @property
    def said(self) -> FeedReport:
        """What the feed said of itself last."""
        return self.feed.reports[-1]


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
    assert played.feed.live
    assert played.feed.forming > 10
    twice = {key: kinds for key, kinds in played.feed.told.items() if len(kinds) > 1}
    # What the stream had wrong at the end comes again as the page has it; nothing else does.
    wrong = (1, (START_MS // MINUTE_MS + 4) * MINUTE_MS)
    assert twice == {wrong: ["closed", "closed"]}
    assert played.feed.reports[0].sentence == "0 of 3 tickers"
    assert "what to do" not in played.said.sentence


def test_a_cut_is_told_healed_and_filled(played: Played) -> None:
    played.until(5)
    played.source.down.set()
    played.until(8)
    trouble = "made cannot be reached; what to do: check the network and the name of the host"
    assert trouble in played.said.sentence
    played.source.down.clear()
    played.until(14)
    played.check(13)
    assert "what to do" not in played.said.sentence
    assert 2 < sum(played.said.reasons.values()) < 30  # no storm


def test_a_dumb_stream_is_called_anew(played: Played) -> None:
    played.until(3)
    played.source.dumb = True
    played.until(4)
    assert played.said.reasons == {"source_silent": 1}
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
    first = [kinds for (_, ms), kinds in again.feed.told.items() if ms < START_MS]
    assert first
    assert all(kinds == ["history"] for kinds in first)


def test_with_a_vendor_that_is_down_it_starts_with_what_is_kept_and_heals(
    tmp_path: Path, played: Played
) -> None:
    played.until(4)
    again = Played(tmp_path, START_MS + 10 * MINUTE_MS)
    again.source.down.set()
    again.begin()
    again.until(13)
    assert again.feed.live
    assert again.feed.feed.listing.symbols == SYMBOLS
    assert "made cannot be reached" in again.said.sentence
    assert len(again.feed.bars) > 100
    again.source.down.clear()
    again.until(19)
    again.end()
    again.check(18)
    first = Played(tmp_path / "never")
    first.source.down.set()
    with pytest.raises(SourceError, match="made cannot be reached"):
        first.begin()


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
    assert played.feed.forming == 0
    assert all(len(kinds) == 1 for kinds in played.feed.told.values())


def test_a_fault_of_pages_waits_and_a_ticker_unknown_there_holds_up_nobody(tmp_path: Path) -> None:
    played = Played(tmp_path)
    played.source.faults = [
        SourceError("unknown_ticker", "made", "AAA"),
        SourceError("limited", "made", retry_s=20),
    ]
    played.begin()
    played.until(4)
    played.end()
    assert played.feed.live
    assert played.said.reasons == {"source_limited": 1, "source_unknown_ticker": 1}


def test_a_ticker_whose_pages_are_nonsense_holds_up_nobody_and_heals(tmp_path: Path) -> None:
    played = Played(tmp_path)
    played.source.broken = {"CCC"}
    played.begin()
    played.until(4)
    assert played.feed.live
    played.check(3, rows=2)
    assert "1 without bars (CCC)" in played.said.sentence
    assert played.said.reasons["source_nonsense"] < 15  # no storm
    played.source.broken = set()
    played.until(8)
    played.end()
    span = START_MS - 60 * MINUTE_MS, START_MS + 7 * MINUTE_MS
    played.feed.check(played.source.bars, SYMBOLS, *span)
    assert "without bars" not in played.said.sentence


def test_pages_of_all_tickers_that_are_nonsense_are_the_vendors_fault(tmp_path: Path) -> None:
    played = Played(tmp_path)
    played.source.broken = set(SYMBOLS)
    played.begin()
    played.until(3)
    assert "made gave an answer that is none" in played.said.sentence
    asked = len(played.source.asked)
    assert asked < 40  # no storm
    played.source.broken = set()
    played.until(8)
    played.end()
    span = START_MS - 60 * MINUTE_MS, START_MS + 7 * MINUTE_MS
    played.feed.check(played.source.bars, SYMBOLS, *span)


def test_a_ticker_whose_volume_is_another_live_than_in_pages_is_not_told_live(
    tmp_path: Path,
) -> None:
    played = Played(tmp_path)
    played.source.contract = {"BBB": 0.001, "AAA": 0.9}
    played.begin()
    played.until(0.8)
    # The first bar that was heard is seen to form, and told once a page has it, and agrees.
    assert played.feed.forming > 0
    assert max(ms for _, ms in played.feed.told) < START_MS
    played.until(8)
    played.end()
    volumes = {ms: bar[4] for (row, ms), bar in played.feed.bars.items() if row == 1}
    assert max(volumes.values()) < 100
    assert "counts volume otherwise in its history than live (BBB: " in played.said.sentence
    assert played.said.reasons == {"source_units_differ": 1}
    for row in (0, 2):
        bar_ms, _ = played.source.bars(SYMBOLS[row], START_MS, START_MS + 7 * MINUTE_MS)
        assert all(played.feed.told[row, ms][0] == "closed" for ms in bar_ms.tolist())


def test_bars_close_by_the_clock_of_the_exchange_and_one_that_is_off_is_told(
    tmp_path: Path,
) -> None:
    played = Played(tmp_path)
    played.source.ahead_ms = -40_000
    played.begin()
    played.until(6)
    newest = max(ms for _, ms in played.feed.told)
    assert newest <= played.loop.now_ms() - 40_000
    played.end()
    assert "has another time than this machine (-40 s)" in played.said.sentence


def test_the_universe_may_change_while_it_runs(tmp_path: Path) -> None:
    universe = tmp_path / "mine.csv"
    universe.write_text("symbol,name\nAAA,Alpha\nBBB,\n")
    played = Played(tmp_path / "cache", universe=str(universe))
    played.begin()
    assert played.feed.feed.listing.names == ("Alpha", "BBB")
    played.until(2)
    universe.write_text("symbol,name\nAAA,Alef\nCCC,Charlie\n")
    played.until(3)
    universe.write_text("name\n")
    played.until(8)
    played.end()
    (change,) = played.feed.changes
    assert (change.added[0].symbol, change.removed) == ("CCC", ("BBB",))
    assert change.renamed["AAA"].name == "Alef"
    assert "must have a column symbol" in played.said.sentence
    played.check(7, rows=1)
    bar_ms, _ = played.source.bars("CCC", START_MS - 70 * MINUTE_MS, START_MS + 7 * MINUTE_MS)
    assert set(bar_ms.tolist()) <= {ms for row, ms in played.feed.told if row == 2}


def test_bars_without_a_trade_are_not_made_of_a_source_that_says_its_bars(tmp_path: Path) -> None:
    loop = LeapingLoop(START_MS)
    settings = LiveSettings(universe="all", cache=str(tmp_path), no_trade="flat")
    with pytest.raises(SettingsError, match="made says itself which bars there are: no_trade"):
        PlayedFeed(loop, MadeSource(loop, SYMBOLS), settings)
    loop.close()
