"""The columns of the watch-list and the terminal: those of `shared.columns`, and the desk's own."""

import dataclasses
from typing import Final

from shared.cells import Blank, CellFormat, ColumnCell
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


# In the order of the sketch, whatever numbers the server has; see docs/desk.md.
_OWN: Final = (
    ListCell(
        "stars",
        ColumnCell(
            name="star",
            heading="★",
            place=-10,
            reads=CellFormat.STAR,
            align="center",
            width=34,
            stretch=0,
            gives_way=1,
        ),
    ),
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
            width=92,
            least=78,
            stretch=0,
            gives_way=0,
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
            width=190,
            least=92,
            most=330,
            stretch=4,
            gives_way=0,
        ),
    ),
    ListCell(
        "sectors",
        ColumnCell(
            name="sector",
            heading="Sector",
            place=12,
            reads=CellFormat.TEXT,
            falling=False,
            align="left",
            width=130,
            least=90,
            most=220,
            stretch=2,
            gives_way=8,
        ),
    ),
    ListCell(
        "trends",
        ColumnCell(
            name="trend",
            heading="Trend",
            place=81,
            reads=CellFormat.TREND,
            blank=Blank.UNDECIDED,
            align="left",
            width=104,
            most=210,
            stretch=2,
            gives_way=5,
        ),
    ),
    ListCell(
        "maps",
        ColumnCell(
            name="why",
            heading="Why",
            place=82,
            reads=CellFormat.MAP,
            blank=Blank.UNDECIDED,
            align="left",
            width=68,
            stretch=0,
            gives_way=4,
            sorts=False,
        ),
    ),
    ListCell(
        "reasons",
        ColumnCell(
            name="reason",
            heading="Reason",
            place=83,
            reads=CellFormat.REASON,
            blank=Blank.UNDECIDED,
            align="left",
            width=190,
            least=120,
            most=720,
            stretch=6,
            gives_way=5,
            sorts=False,
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
