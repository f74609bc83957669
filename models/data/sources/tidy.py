"""Rows to bars: what corrects takes the place of what it corrects, and unfinished bars wait.

A series that lost too much is refused, because dropping joins what was apart.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from models.data.bars import DropReason
from models.data.sources.closes import Closes
from models.data.sources.columnar import by_ticker, is_ordered, taken
from models.data.sources.merge import Merged
from models.data.table import Int32
from shared.contract import Bool, Float64, Int64
from shared.errors import DataError
from shared.reading import ReadOptions

N = TypeVar("N", bound=np.generic)


@dataclass(frozen=True, kw_only=True, eq=False)
class DatedRows:
    """Rows with the time at which each was complete, n in all, by ticker and time.

    Attributes:
        row: (n,) int32, ticker.
        close_ms: (n,) int64, ms since 1970 UTC.
        ohlcv: (n, 5) float64.
        source: (n,) int64, the row's place among all that were merged; None where these are they.
        reasons: What was dropped or mended on the way, and how often.
        firsts: The place of the first row of each reason, among all that were merged.
    """

    row: Int32
    close_ms: Int64
    ohlcv: Float64
    source: Int64 | None = None
    reasons: Counter[DropReason] = field(default_factory=Counter)
    firsts: dict[DropReason, int] = field(default_factory=dict)

    def sources(self, rows: Int64) -> Int64:
        """Return (k,) int64, the places of (k,) int64 rows among all that were merged."""
        return rows if self.source is None else self.source[rows]

    def of(self, merged: npt.NDArray[N]) -> npt.NDArray[N]:
        """Return (n,) what these rows have of all that were merged."""
        return merged if self.source is None else merged[self.source]

    def noted(self, reason: DropReason, rows: Int64) -> "DatedRows":
        """Return the rows with a reason counted once more for each of (k,) int64 `rows`."""
        return self.told(reason, self.sources(rows))

    def told(self, reason: DropReason, sources: Int64) -> "DatedRows":
        """Return the rows with a reason counted once more for each of (k,) int64 `sources`."""
        if len(sources) == 0:
            return self
        first = min(int(sources.min()), self.firsts.get(reason, int(sources.min())))
        return replace(
            self,
            reasons=self.reasons + Counter({reason: len(sources)}),
            firsts=self.firsts | {reason: first},
        )

    def keep(self, chosen: Bool, reason: DropReason | None = None) -> "DatedRows":
        """Return the rows of (n,) bool that are chosen; the others are counted under a reason."""
        if chosen.all():
            return self
        counted = self if reason is None else self.noted(reason, np.flatnonzero(~chosen))
        return counted.take(np.flatnonzero(chosen))

    def take(self, rows: Int64) -> "DatedRows":
        """Return (k,) int64 rows in that order."""
        return replace(
            self,
            row=self.row[rows],
            close_ms=self.close_ms[rows],
            ohlcv=taken(self.ohlcv, rows),
            source=self.sources(rows),
        )


def rows_of(merged: Merged, closes: Closes, options: ReadOptions, cutoff_ms: Int64) -> DatedRows:
    """Return the bars that count, by ticker and time.

    Args:
        merged: All rows with a time.
        closes: When each was complete.
        options: What to do about days without a session, and bars outside of one.
        cutoff_ms: (n,) int64, until when each row can know anything, ms since 1970 UTC; or (1,)
            where that is the same for all.
    """
    rows = DatedRows(
        row=merged.row,
        close_ms=closes.close_ms,
        ohlcv=merged.ohlcv,
        reasons=+Counter({DropReason.NO_TIME: len(merged.timeless)}),
    )
    kept = (closes.close_ms <= cutoff_ms) & ~closes.running
    outside, no_session = closes.outside, closes.no_session
    if not kept.all():
        outside, no_session = outside[kept], no_session[kept]
        rows = rows.keep(kept, DropReason.UNFINISHED)
    if options.session == "regular" and outside.any():
        no_session = no_session[~outside]
        rows = rows.keep(~outside, DropReason.OUTSIDE_SESSION)
    if no_session.any():
        if options.no_session == "drop":
            rows = rows.keep(~no_session, DropReason.NO_SESSION)
        else:
            # Fillers of zeros on holidays are dropped as such; only real bars are news.
            traded = no_session & (rows.ohlcv[:, :4] > 0).all(axis=1)
            rows = rows.noted(DropReason.NO_SESSION, np.flatnonzero(traded))
    return _corrected(_ordered(rows), merged.symbols)


def _ordered(rows: DatedRows) -> DatedRows:
    # Files are written oldest first or newest first; rows of one time keep the order of writing.
    if is_ordered(rows.row, rows.close_ms):
        return rows
    written = _as_written(rows)
    row, close_ms = rows.row[written], rows.close_ms[written]
    if is_ordered(row, close_ms):
        return rows.take(written)
    late = _stands_late(row, close_ms)
    in_time = rows.take(written[np.lexsort((close_ms, row))])
    return in_time.told(DropReason.REORDERED, rows.sources(written[late]))


def _as_written(rows: DatedRows) -> Int64:
    # (n,) places by ticker, oldest first: a ticker whose rows mostly fall in time is turned around.
    places = by_ticker(rows.row)
    row, close_ms = rows.row[places], rows.close_ms[places]
    same = row[1:] == row[:-1]
    n = int(row[-1]) + 1
    down = np.bincount(row[1:][same & (close_ms[1:] < close_ms[:-1])], minlength=n)
    up = np.bincount(row[1:][same & (close_ms[1:] > close_ms[:-1])], minlength=n)
    starts = np.searchsorted(row, np.arange(n + 1))
    for ticker in np.flatnonzero(down > up).tolist():
        own = slice(starts[ticker], starts[ticker + 1])
        places[own] = places[own][::-1].copy()
    return places


def _stands_late(row: Int32, close_ms: Int64) -> Bool:
    # (n,) whether a newer bar of the same ticker comes before, in the order of writing.
    if len(row) == 0:
        return np.zeros(0, np.bool_)
    _, rank = np.unique(close_ms, return_inverse=True)
    ascending = row.astype(np.int64) * (len(rank) + 1) + rank
    late: Bool = ascending < np.maximum.accumulate(ascending)
    return late


def _corrected(rows: DatedRows, symbols: tuple[str, ...]) -> DatedRows:
    # Of several rows of one time the last one written is the final state.
    if len(rows.row) == 0:
        return rows
    same = (rows.row[1:] == rows.row[:-1]) & (rows.close_ms[1:] == rows.close_ms[:-1])
    again = np.flatnonzero(same)
    if len(again) == 0:
        return rows
    differs = (rows.ohlcv[again] != rows.ohlcv[again + 1]).any(axis=1)
    _refuse_two_series(rows, again[differs & ~_grew(rows.ohlcv, again)], symbols)
    kept = rows.keep(np.append(~same, True))
    kept = kept.told(DropReason.CORRECTED, rows.sources(again[differs]))
    return kept.told(DropReason.DUPLICATE, rows.sources(again[~differs]))


def _grew(ohlcv: Float64, places: Int64) -> Bool:
    # (k,) whether the next row is the same bar somewhat later, as who writes one that runs has it.
    before, after = ohlcv[places], ohlcv[places + 1]
    higher: Bool = (after[:, 1] >= before[:, 1]) & (after[:, 4] >= before[:, 4])
    same_open: Bool = after[:, 0] == before[:, 0]
    lower: Bool = after[:, 2] <= before[:, 2]
    return higher & same_open & lower


def _refuse_two_series(rows: DatedRows, differing: Int64, symbols: tuple[str, ...]) -> None:
    # A few rows of one time correct each other; many that no bar could become by going on are two
    # series that somebody merged.
    n = len(symbols)
    twice = np.bincount(rows.row[differing], minlength=n)
    count = np.bincount(rows.row, minlength=n)
    for ticker in np.flatnonzero((twice > 3) & (twice > 0.05 * count)).tolist():
        raise DataError(
            f"{symbols[ticker]} stands several times at {twice[ticker]:,} of its times, with other "
            "prices: is there a column of tickers, or of another kind, by a name that is not known?"
        )


def too_dirty(
    rows: DatedRows, wrong: Bool, symbols: tuple[str, ...], limit: float
) -> dict[str, str]:
    """Return the tickers of which too many rows cannot be used, and why.

    Rows without any price (holidays, days before a listing, halts) tell that nobody traded, and are
    no loss; all else that is unusable is.

    Args:
        rows: By ticker and time.
        wrong: (n,) bool, the rows that cannot be used.
        symbols: The tickers.
        limit: The share that may be lost.
    """
    if not wrong.any():
        return {}
    empty = (rows.ohlcv[:, :3] == 0).all(axis=1)
    lost = wrong & ~empty
    n = len(symbols)
    bad = np.bincount(rows.row[lost], minlength=n)
    count = np.bincount(rows.row[~empty], minlength=n)
    found = np.flatnonzero(bad > np.maximum(limit * count, 1))
    return {symbols[i]: f"{bad[i]:,} of its {count[i]:,} rows cannot be used" for i in found}
