"""Which list is shown: a button for each, onto which rows may be dropped."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from PySide6.QtCore import QByteArray, QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QToolButton,
    QWidget,
)

from client.state.workspace import ALL, BUYS, EVERY_BUY, OWN, STARS, Workspace
from client.ui.widgets.choices import literal

_GIVEN: Final = {ALL: "All", BUYS: "Buys", EVERY_BUY: "Weaker", STARS: "★"}
_TAKES: Final = (STARS, OWN)  # keys that tickers can be dropped on begin with one of them
_LIST: Final = "application/x-tickerlens-list"  # a list that is dragged
_WEAKER: Final = "All buys, those that are hardly stronger than usual as well"


class ListButton(QToolButton):
    """A list that can be shown; one of the user's own can be dragged to another place.

    Signals:
        dropped: Tickers were dropped on it; carries its key and their symbols.
        moved: Another list was dropped on it; carries that one's key and its own.

    Attributes:
        key: What the workspace calls the list.
        words: What people call it.
    """

    dropped = Signal(str, object)
    moved = Signal(str, str)

    key: str
    words: str

    def __init__(self, key: str, words: str) -> None:
        super().__init__()
        self.key, self.words = key, words
        self._pressed = QPoint()
        self.setProperty("role", "list")
        self.show_count(None)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAcceptDrops(key.startswith(_TAKES))

    def show_count(self, count: int | None) -> None:
        """Say how many tickers it has; None where that is not known."""
        if self.key == EVERY_BUY:
            said = f"+{count or 0:,} weaker"
        else:
            said = self.words if count is None else f"{self.words} {count:,}"
        if literal(said) != self.text():
            self.setText(literal(said))
            self.setAccessibleName(said)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a drag may begin."""
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag a list of the user's own."""
        way = (event.position().toPoint() - self._pressed).manhattanLength()
        held = bool(event.buttons() & Qt.MouseButton.LeftButton)
        if not held or not self.key.startswith(OWN) or way < QApplication.startDragDistance():
            super().mouseMoveEvent(event)
            return
        self.setDown(False)
        data = QMimeData()
        data.setData(_LIST, QByteArray(self.key.encode()))
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.MoveAction)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let tickers come, and other lists to where one of the user's own is."""
        data = event.mimeData()
        if data.hasText() or (data.hasFormat(_LIST) and self.key.startswith(OWN)):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take tickers, one a line, or let a list have this place."""
        data = event.mimeData()
        if data.hasFormat(_LIST):
            self.moved.emit(bytes(data.data(_LIST).data()).decode(), self.key)
        else:
            self.dropped.emit(self.key, tuple(data.text().split()))
        event.acceptProposedAction()


class ListBar(QWidget):
    """The buttons, and one that offers what else there is; a drop-down where room is short.

    Signals:
        chosen: A list was chosen; carries its key.
        dropped: Tickers were dropped on a list; carries its key and their symbols.
        moved: A list was dropped on another one; carries their keys.

    Args:
        fill: Puts into a menu what can be done with lists.
    """

    chosen = Signal(str)
    dropped = Signal(str, object)
    moved = Signal(str, str)

    def __init__(self, fill: Callable[[QMenu], object]) -> None:
        super().__init__()
        self._fill = fill
        self._buttons: dict[str, ListButton] = {}
        self._counts: dict[str, int] = {}
        self._narrow = False
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.buttonClicked.connect(self._choose)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._every = _menu_button("list", "", "Lists")
        self._every.menu().aboutToShow.connect(self._list)
        self._more = _menu_button("more", "+", "Lists: new, import, export")
        self._more.menu().aboutToShow.connect(self._offer)
        self._row.addWidget(self._every)
        self._row.addWidget(self._more)
        for key, words in _GIVEN.items():
            self._add(key, words)
        self._buttons[EVERY_BUY].setToolTip(_WEAKER)
        self._buttons[ALL].setChecked(True)
        self._show_room()

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
        if list(wanted) != list(self._buttons):
            self._buttons = {key: self._buttons[key] for key in wanted}
            for place, button in enumerate(self._buttons.values()):
                self._row.removeWidget(button)
                self._row.insertWidget(place, button)
        self._buttons[workspace.shown].setChecked(True)
        self._show_room()

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many tickers some of the lists have, by key."""
        news = {k: n for k, n in counts.items() if k in self._buttons and self._counts.get(k) != n}
        self._counts |= news
        for key in news:
            self._buttons[key].show_count(self._counts[key])
        if news:
            self._show_room()

    def set_narrow(self, narrow: bool) -> None:
        """Show all lists behind one button, or beside each other."""
        if narrow != self._narrow:
            self._narrow = narrow
            self._show_room()

    def _show_room(self) -> None:
        for key, button in self._buttons.items():
            empty = key == EVERY_BUY and not self._counts.get(key) and not button.isChecked()
            button.setVisible(not self._narrow and not empty)
        self._every.setVisible(self._narrow)
        shown = next((b for b in self._buttons.values() if b.isChecked()), None)
        if shown is not None:
            self._every.setText(f"{shown.text()} ▾")

    def _list(self) -> None:
        menu = self._every.menu()
        menu.clear()
        for key, button in self._buttons.items():
            action = menu.addAction(button.text(), partial(self.chosen.emit, key))
            action.setCheckable(True)
            action.setChecked(button.isChecked())

    def _add(self, key: str, words: str) -> None:
        button = self._buttons[key] = ListButton(key, words)
        button.dropped.connect(self.dropped)
        button.moved.connect(self.moved)
        self._group.addButton(button)
        self._row.insertWidget(self._row.count() - 2, button)

    def _choose(self, button: ListButton) -> None:
        self.chosen.emit(button.key)
        self._show_room()

    def _offer(self) -> None:
        self._more.menu().clear()
        self._fill(self._more.menu())


def _menu_button(role: str, words: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setProperty("role", role)
    button.setText(words)
    button.setAccessibleName("Lists")
    button.setToolTip(tip)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(QMenu(button))
    return button
