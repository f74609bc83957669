import pytest

from shared.command_line import new_parser
from shared.settings import SECTIONS, described
from shared.settings_flags import add_settings, given


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
    args = parser.parse_args(["--speed", "60", "--no-recalibrate", "--from", "2024-01-02"])
    values = given(args, SECTIONS["server"])
    assert values.keys() == {s.name for s in described(SECTIONS["server"])}
    set_ = {name: value for name, value in values.items() if value is not None}
    assert set_ == {"speed": "60", "recalibrate": False, "from": "2024-01-02"}
