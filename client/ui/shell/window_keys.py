"""Keys that work in every window of the desk, and the window that they are for."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget


def press_anywhere(owner: QWidget, keys: Mapping[str, Callable[[], object]]) -> None:
    """Do what a key is for, whichever window of ours the user is in.

    Args:
        owner: Lives as long as the keys are to work.
        keys: What each does.
    """
    for key, act in keys.items():
        shortcut = QShortcut(QKeySequence(key), owner)
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.activated.connect(act)


def front(otherwise: QWidget) -> QWidget:
    """Return the window that the user is in; `otherwise` where that is none of ours."""
    return QApplication.activeWindow() or otherwise


def turn_full_screen(window: QWidget) -> None:
    """Let a window fill the screen, or no longer."""
    window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)
