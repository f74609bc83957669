"""The watch-list as numpy columns; main thread only."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from client.state.list_cells import ListCell
from client.state.moved_rows import moved, rows_before, rows_of
from client.state.update import RowChanges, Update
from shared.cells import Blank, CellFormat
from shared.column_arrays import ColumnArrays, CoreColumns
from shared.columns import DECIDED
from shared.contract import Bool, Float64, Int64
from shared.protocol.answers import Universe

NO_CLASS: Final = -1


_TEXTS: Final = ("symbols", "names", "segments")


class Table(CoreColumns):
    """All rows of the universe, in its order; empty until the first `apply` with a universe.

    Attributes:
        universe: What the rows are of; None before the first.
        symbols: (n,) the tickers.
        names: (n,) what people call them.
        segments: (n,) the market segment of each; may be empty.
        row_of: The row of each symbol.
        columns: n rows of `shared.columns.COLUMNS`.
        changed_ms: (n,) int64, when a value of the row last changed, ms since 1970 UTC; 0 before.
        coverage: Share of outcomes that the sets are made to hold; 0 when there are no sets.
    """

    universe: Universe | None
    symbols: tuple[str, ...]
    names: tuple[str, ...]
    segments: tuple[str, ...]
    row_of: dict[str, int]
    columns: ColumnArrays
    changed_ms: Int64
    coverage: float

    def __init__(self) -> None:
        self.universe = None
        self.columns, self.changed_ms = ColumnArrays.zeros(0), np.zeros(0, np.int64)
        self.coverage = 0.0
        self._name((), (), ())

    def __len__(self) -> int:
        return len(self.symbols)

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return the (n, ...) array of one row column itself.

        Raises:
            KeyError: There is no column of that name.
        """
        return self.columns.column(name)

    def apply(self, update: Update) -> None:
        """Take over the universe and the rows of `update`; its other fields are not for tables."""
        universe = update.universe
        if universe is not None:
            before = {} if update.restarted else self.row_of
            self._move(rows_before(before, universe.symbols))
            self.universe = universe
            self._name(universe.symbols, universe.names, universe.markets)
        self._take(update.rows)

    @property
    def decided(self) -> Bool:
        """(n,) bool, whether the model has an opinion on the row."""
        decided: Bool = (self.flags & DECIDED) != 0
        return decided

    @property
    def winner(self) -> Int64:
        """(n,) int64, the class with the highest probability; `NO_CLASS` where undecided."""
        if not len(self):
            return np.zeros(0, np.int64)
        return np.where(self.decided, self.probabilities.argmax(axis=1), NO_CLASS)

    def values(self, listed: ListCell, rows: Int64) -> npt.NDArray[Any]:
        """Return (k, ...) what a column of a list shows in each of `rows`, (k,) int64; no texts."""
        cell = listed.cell
        values: npt.NDArray[Any] = self._source(listed.source)[rows]
        if cell.reads is CellFormat.WINNER:
            values = values.argmax(axis=1)
        elif cell.part is not None and cell.reads is not CellFormat.SHARES:
            values = values[:, cell.part]
        return values

    def is_blank(self, listed: ListCell, rows: Int64) -> Bool:
        """Return (k,) bool, which of `rows`, (k,) int64, have no value in a column of a list."""
        blank: Bool = np.zeros(len(rows), np.bool_)
        match listed.cell.blank:
            case Blank.UNPRICED:
                blank = self.last[rows] == 0
            case Blank.UNDECIDED:
                blank = (self.flags[rows] & DECIDED) == 0
            case Blank.ZERO:
                blank = self.values(listed, rows) == 0
        return blank

    def order(self, listed: ListCell, *, descending: bool) -> Int64:
        """Return (n,) int64, the rows from top to bottom when sorted by a column of a list.

        Rows of equal value keep the universe's order. Rows without a value in the column (no price
        yet, no opinion yet) stand last in both directions.
        """
        rows = np.arange(len(self))
        key = np.where(self.is_blank(listed, rows), np.inf, self._key(listed, rows, descending))
        return np.argsort(key, kind="stable")

    def matches(self, text: str) -> Bool:
        """Return (n,) bool, the rows whose symbol or name holds `text`, upper or lower case."""
        wanted = text.strip().casefold()
        return np.fromiter((wanted in s for s in self._haystack), np.bool_, len(self))

    def _move(self, origin: Int64) -> None:
        self.columns = self.columns.moved(origin)
        self.changed_ms = moved(self.changed_ms, origin)

    def _name(
        self, symbols: tuple[str, ...], names: tuple[str, ...], segments: tuple[str, ...]
    ) -> None:
        self.symbols, self.names, self.segments = symbols, names, segments
        self.row_of = rows_of(symbols)
        self._haystack = [f"{s}\n{n}".casefold() for s, n in zip(symbols, names, strict=True)]
        self._text_rank = {
            source: _rank(texts)
            for source, texts in zip(_TEXTS, (symbols, names, segments), strict=True)
        }

    def _take(self, rows: RowChanges) -> None:
        i = rows.index
        # A snapshot repeats rows that stand as they stood; their time of change is not new.
        changed = self.columns.differ(i, rows.columns)
        self.changed_ms[i[changed]] = rows.changed_ms[changed]
        self.columns.put(i, rows.columns)
        self.coverage = rows.coverage

    def _source(self, name: str) -> npt.NDArray[Any]:
        return self.changed_ms if name == "changed_ms" else self.columns.column(name)

    def _key(self, listed: ListCell, rows: Int64, descending: bool) -> Float64:
        # What to sort by, rising.
        cell = listed.cell
        if cell.reads is CellFormat.TEXT:
            key = self._text_rank[listed.source]
        else:
            key = self.values(listed, rows).astype(np.float64)
        if cell.reads is CellFormat.SHARES:
            key = key[:, cell.part]
        # The older a change is, the greater is its age.
        falling = descending != (cell.reads is CellFormat.AGE)
        return -key if falling else key


def _rank(texts: tuple[str, ...]) -> Float64:
    # Equal texts share a rank, so that sorting by it is stable.
    folded = np.array([t.casefold() for t in texts], dtype=object)
    _, rank = np.unique(folded, return_inverse=True) if len(texts) else (None, np.zeros(0))
    return rank.astype(np.float64)
