"""A server and a desk with one more number for each ticker: `python -m tests.kit.new_column`.

It changes what a developer would change, and nothing else: `COLUMNS`, before anything reads them,
and what fills the number on the server. What then arrives where goes to stdout as JSON.
"""

import importlib
import json
import sys
from typing import Final

import shared.columns
from shared.cells import Blank, CellFormat, ColumnCell
from shared.columns import COLUMNS, Column

SPREAD: Final = Column(
    name="spread",
    dtype="<f4",
    meaning="high minus low of the newest bar, over its close; 0 where there is none",
    low=0,
    since=1,
    cells=(
        ColumnCell(
            name="spread",
            heading="Spread",
            short="Spread",
            place=90,
            reads=CellFormat.NUMBER,
            digits=3,
            blank=Blank.ZERO,
        ),
    ),
)


def main() -> int:
    """Declare the number, fill it, and send it all the way."""
    vars(shared.columns)["COLUMNS"] = (*COLUMNS, SPREAD)
    trip = importlib.import_module("tests.kit.column_trip")
    json.dump(trip.travel(), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
