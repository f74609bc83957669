"""A small button among others of a kind, with words."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton


def chip(words: str, tip: str, role: str = "chip") -> QToolButton:
    """Return a button that Tab reaches; a screen reader reads its tip up to the key in brackets.

    Args:
        words: What stands on it.
        tip: What it does, and by which key.
        role: How the style sheet knows it.
    """
    button = QToolButton()
    button.setText(words)
    button.setToolTip(tip)
    button.setAccessibleName(tip.partition(" (")[0])
    button.setProperty("role", role)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
