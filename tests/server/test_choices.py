from pathlib import Path

import pytest

from server.choices import choose
from server.feeds.settings import ReplaySettings
from shared.errors import PluginError, SettingsError
from shared.settings import ServerSettings
from tests.kit.plugin_install import on_the_path, write_plugin

WORDLESS = """
import msgspec
from server.feeds.kind import FeedKind

OFFER = FeedKind(settings=msgspec.defstruct("Wordless", [("size", int, 3)]), open=print)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tickerlens.toml"
    path.write_text('[feed.replay]\nspeed = 10\n[alert.file]\npath = "buys"\n')
    return path


def test_a_feed_is_its_name_and_the_rest_its_argument(file: Path) -> None:
    choices = choose(ServerSettings(feed="replay:a:b"), {"warmup": "7"}, file=file)
    assert (choices.feed.name, choices.argument) == ("replay", "a:b")
    assert choices.feed.settings == ReplaySettings(speed=10, warmup=7)
    assert choices.alerts == ()


def test_an_alert_that_is_named_twice_is_told_once(file: Path) -> None:
    (alert,) = choose(ServerSettings(alerts=("file", "file")), {}, file=file).alerts
    assert (alert.name, alert.origins) == ("file", {"path": str(file)})


@pytest.mark.parametrize("table", ["[feed.replya]", "[alert.fiel]"])
def test_settings_of_a_plug_in_that_there_is_not_are_refused(file: Path, table: str) -> None:
    file.write_text(f"{table}\nspeed = 1\n")
    with pytest.raises(SettingsError, match="is unknown"):
        choose(ServerSettings(), {}, file=file)


def test_a_package_whose_settings_have_no_words_is_named(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = write_plugin(tmp_path / "site", "tickerlens.feeds", "wordless", WORDLESS)
    with on_the_path(site, monkeypatch), pytest.raises(PluginError, match=r"'wordless'.*size"):
        choose(ServerSettings(feed="wordless"), {}, file=file)
