import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import display
from client.display import require_display
from shared.errors import UnavailableError

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere there always is a display"
)


@pytest.fixture
def x_port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Return a display number behind which something listens, as `ssh -X` leaves one."""
    monkeypatch.setattr(display, "_require_plugin", lambda: None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1] - 6000


@pytest.mark.parametrize("environ", [{}, {"DISPLAY": ""}, {"QT_QPA_PLATFORM": "xcb"}])
def test_no_display_is_said_with_the_way_out(environ: dict[str, str]) -> None:
    with pytest.raises(UnavailableError, match=r"no display.*--terminal"):
        require_display(environ)


@pytest.mark.parametrize("platform", ["offscreen", "minimal", "vnc:size=800x600"])
def test_platforms_without_a_display_need_none(platform: str) -> None:
    require_display({"QT_QPA_PLATFORM": platform})


def test_wayland_is_a_display() -> None:
    require_display({"WAYLAND_DISPLAY": "wayland-0"})


def test_a_display_that_answers_is_enough(x_port: int) -> None:
    require_display({"DISPLAY": f"127.0.0.1:{x_port}.0"})


@pytest.mark.parametrize("name", [":98765", "unix:98765", "127.0.0.1:1.0"])
def test_a_display_that_is_gone_is_named(name: str) -> None:
    with pytest.raises(UnavailableError, match=f"{name} does not answer"):
        require_display({"DISPLAY": name})


def test_a_library_that_the_plugin_lacks_is_named(
    x_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    plugin = tmp_path / "PySide6" / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    plugin.parent.mkdir(parents=True)
    plugin.write_text("not a library")
    (tmp_path / "PySide6" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "PySide6", raising=False)
    with pytest.raises(UnavailableError, match=r"libqxcb\.so.*--terminal"):
        require_display({"DISPLAY": f"127.0.0.1:{x_port}"})
