"""The watch-list as numpy columns; main thread only."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from client.state.glances import Glance, Glances
from client.state.list_cells import ListCell
from client.state.marks import Marks
from client.state.moved_rows import rows_before, rows_of
from client.state.tint_scale import TintScale, tint_scale
from client.state.trends import Trends
from client.state.update import RowChanges, Update
from client.state.worth_a_look import WorthALook
from shared.cells import Blank, CellFormat
from shared.column_arrays import ColumnArrays, CoreColumns
from shared.columns import DECIDED, FORMING, UP_WINS
from shared.confidences import ConfidenceSpread
from shared.contract import Bool, Class, Float64, Int64, interval_seconds
from shared.limits import MIN_PRICE
from shared.protocol.answers import Universe
from shared.protocol.messages import Heatmap

NO_CLASS: Final = -1
BARS_BEHIND: Final = 3  # that a row may lack before it counts as stale
_TEXTS: Final = ("symbols", "names", "segments", "sectors")


class Table(CoreColumns):
    """All rows of the universe, in its order; empty until the first `apply` with a universe.

    Attributes:
        universe: What the rows are of; None before the first.
        symbols: (n,) the tickers.
        names: (n,) what people call them.
        segments: (n,) the market segment of each; may be empty.
        names_en: (n,) their names in English; may be empty.
        sectors: (n,) the industry of each; may be empty.
        row_of: The row of each symbol.
        columns: n rows of `shared.columns.COLUMNS`.
        coverage: Share of outcomes that the sets are made to hold; 0 when there are no sets.
        past: Whether the server is still reading history: then no row counts as decided, because
            no decision is of now.
        trends: How the confidence of each row moved.
        glances: The maps of the rows in sight.
        marks: What the user said of tickers, listed or not.
        starred: (n,) bool, the tickers that are the user's own.
        pinned: (n,) bool, those that stand at the head of every list.
        muted: (n,) bool, those that stand at its foot, and are no buys.
        spread: How the confidences of the model are spread; None where its card does not say.
        up_means: What class 2 is, in short; empty where that is not known.
        absolute: Whether colors are to be the same for all models.
        worth: Which buys are worth a look.
    """

    universe: Universe | None
    symbols: tuple[str, ...]
    names: tuple[str, ...]
    segments: tuple[str, ...]
    names_en: tuple[str, ...]
    sectors: tuple[str, ...]
    row_of: dict[str, int]
    columns: ColumnArrays
    coverage: float
    past: bool
    trends: Trends
    glances: Glances
    marks: Marks
    starred: Bool
    pinned: Bool
    muted: Bool
    spread: ConfidenceSpread | None
    up_means: str
    absolute: bool
    worth: WorthALook

    def __init__(self) -> None:
        self.universe = None
        self.columns, self.coverage, self.past = ColumnArrays.zeros(0), 0.0, False
        self.trends, self.glances, self.marks = Trends(0), Glances(), Marks()
        self.spread, self.up_means, self.absolute = None, "", False
        self.worth = WorthALook()
        self.names_en = ()
        self._name((), (), (), ())

    def __len__(self) -> int:
        return len(self.symbols)

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return the (n, ...) array of one row column itself.

        Raises:
            KeyError: There is no column of that name.
        """
        return self.columns.column(name)

    def apply(self, update: Update) -> None:
        """Take over the universe and the rows of `update`, and whether they are of the past."""
        universe = update.universe
        if update.status is not None or update.restarted:
            self.past = update.status is not None and update.status.state == "starting"
        if universe is not None:
            before = {} if update.restarted else self.row_of
            self._move(rows_before(before, universe.symbols))
            self.universe = universe
            blank = ("",) * len(universe.symbols)
            texts = (universe.symbols, universe.names, universe.markets, universe.sectors or blank)
            # A server that was started anew mostly lists the same: to rank it again is for nothing.
            if texts != (self.symbols, self.names, self.segments, self.sectors):
                self._name(*texts)
            self.names_en = universe.names_en or blank
        if update.restarted:
            self.trends = Trends(len(self))
            self.glances.clear()
        if update.card is not None:
            self.glances.name(update.card)
            self.spread, self.up_means = update.card.confidence, update.card.up_means
        self.glances.take(update.heatmaps)
        self._take(update.rows)
        if len(self):
            self.worth.take(self.probabilities[:, Class.UP], self.up_wins, self.spread)
        for symbol, bars in update.histories.items():
            if symbol in self.row_of:
                self.trends.recall(self.row_of[symbol], bars)

    def mark(self, marks: Marks) -> None:
        """Take over what the user said of tickers."""
        self.marks = marks
        self.starred, self.pinned, self.muted = (
            self._are_among(frozenset(some)) for some in (marks.stars, marks.pins, marks.muted)
        )

    @property
    def scale(self) -> TintScale:
        """How strong the color of a confidence is."""
        return tint_scale(self.spread, absolute=self.absolute)

    def glance(self, row: int) -> Glance | None:
        """Return the map of the decision in a row; None where none of that decision is known."""
        glance = self.last_glance(row)
        return glance if glance is not None and self.explains(glance.heatmap, row) else None

    def last_glance(self, row: int) -> Glance | None:
        """Return the newest map of the ticker in a row that is decided, of whichever decision."""
        decided = bool(self.flags[row] & DECIDED) and not self.past
        return self.glances.of(self.symbols[row]) if decided else None

    def explains(self, heatmap: Heatmap, row: int) -> bool:
        """Return whether a map is of the decision in a row, and not of one before or after it."""
        decided_ms, newest_ms = int(heatmap.bar_ms[-1]), int(self.bar_ms[row])
        if not self.flags[row] & FORMING:
            return decided_ms == newest_ms
        # The row tells the time of the bar that forms, which decides nothing; what was decided on
        # the bar before it is known by what was said.
        same = np.array_equal(heatmap.probabilities, self.probabilities[row])
        return decided_ms < newest_ms and bool(same)

    @property
    def decided(self) -> Bool:
        """(n,) bool, whether the model has an opinion on the row."""
        decided: Bool = ((self.flags & DECIDED) != 0) & (not self.past)
        return decided

    @property
    def up_wins(self) -> Bool:
        """(n,) bool, whether the row is in class 2 now."""
        up_wins: Bool = ((self.flags & UP_WINS) != 0) & self.decided
        return up_wins

    def are_behind(self, rows: Int64, interval_s: int, market_ms: int) -> Bool:
        """Return (k,) bool, which of `rows`, (k,) int64, have no bar while others have later ones.

        Args:
            rows: Rows of the table.
            interval_s: Length of a bar, s.
            market_ms: What time it is in the market, ms since 1970 UTC: a single bar from beyond it
                makes no other row old. 0 where that is not known.
        """
        newest_ms, interval_ms = int(self.bar_ms.max(initial=0)), 1_000 * interval_s
        if market_ms:
            newest_ms = min(newest_ms, market_ms + interval_ms)
        behind: Bool = newest_ms - self.bar_ms[rows] > BARS_BEHIND * interval_ms
        return behind

    @property
    def winner(self) -> Int64:
        """(n,) int64, the class with the highest probability; `NO_CLASS` where undecided."""
        return np.where(self.decided, self.probabilities.argmax(axis=1), NO_CLASS)

    def day_change(self, rows: Int64) -> Float64:
        """Return (k,) float64, how far prices moved since the close of the session before.

        Where that is not known it is since the bar before.

        Args:
            rows: (k,) int64 rows of the table.
        """
        before, bar_to_bar = self.previous_close[rows], self.change[rows].astype(np.float64)
        known = before >= MIN_PRICE  # no price lies below, and a quotient of one may overflow
        return np.where(known, self.last[rows] / np.where(known, before, 1.0) - 1, bar_to_bar)

    def values(self, listed: ListCell, rows: Int64) -> npt.NDArray[Any]:
        """Return (k, ...) what a column of a list shows in each of `rows`, (k,) int64; no texts."""
        cell = listed.cell
        if cell.reads in _OWN_VALUES:
            return _OWN_VALUES[cell.reads](self, rows)
        values: npt.NDArray[Any] = self.columns.column(listed.source)[rows]
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
                blank = ~self.decided[rows]
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

    def has_content(self, listed: ListCell) -> bool:
        """Return whether any row has something to say in a column."""
        if listed.cell.reads is CellFormat.TEXT:
            contents = {"names": self._are_named, "sectors": any(self.sectors)}
            return contents.get(listed.source, True)
        if listed.cell.blank is not Blank.ZERO:
            return True
        return not self.is_blank(listed, np.arange(len(self))).all()

    def _are_among(self, symbols: frozenset[str]) -> Bool:
        among = np.zeros(len(self), np.bool_)
        among[[self.row_of[s] for s in symbols if s in self.row_of]] = True
        return among

    def _move(self, origin: Int64) -> None:
        self.columns = self.columns.moved(origin)
        self.trends = self.trends.moved(origin)
        self.worth.move(origin)

    def _name(self, *texts: tuple[str, ...]) -> None:
        self.symbols, self.names, self.segments, self.sectors = texts
        self.row_of = rows_of(self.symbols)
        self._are_named = self.names != self.symbols or any(self.segments)
        self.mark(self.marks)
        self._text_rank = dict(zip(_TEXTS, map(_rank, texts), strict=True))

    def _take(self, rows: RowChanges) -> None:
        self.columns.put(rows.index, rows.columns)
        self.coverage = rows.coverage
        if self.universe is not None and not self.past:
            self.trends.take(rows, 1_000 * interval_seconds(self.universe.interval))

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


_OWN_VALUES: Final[Mapping[CellFormat, Callable[[Table, Int64], npt.NDArray[Any]]]] = {
    CellFormat.CHANGE: lambda table, rows: table.day_change(rows),
    CellFormat.STAR: lambda table, rows: table.starred[rows],
    CellFormat.TREND: lambda table, rows: table.trends.rises(rows),
    CellFormat.MAP: lambda table, rows: np.zeros(len(rows)),
    CellFormat.REASON: lambda table, rows: np.zeros(len(rows)),
}


def _rank(texts: tuple[str, ...]) -> Float64:
    # Equal texts share a rank, so that sorting by it is stable.
    folded = [text.casefold() for text in texts]
    rank = {text: place for place, text in enumerate(sorted(set(folded)))}
    return np.array([rank[text] for text in folded], np.float64)
