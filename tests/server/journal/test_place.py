import sqlite3
from pathlib import Path

import pytest

from server.choices import choose
from server.feeds.base import Listing
from server.journal.opening import opened
from server.journal.place import OneWriter, folder_of, source_of
from shared.settings import ServerSettings
from tests.kit.house import NO_MODEL, House


def test_two_sources_never_share_a_journal(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(tmp_path))
    ways = [
        (ServerSettings(), {"seed": "7"}),
        (ServerSettings(), {"seed": "8"}),
        (ServerSettings(), {"tickers": "12"}),
        (ServerSettings(feed="replay:a.csv"), {}),
        (ServerSettings(feed="replay:b.csv"), {}),
        (ServerSettings(), {"speed": "max"}),  # the first one again, at another speed
    ]
    sources = [source_of(choose(settings, flags), house.listing) for settings, flags in ways]
    folders = [folder_of("", source) for source in sources]
    assert len(set(folders)) == len(ways) - 1
    assert folders[0] == folders[-1]
    assert {folder.parent for folder in folders} == {tmp_path / "journals"}
    assert folder_of("here", sources[0]) == Path("here")


def test_a_journal_has_one_writer(house: House, tmp_path: Path) -> None:
    first = OneWriter(tmp_path)
    with pytest.raises(sqlite3.Error):
        OneWriter(tmp_path, wait_s=0)
    first.release()
    OneWriter(tmp_path, wait_s=0).release()


@pytest.mark.parametrize("setting", ["off", "file/in/the/way"])
def test_a_server_without_a_journal_is_served_all_the_same(
    house: House, tmp_path: Path, setting: str
) -> None:
    (tmp_path / "file").touch()
    place = setting if setting == "off" else str(tmp_path / setting)
    settings = ServerSettings(journal=place)
    listing: Listing = house.listing
    with opened(settings, choose(settings, {}), listing, house.model, NO_MODEL) as journal:
        assert journal is None
