"""alpaca-py itself talks to a stand-in of Alpaca; what the feed tells is what the vendor has."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from server.feeds.alpaca.settings import AlpacaSettings
from server.feeds.alpaca.source import AlpacaSource
from server.feeds.live.faults import SourceError
from shared.errors import SettingsError
from tests.kit.alpaca_stand_in import KEYS, AlpacaStandIn
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.played_feed import PlayedFeed

SYMBOLS = ("AAPL", "MSFT")


def at(clock: str, day: int = 18) -> int:
    """Return a time in New York in November 2026, ms since 1970 UTC; the 18th is a Wednesday."""
    hours, minutes = map(int, clock.split(":"))
    then = dt.datetime(2026, 11, day, hours, minutes, tzinfo=ZoneInfo("America/New_York"))
    return round(then.timestamp() * 1_000)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKERLENS_ALPACA_KEY", KEYS[0])
    monkeypatch.setenv("TICKERLENS_ALPACA_SECRET", KEYS[1])


def begun(start_ms: int) -> AlpacaStandIn:
    stand_in = AlpacaStandIn(LeapingLoop(start_ms))
    stand_in.loop.run_until_complete(stand_in.begin())
    return stand_in


def played(alpaca: AlpacaStandIn, folder: Path, interval: str = "1m") -> PlayedFeed:
    universe = folder / "mine.csv"
    universe.write_text("symbol\n" + "\n".join(SYMBOLS))
    settings = AlpacaSettings(
        universe=str(universe),
        interval=interval,
        history=100,
        cache=str(folder / "cache"),
        rest_url=alpaca.url,
        websocket_url=alpaca.url.replace("http", "ws"),
    )
    return PlayedFeed(alpaca.loop, AlpacaSource(settings), settings)


def end(alpaca: AlpacaStandIn, feed: PlayedFeed) -> None:
    alpaca.loop.run_until_complete(alpaca.end())
    feed.end()


@pytest.mark.usefixtures("keys")
def test_a_trading_day_and_the_next_morning_are_those_of_the_vendor(tmp_path: Path) -> None:
    alpaca = begun(at("15:20"))
    alpaca.halted["AAPL"] = at("15:40"), at("15:51")
    feed = played(alpaca, tmp_path)
    feed.until(at("15:30"))
    assert feed.live
    alpaca.down = True
    alpaca.loop.run_until_complete(alpaca.cut())
    feed.until(at("15:33"))
    assert "what to do" in feed.reports[-1].sentence
    alpaca.down = False
    alpaca.answers.append((429, {"Retry-After": "2"}, '{"message": "too many requests."}'))
    feed.until(at("15:45"))
    alpaca.answers.append((200, {}, "<html></html>"))
    alpaca.loop.run_until_complete(alpaca.cut())
    feed.until(at("16:20"))
    end(alpaca, feed)
    feed.check(alpaca.truth, SYMBOLS, at("14:00"), at("16:19"))
    assert {"source_limited", "source_nonsense"} <= set(feed.reports[-1].reasons)
    assert alpaca.connected < 6
    kept = feed.feed._state.cache.known("AAPL")
    assert kept is not None
    assert kept.until_ms > at("15:55")  # what came live since the last page, too
    corrected = [kinds for kinds in feed.told.values() if kinds == ["closed", "closed"]]
    assert corrected
    morning = begun(at("9:20", day=19))
    morning.halted = alpaca.halted
    feed = played(morning, tmp_path)
    feed.until(at("9:45", day=19))
    end(morning, feed)
    feed.check(alpaca.truth, SYMBOLS, at("15:00"), at("9:44", day=19))


@pytest.mark.usefixtures("keys")
def test_a_key_that_is_not_let_in_is_told_and_not_tried_again_and_again(tmp_path: Path) -> None:
    alpaca = begun(at("10:00"))
    alpaca.refuses = True
    feed = played(alpaca, tmp_path)
    feed.until(at("10:05"))
    end(alpaca, feed)
    assert "alpaca does not know the key (" in feed.reports[-1].sentence
    assert alpaca.connected + alpaca.asked < 24


def test_without_a_key_it_says_where_it_looks() -> None:
    with pytest.raises(SourceError, match="set TICKERLENS_ALPACA_KEY"):
        AlpacaSource(AlpacaSettings())


@pytest.mark.usefixtures("keys")
def test_it_has_no_lists(tmp_path: Path) -> None:
    source, loop = AlpacaSource(AlpacaSettings()), LeapingLoop()
    with pytest.raises(SettingsError, match="CSV file"):
        loop.run_until_complete(source.universe("sp500"))
    loop.close()
