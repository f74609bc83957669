from pathlib import Path

import pytest

from server.feeds.pacing import PacedFeed
from server.feeds.registry import open_feed
from shared.errors import InputMissingError, SettingsError
from shared.settings import ServerSettings


def test_simulated_takes_its_size_from_the_settings() -> None:
    feed = open_feed(ServerSettings(tickers=12))
    assert isinstance(feed, PacedFeed)
    assert len(feed.listing.symbols) == 12
    assert feed.listing.simulated


def test_replay_takes_the_rest_as_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a:b.csv"
    path.write_text("date,open,high,low,close,volume\n2024-01-02,1,1,1,1,1\n2024-01-03,1,1,1,1,1\n")
    feed = open_feed(ServerSettings(feed=f"replay:{path}"))
    assert feed.listing.label == "replay of a:b.csv"


def test_a_missing_file_is_said_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="nothing"):
        open_feed(ServerSettings(feed=f"replay:{tmp_path / 'nothing.csv'}"))


@pytest.mark.parametrize("feed", ["", "replay", "replay:", "simulated:7", "live:krx"])
def test_another_feed_is_refused(feed: str) -> None:
    with pytest.raises(SettingsError, match="simulated or replay:PATH"):
        open_feed(ServerSettings(feed=feed))
