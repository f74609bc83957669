import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta

from shared import settings_layers as settings
from shared.errors import InputMissingError, SettingsError
from shared.settings import DeskSettings


class Made(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    feed: Annotated[str, Meta(description="what")] = "simulated"
    speed: Annotated[float, Meta(ge=1e-6, description="how fast")] = 30.0
    tickers: Annotated[int, Meta(description="how many")] = 300
    seed: Annotated[int, Meta(description="from where")] = 7
    begin: Annotated[str, Meta(description="when")] = msgspec.field(default="", name="from")
    stamp: Annotated[Literal["open", "close"], Meta(description="which")] = "open"
    alerts: Annotated[tuple[str, ...], Meta(description="who")] = ()


@pytest.fixture(autouse=True)
def no_file_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "default_file", lambda: tmp_path / "absent.toml")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tickerlens.toml"
    path.write_text('[server]\nspeed = 10\ntickers = 20\nseed = 1\n[desk]\ntheme = "dark"\n')
    return path


def test_each_layer_overrides_the_one_before(file: Path) -> None:
    environ = {"TICKERLENS_SERVER__TICKERS": "30", "TICKERLENS_SERVER__SEED": "2", "HOME": "x"}
    got, origins = settings.load(
        "server", Made, {"seed": 3, "feed": None}, file=file, environ=environ
    )
    assert (got.speed, got.tickers, got.seed, got.feed) == (10.0, 30, 3, "simulated")
    assert origins["speed"] == str(file)
    assert (origins["tickers"], origins["seed"]) == ("environment", "flag")
    assert origins["feed"] == "default"


def test_the_table_of_another_program_is_left_alone(file: Path) -> None:
    got, _ = settings.load("desk", DeskSettings, {}, file=file, environ={})
    assert got == DeskSettings(theme="dark")


def test_a_plug_in_has_a_table_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "tickerlens.toml"
    path.write_text("[feed.my-feed]\nspeed = 10\nseed = 1\n[feed.other]\nseed = 5\n")
    environ = {"TICKERLENS_FEED__MY_FEED__SEED": "2", "TICKERLENS_SERVER__SEED": "3"}
    got, origins = settings.load("feed.my-feed", Made, {}, file=path, environ=environ)
    assert (got.speed, got.seed, origins["speed"]) == (10.0, 2, str(path))
    shown = settings.show("feed.my-feed", got, origins)
    assert tomllib.loads(shown)["feed"]["my-feed"]["seed"] == 2


def test_a_table_of_a_plug_in_that_there_is_not_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tickerlens.toml"
    path.write_text("[feed.replya]\nspeed = 10\n")
    settings.refuse_unknown_tables("feed", ["replya"], file=path)
    settings.refuse_unknown_tables("alert", ["file"], file=path)
    with pytest.raises(SettingsError, match=r"\[feed\.replya\] is unknown.*\[feed\.replay\]"):
        settings.refuse_unknown_tables("feed", ["replay"], file=path)


def test_a_list_is_written_with_commas_where_there_are_no_lists(tmp_path: Path) -> None:
    path = tmp_path / "tickerlens.toml"
    path.write_text('[server]\nalerts = ["a", "b"]\n')
    assert settings.load("server", Made, {}, file=path, environ={})[0].alerts == ("a", "b")
    environ = {"TICKERLENS_SERVER__ALERTS": "c, d"}
    assert settings.load("server", Made, {}, file=path, environ=environ)[0].alerts == ("c", "d")
    flags = {"alerts": ""}
    assert settings.load("server", Made, flags, file=path, environ=environ)[0].alerts == ()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[server]\nspeeed = 1\n", r"\[server\]: speeed is unknown, did you mean speed\?"),
        ("[server]\nspeed = 0\n", "speed must be a number of at least 1e-06, was 0"),
        ("[server]\nspeed = true\n", "speed must be a number of at least 1e-06, was true"),
        ("[server]\ntickers = 'many'\n", 'tickers must be a whole number, was "many"'),
        ("[server]\nfeed = 1\n", "feed must be text, was 1"),
        ("[server]\nalerts = 1\n", "alerts must be a list, was 1"),
        ("[server]\nstamp = 'middle'\n", 'stamp must be one of close, open, was "middle"'),
        ("[sever]\nspeed = 1\n", r"\[sever\] is unknown"),
        ("[server\n", "is not TOML"),
        ("server = 1\n", r"\[server\]: must be a table"),
        ("feed = 1\n[server]\nspeed = 0\n", "speed must be"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=part) as refusal:
        settings.load("server", Made, {}, file=path, environ={})
    assert str(path) in str(refusal.value)


def test_a_wrong_value_of_the_environment_is_refused() -> None:
    with pytest.raises(SettingsError, match="environment"):
        settings.load("server", Made, {}, environ={"TICKERLENS_SERVER__NO": "1"})


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="does not exist"):
        settings.load("server", Made, {}, file=tmp_path / "no.toml", environ={})


def test_what_is_shown_can_be_read_back(file: Path) -> None:
    flags = {"from": "2020-01-01"}
    got, origins = settings.load("server", Made, flags, file=file, environ={})
    shown = settings.show("server", got, origins)
    table = tomllib.loads(shown)["server"]
    assert table["from"] == "2020-01-01"
    assert table["speed"] == 10
    assert "speed = 10.0" in shown
    assert shown.count(f"# {file}") == 3


@pytest.mark.parametrize(("given", "shown"), [("hidden", "***"), ("", "")])
def test_of_a_secret_it_is_only_shown_whether_there_is_one(given: str, shown: str) -> None:
    class Vendor(msgspec.Struct, frozen=True):
        token: Annotated[str, Meta(description="yours", extra={"secret": True})] = ""
        place: Annotated[str, Meta(description="where")] = "here"

    environ = {"TICKERLENS_FEED__VENDOR__TOKEN": given}
    got, origins = settings.load("feed.vendor", Vendor, {}, environ=environ)
    assert got.token == given
    told = settings.show("feed.vendor", got, origins)
    assert tomllib.loads(told)["feed"]["vendor"] == {"token": shown, "place": "here"}
    assert "hidden" not in told
    with pytest.raises(SettingsError, match=r"token must be text$"):
        settings.load("feed.vendor", Vendor, {"token": 7}, environ={})
