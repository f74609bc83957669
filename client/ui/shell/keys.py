"""The list of keys, on F1."""

from typing import Final

from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from client.ui.theme.theme import mono
from client.ui.widgets.plain_label import PlainLabel

_KEYS: Final = (
    ("Enter, double-click", "open the ticker"),
    ("Ctrl+F", "find a ticker; Esc clears"),
    ("Ctrl+T", "dark or light"),
    ("Esc", "close a ticker's window"),
    ("Wheel, ↑ ↓", "zoom the charts"),
    ("Drag, ← →", "move the charts"),
    ("F, double-click", "newest bars again"),
    ("M, Shift+M", "next, previous method of explanation"),
    ("C", "compare two methods"),
    ("Tab, Space", "the controls over the heatmap"),
    ("F1", "this list"),
)


class KeysDialog(QDialog):
    """What can be done with keys."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 20, 24, 20)
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(9)
        for row, (keys, meaning) in enumerate(_KEYS):
            label = PlainLabel(keys)
            label.setFont(mono(12))
            grid.addWidget(label, row, 0)
            grid.addWidget(PlainLabel(meaning, "muted"), row, 1)
