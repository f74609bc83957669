"""What the lists of the desk have in common: rows of one height, chosen as a whole, no grid."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

# What Qt hands to a model: either kind of index.
AnyIndex = QModelIndex | QPersistentModelIndex


def dress_rows(view: QTableView, name: str, row_px: int) -> None:
    """Make `view` a list of whole rows that are `row_px` high, called `name` by screen readers."""
    view.setAccessibleName(name)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setShowGrid(False)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setTabKeyNavigation(False)
    rows = view.verticalHeader()
    rows.setVisible(False)
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setMinimumSectionSize(row_px)
    rows.setDefaultSectionSize(row_px)
