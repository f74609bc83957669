"""yfinance itself talks to a stand-in of Yahoo; what the feed tells is what the vendor has."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yfinance

from server.feeds.yahoo.settings import YahooSettings
from server.feeds.yahoo.source import YahooSource
from shared.errors import SettingsError
from shared.markets import MARKETS
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.played_feed import PlayedFeed
from tests.kit.yahoo_stand_in import YahooStandIn

SYMBOLS = ("AAPL", "MSFT")
KOREAN = ("005930",)
DAY_MS = 86_400_000


def at(clock: str, day: int = 18, zone: str = "America/New_York") -> int:
    """Return a time in November 2026, ms since 1970 UTC; the 18th is a Wednesday."""
    hours, minutes = map(int, clock.split(":"))
    then = dt.datetime(2026, 11, day, hours, minutes, tzinfo=ZoneInfo(zone))
    return round(then.timestamp() * 1_000)


def begun(start_ms: int) -> YahooStandIn:
    stand_in = YahooStandIn(LeapingLoop(start_ms))
    stand_in.loop.run_until_complete(stand_in.begin())
    return stand_in


def played(
    yahoo: YahooStandIn,
    folder: Path,
    interval: str = "1d",
    symbols: tuple[str, ...] = SYMBOLS,
    suffix: str = "",
    market: str = "",
) -> PlayedFeed:
    universe = folder / "mine.csv"
    universe.write_text("symbol\n" + "\n".join(symbols))
    settings = YahooSettings(
        universe=str(universe),
        interval=interval,
        market=market or yahoo.market.name,
        suffix=suffix,
        history=100,
        cache=str(folder / "cache"),
        rest_url=yahoo.url,
    )
    return PlayedFeed(yahoo.loop, YahooSource(settings, yahoo.loop.now_ms), settings)


def end(yahoo: YahooStandIn, feed: PlayedFeed) -> None:
    yahoo.loop.run_until_complete(yahoo.end())
    feed.end()


def test_days_are_told_once_they_are_over_and_a_dividend_rewrites_the_past(tmp_path: Path) -> None:
    yfinance.set_tz_cache_location(str(tmp_path / "yfinance"))
    yahoo = begun(at("15:50"))
    feed = played(yahoo, tmp_path, symbols=(*SYMBOLS, "GONE"))
    feed.until(at("16:10"))
    assert feed.live
    assert max(ms for _, ms in feed.told) == at("16:00", day=17)
    yahoo.answers.append((429, {"Retry-After": "20"}, "Too Many Requests"))
    feed.until(at("16:40"))
    assert {kinds[0] for (_, ms), kinds in feed.told.items() if ms == at("16:00")} == {"closed"}
    feed.check(yahoo.days, SYMBOLS, at("0:00") - 100 * DAY_MS, at("16:40"))
    end(yahoo, feed)
    assert feed.reports[-1].reasons["source_limited"] == 1
    assert yahoo.others == 2
    assert not (tmp_path / "yfinance").exists()
    after = begun(at("16:30", day=19))
    after.dividends["MSFT"] = at("9:30", day=19), 0.02
    after.answers.append((200, {}, "<html>Will be right back</html>"))
    feed = played(after, tmp_path)
    feed.until(at("16:33", day=19))
    end(after, feed)
    feed.check(after.days, SYMBOLS, at("0:00") - 100 * DAY_MS, at("16:30", day=19))
    assert feed.reports[-1].reasons == {"source_nonsense": 1}


def test_minutes_are_those_of_the_session_and_come_late(tmp_path: Path) -> None:
    yahoo = begun(at("15:50"))
    feed = played(yahoo, tmp_path, "1m")
    feed.until(at("16:03"))
    end(yahoo, feed)
    feed.check(yahoo.minutes, SYMBOLS, at("14:00"), at("16:00"))
    assert max(ms for _, ms in feed.told) == at("16:00")


def test_the_print_of_a_korean_closing_auction_is_kept(tmp_path: Path) -> None:
    zone = "Asia/Seoul"
    yahoo = begun(at("15:20", zone=zone))
    yahoo.market, yahoo.symbols, yahoo.has_evening = MARKETS["krx"], ("005930.KS",), False
    yahoo.delay_ms = 20 * 60_000
    feed = played(yahoo, tmp_path, "1m", KOREAN, ".KS")
    assert feed.feed.listing.facts["source"] == ["yahoo", "bars come 1200 s late"]
    feed.until(at("15:53", zone=zone))
    end(yahoo, feed)
    span = at("13:00", zone=zone), at("15:31", zone=zone)
    feed.check(lambda _, *ms: yahoo.minutes("005930.KS", *ms), KOREAN, *span)
    assert feed.told[0, span[1]] == ["closed"]  # and news, although it is 20 minutes old
    assert feed.feed.listing.delay_s == 1_200


def test_a_ticker_of_another_market_and_a_list_are_refused(tmp_path: Path) -> None:
    yahoo = begun(at("15:00"))
    yahoo.market = MARKETS["krx"]
    feed = played(yahoo, tmp_path, market="us")
    feed.until(at("15:10"))
    assert set(feed.reports[-1].reasons) == {"source_unknown_ticker"}
    assert feed.live
    source = YahooSource(YahooSettings())
    with pytest.raises(SettingsError, match="CSV file"):
        yahoo.loop.run_until_complete(source.universe("sp500"))
    end(yahoo, feed)
    with pytest.raises(SettingsError, match="yahoo has bars of"):
        YahooSource(YahooSettings(interval="3m"))
