"""What the user arranged in the list, taken from a workspace and told as a new one."""

from typing import Any, Final

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractItemView

from client.state.column_layout import ColumnLayout
from client.state.list_cells import LIST_CELLS
from client.state.workspace import Workspace
from client.ui.watchlist.watchlist_model import WatchlistModel
from client.ui.watchlist.watchlist_view import WatchlistView

_SOON_MS: Final = 500  # so that a drag is one change, and not a hundred


class ListKeeper(QObject):
    """Keeps a list as its user left it.

    Signals:
        changed: Something was arranged; carries the `Workspace`, at most twice a second.
    """

    changed = Signal(object)

    def __init__(self, model: WatchlistModel, view: WatchlistView, workspace: Workspace) -> None:
        super().__init__(view)
        self._model, self._view = model, view
        self._workspace = workspace
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self.tell)
        model.table.star(frozenset(workspace.stars))
        self._sort_as(workspace)
        view.heading.arrange(workspace.columns)
        view.choose(workspace.chosen)
        view.heading.sets = dict(workspace.column_sets)
        view.heading.arranged.connect(self._note_columns)
        view.heading.sortIndicatorChanged.connect(self._soon.start)
        view.starred.connect(self._toggle_star)

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

    def _sort_as(self, workspace: Workspace) -> None:
        names = [listed.cell.name for listed in LIST_CELLS]
        if workspace.sort in names:
            falling = workspace.falling
            order = Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
            self._view.sortByColumn(names.index(workspace.sort), order)

    def _note_columns(self, columns: ColumnLayout) -> None:
        self._note(columns=columns, column_sets=dict(self._view.heading.sets))

    def _toggle_star(self, symbol: str) -> None:
        stars = self._model.table.stars ^ {symbol}
        self._model.table.star(stars)
        self._model.refresh()
        self._note(stars=tuple(sorted(stars)))

    def _note(self, **changes: Any) -> None:
        self._workspace = msgspec.structs.replace(self._workspace, **changes)
        self._soon.start()
