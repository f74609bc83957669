from pathlib import Path

import pytest

from server.alerts.registry import alert_kind, names, open_alert
from shared.errors import PluginError, SettingsError
from tests.kit.plugin_install import on_the_path, write_plugin

RAISES = """
import msgspec
from server.alerts.base import AlertKind

def open(settings):
    raise KeyError("token")

OFFER = AlertKind(settings=msgspec.defstruct("Nothing", []), open=open)
"""


def test_ours_is_there() -> None:
    assert names() == ("file",)


def test_another_name_is_refused() -> None:
    with pytest.raises(SettingsError, match="'smoke'"):
        alert_kind("smoke")


@pytest.mark.parametrize(
    ("source", "fault"), [(RAISES, "KeyError: 'token'"), ("OFFER = 3", "must be a AlertKind")]
)
def test_what_an_alert_of_a_package_does_wrong_at_the_start_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, fault: str
) -> None:
    site = write_plugin(tmp_path, "tickerlens.alerts", "faulty", source)
    with on_the_path(site, monkeypatch), pytest.raises(PluginError, match=f"'faulty'.*{fault}"):
        open_alert("faulty", alert_kind("faulty").settings())
