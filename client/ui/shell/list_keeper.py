"""What the user arranged in the list, taken from a workspace and told as a new one."""

from collections import deque
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractItemView

from client.state.column_layout import ColumnLayout
from client.state.list_cells import LIST_CELLS
from client.state.marks import OwnList
from client.state.workspace import OWN, STARS, Workspace
from client.ui.shell.list_bar import ListBar
from client.ui.watchlist.watchlist_model import WatchlistModel
from client.ui.watchlist.watchlist_view import WatchlistView

_SOON_MS: Final = 500  # so that a drag is one change, and not a hundred
_UNDONE_MOST: Final = 100


class ListKeeper(QObject):
    """Keeps a list as its user left it, and takes back what was done to marks and lists.

    Signals:
        changed: Something was arranged; carries the `Workspace`, at most twice a second.
    """

    changed = Signal(object)

    def __init__(
        self, model: WatchlistModel, view: WatchlistView, bar: ListBar, workspace: Workspace
    ) -> None:
        super().__init__(view)
        self._model, self._view, self._bar = model, view, bar
        self._workspace = workspace
        self._before: deque[Workspace] = deque(maxlen=_UNDONE_MOST)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self.tell)
        self._sort_as(workspace)
        view.heading.arrange(workspace.columns)
        view.choose(workspace.chosen)
        view.heading.sets = dict(workspace.column_sets)
        self._show()
        view.heading.arranged.connect(self._note_columns)
        view.heading.sortIndicatorChanged.connect(self._soon.start)
        view.starred.connect(lambda symbol: self.turn("stars", (symbol,)))
        bar.chosen.connect(self.show_list)
        bar.dropped.connect(self.add)
        bar.moved.connect(self.move_list)

    @property
    def workspace(self) -> Workspace:
        """What is arranged now."""
        listed, falling = self._model.sorted_by
        return msgspec.structs.replace(
            self._workspace,
            sort=listed.cell.name,
            falling=falling,
            chosen=self._view.chosen(),
            top=self._view.top(),
        )

    def tell(self) -> None:
        """Say what is arranged now."""
        self._soon.stop()
        self.changed.emit(self.workspace)

    def restore_place(self) -> None:
        """Go where the list stood when the desk was closed; for the first rows that come."""
        row = self._model.row_of(self._workspace.top)
        if row is not None:
            self._view.scrollTo(
                self._model.index(row, 0), QAbstractItemView.ScrollHint.PositionAtTop
            )

    def counts(self) -> dict[str, int]:
        """Return how many tickers the stars and each list of the user's own have, by key."""
        table = self._model.table
        known = {STARS: int(table.starred.sum())}
        for name in self._workspace.lists:
            wanted = msgspec.structs.replace(self._workspace, shown=f"{OWN}{name}").row_filter()
            known[f"{OWN}{name}"] = int(wanted.fits(table).sum())
        return known

    def move_list(self, key: str, place: str) -> None:
        """Put a list of the user's own where another one of them is."""
        self._replace(self._workspace.with_list_moved(key, place))

    def turn(self, kind: str, symbols: Iterable[str]) -> None:
        """Give all of these tickers a mark, or take it away if all have it.

        Args:
            kind: `stars`, `pins` or `muted`.
            symbols: The tickers.
        """
        self._do(marks=self._workspace.marks.turned(kind, symbols))

    def write_note(self, symbol: str, words: str) -> None:
        """Keep a note on a ticker; no words take it away."""
        self._do(marks=self._workspace.marks.noted(symbol, words))

    def add(self, key: str, symbols: Iterable[str]) -> None:
        """Put tickers into a list of the user's own, which is made if there is none, or star them.

        Args:
            key: Of the list.
            symbols: The tickers.
        """
        if key == STARS:
            new = set(symbols) - set(self._workspace.marks.stars)
            if new:
                self.turn("stars", new)
        else:
            own = self._workspace.own(key) or OwnList()
            self.put(key.removeprefix(OWN), own.with_tickers(symbols))

    def put(self, name: str, own: OwnList | None) -> None:
        """Have a list of this name; none if it is None."""
        self._replace(self._workspace.with_list(name, own))

    def remove(self, symbols: Iterable[str]) -> None:
        """Take tickers out of the list that is shown."""
        self._replace(self._workspace.without_tickers(tuple(symbols)))

    def undo(self) -> None:
        """Take back the newest change of marks and lists."""
        if self._before:
            before = self._before.pop()
            lists = {"lists": before.lists, "shown": before.shown}
            self._workspace = msgspec.structs.replace(self._workspace, marks=before.marks, **lists)
            self._show()

    def show_list(self, key: str) -> None:
        """Show another list."""
        self._workspace = msgspec.structs.replace(self._workspace, shown=key)
        self._show()

    def _do(self, **changes: Any) -> None:
        self._replace(msgspec.structs.replace(self._workspace, **changes))

    def _replace(self, workspace: Workspace) -> None:
        # Lists that stand in another order are other ones, as no dict would say.
        if workspace != self._workspace or [*workspace.lists] != [*self._workspace.lists]:
            self._before.append(self._workspace)
            self._workspace = workspace
            self._show()

    def _show(self) -> None:
        self._model.table.mark(self._workspace.marks)
        self._model.set_list(self._workspace.row_filter())
        self._model.refresh()
        self._bar.show_lists(self._workspace)
        self._soon.start()

    def _sort_as(self, workspace: Workspace) -> None:
        names = [listed.cell.name for listed in LIST_CELLS]
        if workspace.sort in names:
            falling = workspace.falling
            order = Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
            self._view.sortByColumn(names.index(workspace.sort), order)

    def _note_columns(self, columns: ColumnLayout) -> None:
        self._workspace = msgspec.structs.replace(
            self._workspace, columns=columns, column_sets=dict(self._view.heading.sets)
        )
        self._soon.start()
