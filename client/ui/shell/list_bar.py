"""Which list is shown: a button for each, onto which rows may be dropped."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QToolButton, QWidget

from client.state.workspace import ALL, BUYS, EVERY_BUY, OWN, STARS, Workspace
from client.ui.widgets.choices import literal

_GIVEN: Final = {ALL: "All", BUYS: "Buys", EVERY_BUY: "Weaker", STARS: "★"}
_TAKES: Final = (STARS, OWN)  # keys that tickers can be dropped on begin with one of them


class ListButton(QToolButton):
    """A list that can be shown.

    Signals:
        dropped: Tickers were dropped on it; carries its key and their symbols.

    Attributes:
        key: What the workspace calls the list.
    """

    dropped = Signal(str, object)

    key: str

    def __init__(self, key: str, words: str) -> None:
        super().__init__()
        self.key = key
        self.setProperty("role", "list")
        self.setText(literal(words))
        self.setAccessibleName(words)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAcceptDrops(key.startswith(_TAKES))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let tickers come."""
        if event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take tickers, one a line."""
        self.dropped.emit(self.key, tuple(event.mimeData().text().split()))
        event.acceptProposedAction()


class ListBar(QWidget):
    """The buttons, and one that offers what else there is.

    Signals:
        chosen: A list was chosen; carries its key.
        dropped: Tickers were dropped on a list; carries its key and their symbols.

    Args:
        fill: Puts into a menu what can be done with lists.
    """

    chosen = Signal(str)
    dropped = Signal(str, object)

    def __init__(self, fill: Callable[[QMenu], object]) -> None:
        super().__init__()
        self._fill = fill
        self._buttons: dict[str, ListButton] = {}
        self._weaker = False
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.buttonClicked.connect(self._choose)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._more = _more_button()
        self._more.menu().aboutToShow.connect(self._offer)
        self._row.addWidget(self._more)
        for key, words in _GIVEN.items():
            self._add(key, words)
        self._buttons[ALL].setChecked(True)

    def show_lists(self, workspace: Workspace) -> None:
        """Have a button for each list of the user's own, and light the one that is shown."""
        wanted = _GIVEN | {f"{OWN}{name}": name for name in workspace.lists}
        if workspace.shown not in wanted:  # a market segment
            wanted |= {workspace.shown: workspace.shown.partition(":")[2]}
        for key in [key for key in self._buttons if key not in wanted]:
            button = self._buttons.pop(key)
            self._group.removeButton(button)
            button.deleteLater()
        for key, words in wanted.items():
            if key not in self._buttons:
                self._add(key, words)
        self._buttons[workspace.shown].setChecked(True)
        self._show_room()

    def show_counts(self, counts: Mapping[str, int], weaker: int) -> None:
        """Show how many tickers some of the lists have, by key, and how many buys are weaker."""
        for key, count in counts.items():
            self._buttons[key].setText(f"{_GIVEN[key]} {count:,}")
        every = self._buttons[EVERY_BUY]
        every.setText(f"+{weaker:,} weaker")
        every.setToolTip("All buys, those that are hardly stronger than usual as well")
        if self._weaker != bool(weaker):
            self._weaker = bool(weaker)
            self._show_room()

    def set_narrow(self, narrow: bool) -> None:
        """Leave out the lists of the user's own, but for the one that is shown, or show all."""
        self.setProperty("narrow", narrow)
        self._show_room()

    def _show_room(self) -> None:
        narrow = bool(self.property("narrow"))
        for key, button in self._buttons.items():
            shown = self._weaker if key == EVERY_BUY else True
            wide = shown and not narrow
            button.setVisible(wide or key in (ALL, BUYS) or button.isChecked())

    def _add(self, key: str, words: str) -> None:
        button = self._buttons[key] = ListButton(key, words)
        button.dropped.connect(self.dropped)
        self._group.addButton(button)
        self._row.insertWidget(self._row.count() - 1, button)

    def _choose(self, button: ListButton) -> None:
        self.chosen.emit(button.key)
        self._show_room()

    def _offer(self) -> None:
        self._more.menu().clear()
        self._fill(self._more.menu())


def _more_button() -> QToolButton:
    button = QToolButton()
    button.setProperty("role", "more")
    button.setText("+")
    button.setAccessibleName("Lists")
    button.setToolTip("Lists: new, import, export")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(QMenu(button))
    return button
