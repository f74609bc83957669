"""The columns of the watch-list and the terminal: those of `shared.columns`, and the desk's own."""

import dataclasses
from typing import Final

from shared.cells import CellFormat, ColumnCell
from shared.columns import COLUMNS


@dataclasses.dataclass(frozen=True)
class ListCell:
    """One column of a list.

    Attributes:
        source: Where its values stand in a `Table`: the name of a row column, or of a field.
        cell: How it stands in the list.
    """

    source: str
    cell: ColumnCell


_OWN: Final = (
    ListCell(
        "symbols",
        ColumnCell(
            name="ticker",
            heading="Ticker",
            short="Ticker",
            place=0,
            reads=CellFormat.TEXT,
            falling=False,
            align="left",
            width=104,
            stretch=0,
        ),
    ),
    ListCell(
        "names",
        ColumnCell(
            name="name",
            heading="Name",
            short="Name",
            place=10,
            reads=CellFormat.TEXT,
            falling=False,
            align="left",
            width=200,
            stretch=4,
        ),
    ),
)

# From left to right.
LIST_CELLS: Final = tuple(
    sorted(
        (*_OWN, *(ListCell(column.name, cell) for column in COLUMNS for cell in column.cells)),
        key=lambda listed: listed.cell.place,
    )
)


def section(name: str) -> int:
    """Return where the column of that name stands, from the left.

    Raises:
        StopIteration: There is none.
    """
    return next(i for i, listed in enumerate(LIST_CELLS) if listed.cell.name == name)


def list_cell(name: str) -> ListCell:
    """Return the column of that name.

    Raises:
        StopIteration: There is none.
    """
    return LIST_CELLS[section(name)]


MOST_CONFIDENT: Final = list_cell("up")  # what lists are sorted by at first
