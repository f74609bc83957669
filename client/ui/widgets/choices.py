"""A button that opens a list, of which one item is chosen."""

import itertools
from collections.abc import Mapping
from typing import Final, NamedTuple

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from client.state import text
from shared.plain_text import plain_text

MOST_ITEMS: Final = 256


class Item(NamedTuple):
    """One item of the list.

    Attributes:
        words: What it is called.
        remark: What stands beside it; may be empty.
        tip: What its tool-tip says.
    """

    words: str
    remark: str = ""
    tip: str = ""


class Choices(QToolButton):
    """The button; Tab reaches it, and the space bar opens the list.

    Signals:
        chosen: The user chose the item with this key.

    Args:
        name: What is chosen here.
        most_px: How wide the button may be.
    """

    chosen = Signal(object)

    def __init__(self, name: str, most_px: int) -> None:
        super().__init__()
        self._name, self._most_px = name, most_px
        self._items: dict[object, Item] = {}
        self.setProperty("role", "chip")
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self.setMenu(self._menu)
        self._group = QActionGroup(self)
        self._group.triggered.connect(self._choose)

    def fill(self, items: Mapping[object, Item]) -> None:
        """Offer `items`, by key: the first `MOST_ITEMS`, for nobody reads a list that is longer."""
        offered = dict(itertools.islice(items.items(), MOST_ITEMS))
        if offered == self._items:
            return
        self._items = offered
        for action in self._group.actions():
            self._group.removeAction(action)
        self._menu.clear()
        for key, item in offered.items():
            action = self._menu.addAction("\t".join(map(literal, filter(None, item[:2]))))
            action.setData(key)
            action.setToolTip(text.tip(item.tip))
            action.setCheckable(True)
            self._group.addAction(action)

    def show_chosen(self, key: object) -> None:
        """Show which item is chosen."""
        for action in self._group.actions():
            action.setChecked(action.data() == key)
        item = self._items.get(key, Item(""))
        self.setText(f"{literal(item.words)} ▾")  # what is too long, the style cuts in the middle
        self.setToolTip(text.tip(f"{self._name}: {item.words}", item.remark, item.tip))

    def sizeHint(self) -> QSize:
        """Return the room for the chosen item, if it is not too much."""
        hint = super().sizeHint()
        return QSize(min(hint.width(), self._most_px), hint.height())

    def minimumSizeHint(self) -> QSize:
        """Return the same: the button does not give way."""
        return self.sizeHint()

    def _choose(self, action: QAction) -> None:
        self.chosen.emit(action.data())


def literal(words: str) -> str:
    """Return what others call something, in which Qt is to see no key: it takes & for one."""
    return plain_text(words).replace("&", "&&")
