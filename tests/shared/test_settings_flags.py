from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from shared.command_line import new_parser
from shared.errors import SettingsError
from shared.settings import SECTIONS, described
from shared.settings_flags import add_plugin_settings, add_settings, given, given_to_plugin


@pytest.fixture(autouse=True)
def _no_line_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "1000")


def help_of(section: str, capsys: pytest.CaptureFixture[str]) -> str:
    parser = new_parser("made", "Does nothing.")
    add_settings(parser, section, SECTIONS[section])
    with pytest.raises(SystemExit):
        parser.parse_args(["--help"])
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("section", SECTIONS)
def test_help_says_of_every_setting_what_its_type_says(
    section: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = help_of(section, capsys)
    for setting in described(SECTIONS[section]):
        assert f"--{setting.name.replace('_', '-')}" in said
        assert setting.plain_words in said
        assert all(choice in said for choice in setting.choices)


def test_only_flags_that_are_given_have_values() -> None:
    parser = new_parser("made", "Does nothing.")
    add_settings(parser, "server", SECTIONS["server"])
    args = parser.parse_args(["--jump-limit", "0.5", "--no-recalibrate", "--alerts", "file"])
    values = given(args, SECTIONS["server"])
    assert values.keys() == {s.name for s in described(SECTIONS["server"])}
    set_ = {name: value for name, value in values.items() if value is not None}
    assert set_ == {"jump_limit": "0.5", "recalibrate": False, "alerts": "file"}


class Fast(msgspec.Struct):
    speed: Annotated[int, Meta(description="how `fast`")] = 3
    from_: Annotated[str, Meta(description="from when")] = msgspec.field(default="", name="from")


class Slow(msgspec.Struct):
    speed: Annotated[int, Meta(description="how slow")] = 1


def plugin_flags(*flags: str) -> dict[str, str]:
    parser = new_parser("made", "Does nothing.")
    add_plugin_settings(parser, "feed", {"fast": Fast, "slow": Slow})
    return given_to_plugin(parser.parse_args(flags), "feed")


def test_flags_of_plug_ins_are_told_apart_by_who_has_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        plugin_flags("--help")
    said = " ".join(capsys.readouterr().out.split())
    assert "fast, slow: how" in said
    assert "fast: from when" in said


def test_options_of_a_plug_in_may_be_any() -> None:
    assert plugin_flags() == {}
    assert plugin_flags("--speed", "5", "--from", "now") == {"speed": "5", "from": "now"}
    options = ("--feed-option", "path=a=b", "--feed-option", "max-wait=3")
    assert plugin_flags(*options) == {"path": "a=b", "max_wait": "3"}
    with pytest.raises(SettingsError, match="SETTING=VALUE"):
        plugin_flags("--feed-option", "path")
