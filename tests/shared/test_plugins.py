import datetime
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from shared.errors import DataError, PluginError
from shared.plugins import guarded, load, names_of
from tests.kit.places import ROOT
from tests.kit.plugin_install import on_the_path, write_plugin


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[importlib.metadata.EntryPoint]:
    points: list[importlib.metadata.EntryPoint] = []

    def those_of(group: str) -> tuple[importlib.metadata.EntryPoint, ...]:
        return tuple(p for p in points if p.group == group)

    monkeypatch.setattr("shared.plugins._points", those_of)
    return points


def point(name: str, value: str) -> importlib.metadata.EntryPoint:
    return importlib.metadata.EntryPoint(name=name, value=value, group="tickerlens.feeds")


def test_what_is_installed_can_be_loaded(offered: list[importlib.metadata.EntryPoint]) -> None:
    offered.append(point("zone", "datetime:UTC"))

    assert names_of("tickerlens.feeds") == ("zone",)
    assert names_of("tickerlens.alerts") == ()
    assert load("tickerlens.feeds", "zone", datetime.timezone) is datetime.UTC


@pytest.mark.parametrize(
    ("points", "name"),
    [
        ([], "absent"),
        ([("twice", "datetime:UTC"), ("twice", "datetime:UTC")], "twice"),
        ([("broken", "no_such_module:thing")], "broken"),
        ([("lacking", "datetime:no_such_thing")], "lacking"),
        ([("other", "math:pi")], "other"),
    ],
)
def test_what_cannot_be_loaded_is_named(
    offered: list[importlib.metadata.EntryPoint], points: list[tuple[str, str]], name: str
) -> None:
    offered += [point(*p) for p in points]
    with pytest.raises(PluginError, match=f"'{name}'"):
        load("tickerlens.feeds", name, str)


def test_an_error_of_ours_passes_and_any_other_is_named() -> None:
    with pytest.raises(DataError, match="as it was said"), guarded("tickerlens.feeds", "mine"):
        raise DataError("as it was said")
    named = r"'mine' \(tickerlens.feeds\) failed: KeyError"
    with pytest.raises(PluginError, match=named), guarded("tickerlens.feeds", "mine"):
        raise KeyError


def test_an_installed_package_is_found_here_and_by_a_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = write_plugin(tmp_path, "tickerlens.feeds", "made", "OFFER = 'bars'\n")
    listing = "import shared.plugins as p; print(*p.names_of('tickerlens.feeds'))"
    with on_the_path(site, monkeypatch):
        assert load("tickerlens.feeds", "made", str) == "bars"
        child = subprocess.run(
            [sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert "made" in child.stdout.split()
    assert "made" not in names_of("tickerlens.feeds")
    assert "plugin_made" not in sys.modules
