"""The desk as a program: made, connected, run and put away."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QSettings, QSize
from PySide6.QtWidgets import QApplication

from client.net.link import Link
from client.state.inbox import Inbox
from client.ui.shell.bridge import Bridge
from client.ui.shell.faults import FaultReporter
from client.ui.shell.icon import program_icon
from client.ui.shell.interrupt import Interrupt
from client.ui.shell.main_window import MainWindow
from client.ui.theme.theme import Theme
from client.workspace_file import WorkspaceWriter, read_workspace, workspace_file
from shared.settings import DeskSettings

_FRAME: Final = QSize(8, 40)  # about what a window manager puts around a window


def run_desk(link: Link, inbox: Inbox, settings: DeskSettings) -> int:
    """Show the desk until its window is closed, and return the exit code.

    Args:
        link: A link that is running; the caller stops it afterwards, when no window is left.
        inbox: What the link fills.
        settings: How everything looks.
    """
    app = QApplication(sys.argv[:1])
    app.setApplicationName("tickerlens")
    app.setWindowIcon(program_icon())
    path = workspace_file()
    window = MainWindow(link, Theme(settings, app), read_workspace(path), settings)
    with (
        _kept(window, path),
        _remembered(window),
        _reported(window),
        closing(Interrupt(window.close)),
    ):
        bridge = Bridge(inbox)
        bridge.updated.connect(window.apply)
        with closing(bridge):
            bridge.open()
            _fit(window)
            window.show()
            return app.exec()


@contextmanager
def _kept(window: MainWindow, path: Path) -> Iterator[None]:
    with closing(WorkspaceWriter(path)) as writer:
        window.keeper.changed.connect(writer.save)
        yield
        window.keeper.tell()


@contextmanager
def _remembered(window: MainWindow) -> Iterator[None]:
    # Where the window was, from one run to the next; files are touched at both ends only.
    storage = QSettings("tickerlens", "desk")
    geometry = storage.value("geometry")
    state = storage.value("state")
    if isinstance(geometry, QByteArray) and isinstance(state, QByteArray):
        window.restoreGeometry(geometry)
        window.restoreState(state)
    yield
    storage.setValue("geometry", window.saveGeometry())
    storage.setValue("state", window.saveState())
    storage.sync()


def _fit(window: MainWindow) -> None:
    # Inside the screen it is on, whatever screen it was on when it was closed.
    room = window.screen().availableGeometry()
    size = window.size().boundedTo(room.size() - _FRAME)
    window.resize(size)
    if not room.contains(window.geometry()):
        window.move(room.topLeft())


@contextmanager
def _reported(window: MainWindow) -> Iterator[None]:
    faults = FaultReporter(window)
    faults.install()
    try:
        yield
    finally:
        faults.uninstall()
