"""The way from a ticker's window to others of the list."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from client.ui.widgets.chip import chip


class ListSteps(QWidget):
    """One ticker up, one down, and whether the window follows the list.

    Signals:
        stepped: So many rows further in the list.
        linked: Whether it is to follow the list's selection.
    """

    stepped = Signal(int)
    linked = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        up = chip("↑", "The ticker above in the list (PgUp)")
        down = chip("↓", "The ticker below in the list (PgDn)")
        self._link = chip("linked", "Follow the selection of the list (L)")
        self._link.setCheckable(True)
        up.clicked.connect(lambda: self.stepped.emit(-1))
        down.clicked.connect(lambda: self.stepped.emit(1))
        self._link.clicked.connect(self.linked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for button in (up, down, self._link):
            row.addWidget(button)

    def show_linked(self, *, linked: bool) -> None:
        """Say whether it follows."""
        self._link.setChecked(linked)

    def toggle(self) -> None:
        """Follow the list, or no longer."""
        self._link.click()
