"""What can be done with rows and lists, by menu, by key and by file."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QMessageBox, QWidget

from client.list_files import read_list, write_list
from client.state.marks import OwnList
from client.state.workspace import OWN, SECTOR, SEGMENT
from client.ui.shell.errands import Errands
from client.ui.shell.list_keeper import ListKeeper
from client.ui.watchlist.watchlist_model import WatchlistModel
from client.ui.watchlist.watchlist_view import WatchlistView
from client.ui.widgets.choices import literal
from shared.limits import MAX_NAME
from shared.plain_text import plain_text

_MENU_MOST: Final = 100  # lists and segments in one menu
_FILES: Final = "CSV files (*.csv)"


class ListMenus(QObject):
    """The menus of rows and of lists, and their keys.

    Args:
        model: The rows.
        view: Where they are chosen.
        keeper: Does what is chosen here.
        line: Returns what stands in the filter.
    """

    def __init__(
        self,
        model: WatchlistModel,
        view: WatchlistView,
        keeper: ListKeeper,
        line: Callable[[], str],
    ) -> None:
        super().__init__(view)
        self._model, self._view, self._keeper, self._line = model, view, keeper, line
        self.errands = Errands(self)
        self.errands.failed.connect(partial(_tell, view))
        keys = QKeySequence.StandardKey
        self._actions = (
            self._action("Star", "Ctrl+D", partial(self._turn, "stars")),
            self._action("Pin to the head", "Ctrl+P", partial(self._turn, "pins")),
            self._action("Mute", "Ctrl+M", partial(self._turn, "muted")),
            self._action("Note…", "Ctrl+E", self._write_note),
            self._action("Copy", keys.Copy, view.copy_rows),
            self._action("Take out of this list", keys.Delete, self._remove),
            self._action("Undo", keys.Undo, keeper.undo),
        )
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._offer)

    def row_menu(self) -> QMenu:
        """Return what can be done with the rows that are chosen."""
        menu = QMenu(self._view)
        symbols = self._view.selected()
        menu.addAction("Open\tEnter", self._view.open_chosen).setEnabled(bool(symbols))
        for action in self._actions:
            menu.addAction(action)
        into = menu.addMenu("Add to")
        for name, own in list(self._keeper.workspace.lists.items())[:_MENU_MOST]:
            if not own.filter:
                into.addAction(literal(name), partial(self._keeper.add, f"{OWN}{name}", symbols))
        into.addAction("New list…", partial(self._new, symbols))
        return menu

    def fill(self, menu: QMenu) -> None:
        """Put into a menu what can be done with lists."""
        workspace = self._keeper.workspace
        menu.addAction("New list…", partial(self._new, ()))
        keep = menu.addAction("Keep this filter as a list…", self._keep_filter)
        keep.setEnabled(bool(self._line().strip()))
        menu.addAction("Import a list…", self._import)
        menu.addAction("Export this list…", self._export)
        own = workspace.own(workspace.shown)
        if own is not None:
            name = workspace.shown.removeprefix(OWN)
            menu.addAction(f"Delete {literal(name)}", partial(self._keeper.put, name, None))
        menu.addSeparator()
        for name in list(workspace.lists)[:_MENU_MOST]:
            menu.addAction(literal(name), partial(self._keeper.show_list, f"{OWN}{name}"))
        table = self._model.table
        for words, key, texts in (
            ("Markets", SEGMENT, table.segments),
            ("Sectors", SECTOR, table.sectors),
        ):
            known = sorted(set(filter(None, texts)))
            below = menu.addMenu(words)
            below.setEnabled(bool(known))
            for name in known[:_MENU_MOST]:
                below.addAction(literal(name), partial(self._keeper.show_list, f"{key}{name}"))

    def _action(
        self, words: str, key: str | QKeySequence.StandardKey, do: Callable[[], object]
    ) -> QAction:
        action = QAction(words, self)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: do())
        self._view.addAction(action)
        return action

    def _offer(self, at: QPoint) -> None:
        menu = self.row_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._view.viewport().mapToGlobal(at))

    def _turn(self, kind: str) -> None:
        symbols = self._view.selected()
        if symbols:
            self._keeper.turn(kind, symbols)

    def _remove(self) -> None:
        self._keeper.remove(self._view.selected())

    def _write_note(self) -> None:
        symbol = self._view.chosen()
        if symbol:
            known = self._keeper.workspace.marks.notes.get(symbol, "")
            words, given = QInputDialog.getText(self._view, symbol, "Note", text=known)
            if given:
                self._keeper.write_note(symbol, plain_text(words.strip())[:MAX_NAME])

    def _new(self, symbols: tuple[str, ...]) -> None:
        name = self._ask_name("New list")
        if name:
            self._keeper.put(name, OwnList(tickers=symbols))
            self._keeper.show_list(f"{OWN}{name}")

    def _keep_filter(self) -> None:
        line = self._line().strip()
        name = self._ask_name(f"Keep {line} as")
        if name:
            self._keeper.put(name, OwnList(filter=line))

    def _ask_name(self, title: str) -> str:
        words, given = QInputDialog.getText(self._view, "Lists", title)
        return plain_text(words.strip())[:MAX_NAME] if given else ""

    def _import(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self._view, "Import a list", "", _FILES)
        if name:
            path = Path(name)
            self.errands.run(partial(read_list, path), partial(self._imported, path.stem))

    def _imported(self, name: str, symbols: tuple[str, ...]) -> None:
        name = plain_text(name)[:MAX_NAME] or "Imported"
        self._keeper.put(name, OwnList(tickers=symbols))
        self._keeper.show_list(f"{OWN}{name}")

    def _export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self._view, "Export this list", "list.csv", _FILES)
        if name:
            rows = self._model.exported()
            self.errands.run(partial(write_list, Path(name), rows), lambda _: None)


def _tell(parent: QWidget, words: str) -> None:
    box = QMessageBox(parent)
    box.setWindowTitle("tickerlens")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(plain_text(words))
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
