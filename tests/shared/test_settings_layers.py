import tomllib
from pathlib import Path

import pytest

from shared import settings_layers as settings
from shared.errors import InputMissingError, SettingsError
from shared.settings import DeskSettings, ServerSettings


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
        "server", ServerSettings, {"seed": 3, "feed": None}, file=file, environ=environ
    )
    assert (got.speed, got.tickers, got.seed, got.feed) == (10.0, 30, 3, "simulated")
    assert origins["speed"] == str(file)
    assert (origins["tickers"], origins["seed"]) == ("environment", "flag")
    assert origins["feed"] == "default"


def test_the_table_of_another_program_is_left_alone(file: Path) -> None:
    got, _ = settings.load("desk", DeskSettings, {}, file=file, environ={})
    assert got == DeskSettings(theme="dark")


@pytest.mark.parametrize("speed", ["max", "0.5", "600"])
def test_speed_is_a_number_or_max(speed: str) -> None:
    environ = {"TICKERLENS_SERVER__SPEED": speed}
    got, _ = settings.load("server", ServerSettings, {}, environ=environ)
    assert str(got.speed) in {speed, f"{speed}.0"}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[server]\nspeeed = 1\n", "unknown field `speeed`"),
        ("[server]\nspeed = 0\n", r"\$\.speed"),
        ("[server]\nstamp = 'middle'\n", r"\$\.stamp"),
        ("[sever]\nspeed = 1\n", r"\[sever\] is unknown"),
        ("[server\n", "is not TOML"),
        ("server = 1\n", "server"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=part) as refusal:
        settings.load("server", ServerSettings, {}, file=path, environ={})
    assert str(path) in str(refusal.value)


def test_a_wrong_value_of_the_environment_is_refused() -> None:
    with pytest.raises(SettingsError, match="environment"):
        settings.load("server", ServerSettings, {}, environ={"TICKERLENS_SERVER__NO": "1"})


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="does not exist"):
        settings.load("server", ServerSettings, {}, file=tmp_path / "no.toml", environ={})


def test_what_is_shown_can_be_read_back(file: Path) -> None:
    got, origins = settings.load("server", ServerSettings, {"from": "2020-01-01"}, file=file)
    shown = settings.show("server", got, origins)
    table = tomllib.loads(shown)["server"]
    assert table["from"] == "2020-01-01"
    assert table["speed"] == 10
    assert "speed = 10.0" in shown
    assert shown.count(f"# {file}") == 3
