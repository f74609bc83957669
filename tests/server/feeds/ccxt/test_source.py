"""ccxt's own client talks to a stand-in of Upbit; what the feed tells is what traded there."""

from pathlib import Path

import pytest

from server.feeds.ccxt.settings import CcxtSettings
from server.feeds.ccxt.source import CcxtSource
from shared.errors import SettingsError
from tests.kit.binance_stand_in import BinanceStandIn
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.played_feed import PlayedFeed
from tests.kit.upbit_stand_in import MINUTE_MS, UpbitStandIn

START_MS = 1_790_000_000_000 // MINUTE_MS * MINUTE_MS + 23_000
SYMBOLS = ("BTC/KRW", "ETH/KRW", "XRP/KRW")


@pytest.fixture
def upbit() -> UpbitStandIn:
    loop = LeapingLoop(START_MS)
    stand_in = UpbitStandIn(loop)
    loop.run_until_complete(stand_in.begin())
    return stand_in


def played(upbit: UpbitStandIn, folder: Path, *, interval: str = "1m") -> PlayedFeed:
    settings = CcxtSettings(
        universe="krw-top-3",
        interval=interval,
        history=60,
        cache=str(folder),
        rest_url=upbit.url,
        websocket_url=upbit.url.replace("http", "ws"),
    )
    return PlayedFeed(upbit.loop, CcxtSource("upbit", settings), settings)


def end(upbit: UpbitStandIn, feed: PlayedFeed) -> None:
    upbit.loop.run_until_complete(upbit.end())
    feed.end()


def check(upbit: UpbitStandIn, feed: PlayedFeed, until_ms: int) -> None:
    from_ms = START_MS // MINUTE_MS * MINUTE_MS - 76 * MINUTE_MS
    feed.check(upbit.bars, SYMBOLS, from_ms, until_ms)


def test_bars_of_trades_are_those_of_the_exchange_through_cuts_and_faults(
    upbit: UpbitStandIn, tmp_path: Path
) -> None:
    feed = played(upbit, tmp_path)
    assert feed.feed.listing.symbols == SYMBOLS
    assert feed.feed.listing.names[0] == "한글 BTC"
    feed.until(START_MS + 6 * MINUTE_MS)
    assert feed.live
    upbit.twice = True
    upbit.answers.append((429, {"Retry-After": "3"}, "Too many API requests."))
    feed.until(START_MS + 8 * MINUTE_MS)
    upbit.answers.append((200, {"Content-Type": "text/html"}, "<html>maintenance</html>"))
    feed.until(START_MS + 9 * MINUTE_MS)
    upbit.answers.append((500, {}, "oops"))
    feed.until(START_MS + 10 * MINUTE_MS)
    upbit.loop.run_until_complete(upbit.cut())
    feed.until(START_MS + 16 * MINUTE_MS)
    upbit.dumb = True
    feed.until(START_MS + 19 * MINUTE_MS)
    upbit.dumb = False
    feed.until(START_MS + 26 * MINUTE_MS)
    end(upbit, feed)
    check(upbit, feed, START_MS + 24 * MINUTE_MS)
    assert upbit.refused == 0
    assert upbit.connected < 8
    reasons = feed.reports[-1].reasons
    assert {"limited", "nonsense", "server_error", "silent"} <= {r[7:] for r in reasons}


def streamed(binance: BinanceStandIn, folder: Path) -> PlayedFeed:
    settings = CcxtSettings(
        universe="usdt-all",
        history=60,
        cache=str(folder),
        rest_url=binance.url,
        websocket_url=binance.url.replace("http", "ws"),
    )
    return PlayedFeed(binance.loop, CcxtSource("binanceus", settings), settings)


def test_bars_that_are_streamed_are_those_of_the_exchange(tmp_path: Path) -> None:
    binance = BinanceStandIn(LeapingLoop(START_MS))
    binance.loop.run_until_complete(binance.begin())
    feed = streamed(binance, tmp_path)
    feed.until(START_MS + 4 * MINUTE_MS)
    assert feed.live
    binance.loop.run_until_complete(binance.cut())
    feed.until(START_MS + 9 * MINUTE_MS)
    asked = binance.asked
    binance.loop.run_until_complete(binance.end())
    feed.end()
    symbols = ("BTC/USDT", "ETH/USDT", "XRP/USDT")
    assert feed.feed.listing.symbols == symbols
    feed.check(binance.bars, symbols, START_MS - 75 * MINUTE_MS, START_MS + 8 * MINUTE_MS)
    assert feed.forming > 10
    assert (binance.connected, asked < 50) == (2, True)
    # A bar is told once, although its last state comes after the first one of the next bar.
    live = {k: kinds for k, kinds in feed.told.items() if k[1] > START_MS + 6 * MINUTE_MS}
    assert all(kinds == ["closed"] for kinds in live.values())


def test_an_exchange_that_streams_contracts_and_has_pages_of_coins_is_refused(
    tmp_path: Path,
) -> None:
    binance = BinanceStandIn(LeapingLoop(START_MS), contract=0.001)
    binance.loop.run_until_complete(binance.begin())
    feed = streamed(binance, tmp_path)
    feed.until(START_MS + 7 * MINUTE_MS)
    binance.loop.run_until_complete(binance.end())
    feed.end()
    assert "ccxt:binanceus counts volume otherwise" in feed.reports[-1].sentence
    assert "3 without bars" in feed.reports[-1].sentence


@pytest.mark.parametrize(("exchange", "interval"), [("nowhere", "1m"), ("upbit", "7m")])
def test_what_ccxt_has_not_is_refused_in_a_sentence(exchange: str, interval: str) -> None:
    with pytest.raises(SettingsError, match=r"knows no exchange|has bars of"):
        CcxtSource(exchange, CcxtSettings(interval=interval))
