"""Whether a window can be shown at all; asked before Qt is loaded, because Qt aborts if not."""

import ctypes
import importlib.util
import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from shared.errors import UnavailableError

_ANSWER_WITHIN_S: Final = 2.0
_WAY_OUT: Final = "; tickerlens --terminal shows the same in a terminal"
_X_DISPLAY: Final = re.compile(r"(?:unix|([^:/]*)):([0-9]+)(?:\.[0-9]+)?")


def require_display(environ: Mapping[str, str] = os.environ) -> None:
    """Check that there is a display to open a window on, and what Qt needs to do so.

    Raises:
        UnavailableError: There is none, it does not answer, or a library is missing.
    """
    platform = environ.get("QT_QPA_PLATFORM", "")
    if not sys.platform.startswith("linux") or platform.split(":")[0] not in ("", "xcb", "wayland"):
        return
    if environ.get("WAYLAND_DISPLAY"):
        return
    display = environ.get("DISPLAY", "")
    if not display:
        raise UnavailableError("there is no display to open a window on" + _WAY_OUT)
    if not _answers(display):
        raise UnavailableError(f"the display {display} does not answer" + _WAY_OUT)
    _require_plugin()


def _answers(display: str) -> bool:
    match = _X_DISPLAY.fullmatch(display)
    if match is None:
        return True  # a form that we do not know: Qt may
    host, number = match[1], int(match[2])
    try:
        if host:
            socket.create_connection((host, 6000 + number), _ANSWER_WITHIN_S).close()
        else:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(f"/tmp/.X11-unix/X{number}")  # noqa: S108 - where X servers listen
    except OSError:
        return False
    return True


def _require_plugin() -> None:
    # Loading the plugin ourselves names the library that it lacks, such as libxcb-cursor.so.0.
    spec = importlib.util.find_spec("PySide6")
    if spec is None or spec.origin is None:
        return
    plugin = Path(spec.origin).parent / "Qt/plugins/platforms/libqxcb.so"
    try:
        if plugin.exists():
            ctypes.CDLL(str(plugin))
    except OSError as e:
        raise UnavailableError(f"Qt cannot open a window: {e}" + _WAY_OUT) from e
