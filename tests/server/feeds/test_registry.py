from pathlib import Path

import pytest

from server.feeds.alpaca.settings import AlpacaSettings
from server.feeds.ccxt.settings import CcxtSettings
from server.feeds.kis.settings import KisSettings
from server.feeds.pacing import PacedFeed
from server.feeds.registry import OURS, feed_kind, names, open_feed
from server.feeds.settings import SETTINGS, ReplaySettings, SimulatedSettings
from server.feeds.toss.settings import TossSettings
from shared.errors import InputMissingError, PluginError, SettingsError
from tests.kit.plugin_install import on_the_path, write_plugin

LISTED = """
from typing import Annotated
import msgspec
from server.feeds.base import Listing
from server.feeds.kind import FeedKind
from shared.markets import MARKETS
from tests.kit.feeds import MadeFeed

class Settings(msgspec.Struct, frozen=True):
    bars: Annotated[int, msgspec.Meta(ge=1, description="how many")] = 3

def open(argument, settings):
    symbols = tuple(argument.split(","))
    listing = Listing(symbols=symbols, names=symbols, markets=("",) * len(symbols),
                      market=MARKETS["krx"], interval="1d", label="listed", simulated=True)
    return MadeFeed(listing)

OFFER = FeedKind(settings=Settings, open=open)
"""
RAISES = """
import msgspec
from server.feeds.kind import FeedKind

def open(argument, settings):
    raise KeyError("token")

OFFER = FeedKind(settings=msgspec.defstruct("Nothing", []), open=open)
"""


def test_simulated_takes_its_size_from_the_settings() -> None:
    feed = open_feed("simulated", "", SimulatedSettings(tickers=12))
    assert isinstance(feed, PacedFeed)
    assert len(feed.listing.symbols) == 12
    assert feed.listing.simulated


def test_replay_takes_the_rest_as_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a:b.csv"
    path.write_text("date,open,high,low,close,volume\n2024-01-02,1,1,1,1,1\n2024-01-03,1,1,1,1,1\n")
    feed = open_feed("replay", str(path), ReplaySettings(market="krx"))
    assert feed.listing.label == "replay of a:b.csv"


def test_a_missing_file_is_said_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="nothing"):
        open_feed("replay", str(tmp_path / "nothing.csv"), ReplaySettings())


@pytest.mark.parametrize("feed", ["", "live"])
def test_another_feed_is_refused(feed: str) -> None:
    with pytest.raises(SettingsError, match="simulated, replay:PATH, watch:PATH, push:ENDPOINT"):
        feed_kind(feed)


def test_an_argument_too_many_or_too_few_is_refused() -> None:
    with pytest.raises(SettingsError, match="simulated"):
        open_feed("simulated", "7", SimulatedSettings())
    with pytest.raises(SettingsError, match="replay:PATH"):
        open_feed("replay", "", ReplaySettings())
    with pytest.raises(SettingsError, match="ccxt:upbit"):
        open_feed("ccxt", "", CcxtSettings())
    with pytest.raises(SettingsError, match="toss takes no argument"):
        open_feed("toss", "x", TossSettings())
    with pytest.raises(SettingsError, match="kis takes no argument"):
        open_feed("kis", "x", KisSettings())
    with pytest.raises(SettingsError, match="alpaca takes no argument"):
        open_feed("alpaca", "sip", AlpacaSettings())


def test_our_feeds_have_flags_for_all_their_settings() -> None:
    assert {name: kind.settings for name, kind in OURS.items()} == SETTINGS


def test_a_feed_of_a_package_is_opened_with_its_argument(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = write_plugin(tmp_path, "tickerlens.feeds", "listed", LISTED)
    with on_the_path(site, monkeypatch):
        assert "listed" in names()
        kind = feed_kind("listed")
        assert open_feed("listed", "A,B", kind.settings(bars=7)).listing.symbols == ("A", "B")


@pytest.mark.parametrize(
    ("source", "argument", "fault"),
    [
        (RAISES, "", "KeyError: 'token'"),
        (LISTED, "A,A", "'A' is listed twice"),
        (LISTED, "A B", "symbol"),
    ],
)
def test_what_a_feed_of_a_package_does_wrong_at_the_start_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, argument: str, fault: str
) -> None:
    site = write_plugin(tmp_path, "tickerlens.feeds", "faulty", source)
    with on_the_path(site, monkeypatch):
        kind = feed_kind("faulty")
        with pytest.raises(PluginError, match=f"'faulty'.*{fault}"):
            open_feed("faulty", argument, kind.settings())
