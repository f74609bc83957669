"""Rows to bars: what corrects takes the place of what it corrects, and unfinished bars wait.

A series that lost too much is refused, because dropping joins what was apart.
"""

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np

from models.data.bars import DropReason
from models.data.sources.closes import Closes
from models.data.sources.merge import Merged
from models.data.table import Int32
from shared.contract import Bool, Float64, Int64
from shared.errors import DataError
from shared.reading import ReadOptions

_DAY_S = 86_400


@dataclass(frozen=True, kw_only=True, eq=False)
class DatedRows:
    """Rows with the time at which each was complete, n in all, by ticker and time.

    Attributes:
        row: (n,) int32, ticker.
        close_ms: (n,) int64, ms since 1970 UTC.
        open_ms: (n,) int64, when the bar began as far as its source says, ms since 1970 UTC.
        ohlcv: (n, 5) float64.
        source: (n,) int64, the row's place among all that were merged.
        reasons: What was dropped or mended on the way, and how often.
        firsts: The place of the first row of each reason, among all that were merged.
    """

    row: Int32
    close_ms: Int64
    open_ms: Int64
    ohlcv: Float64
    source: Int64
    reasons: Counter[DropReason] = field(default_factory=Counter)
    firsts: dict[DropReason, int] = field(default_factory=dict)

    def noted(self, reason: DropReason, source: Int64) -> "DatedRows":
        """Return the rows with a reason counted once more for each of (k,) int64 `source`."""
        if len(source) == 0:
            return self
        first = min(int(source.min()), self.firsts.get(reason, int(source.min())))
        return replace(
            self,
            reasons=self.reasons + Counter({reason: len(source)}),
            firsts=self.firsts | {reason: first},
        )

    def take(self, kept: Bool | Int64, reason: DropReason | None = None) -> "DatedRows":
        """Return the rows that are kept; the others of a mask are counted under a reason."""
        if kept.dtype == np.bool_ and kept.all():
            return self
        counted = self if reason is None else self.noted(reason, self.source[~kept])
        columns = {
            name: getattr(self, name)[kept]
            for name in ("row", "close_ms", "open_ms", "ohlcv", "source")
        }
        return replace(counted, **columns)


def rows_of(merged: Merged, closes: Closes, options: ReadOptions, cutoff_ms: Int64) -> DatedRows:
    """Return the bars that count, by ticker and time.

    Args:
        merged: All rows with a time.
        closes: When each was complete.
        options: What to do about days without a session, and bars outside of one.
        cutoff_ms: (n,) int64, until when each row can know anything, ms since 1970 UTC.
    """
    rows = DatedRows(
        row=merged.row,
        close_ms=closes.close_ms,
        open_ms=merged.moments.utc_ms,
        ohlcv=merged.ohlcv,
        source=np.arange(len(merged.row)),
        reasons=+Counter({DropReason.NO_TIME: len(merged.timeless)}),
    )
    kept = (closes.close_ms <= cutoff_ms) & ~closes.running
    outside, no_session = closes.outside[kept], closes.no_session[kept]
    rows = rows.take(kept, DropReason.UNFINISHED)
    if options.session == "regular" and outside.any():
        no_session = no_session[~outside]
        rows = rows.take(~outside, DropReason.OUTSIDE_SESSION)
    if no_session.any():
        if options.no_session == "drop":
            rows = rows.take(~no_session, DropReason.NO_SESSION)
        else:
            # Fillers of zeros on holidays are dropped as such; only real bars are news.
            traded = no_session & (rows.ohlcv[:, :4] > 0).all(axis=1)
            rows = rows.noted(DropReason.NO_SESSION, rows.source[traded])
    return _corrected(_ordered(rows), merged.symbols)


def _ordered(rows: DatedRows) -> DatedRows:
    # Files are written oldest first or newest first; rows of one time keep the order of writing.
    if _is_ordered(rows):
        return rows
    forward = rows.source
    falling = _newest_first(rows)
    if falling.any():
        forward = np.where(falling[rows.row], -rows.source, rows.source)
    by_source = np.lexsort((forward, rows.row))
    late = _stands_late(rows.row[by_source], rows.close_ms[by_source])
    ordered = rows.take(np.lexsort((forward, rows.close_ms, rows.row)))
    return ordered.noted(DropReason.REORDERED, rows.source[by_source][late])


def _is_ordered(rows: DatedRows) -> bool:
    later = np.diff(rows.close_ms) > 0
    other = np.diff(rows.row)
    return bool(((other > 0) | ((other == 0) & later)).all())


def _newest_first(rows: DatedRows) -> Bool:
    order = np.lexsort((rows.source, rows.row))
    steps = np.diff(rows.close_ms[order])
    same = np.diff(rows.row[order]) == 0
    n = int(rows.row.max(initial=-1)) + 1
    of = rows.row[order][1:][same]
    down = np.bincount(of[steps[same] < 0], minlength=n)
    up = np.bincount(of[steps[same] > 0], minlength=n)
    return np.asarray(down > up, np.bool_)


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
    same = (np.diff(rows.row) == 0) & (np.diff(rows.close_ms) == 0)
    if not same.any():
        return rows
    equal = (rows.ohlcv[:-1] == rows.ohlcv[1:]).all(axis=1)
    _refuse_two_series(rows, same & ~equal, symbols)
    kept = rows.take(np.append(~same, True))
    kept = kept.noted(DropReason.CORRECTED, rows.source[:-1][same & ~equal])
    return kept.noted(DropReason.DUPLICATE, rows.source[:-1][same & equal])


def _refuse_two_series(rows: DatedRows, differing: Bool, symbols: tuple[str, ...]) -> None:
    # A few rows of one time correct each other; many are two series that somebody merged.
    n = len(symbols)
    twice = np.bincount(rows.row[1:][differing], minlength=n)
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
    empty = (rows.ohlcv[:, :3] == 0).all(axis=1)
    lost = wrong & ~empty
    n = len(symbols)
    bad = np.bincount(rows.row[lost], minlength=n)
    count = np.bincount(rows.row[~empty], minlength=n)
    found = np.flatnonzero(bad > np.maximum(limit * count, 1))
    return {symbols[i]: f"{bad[i]:,} of its {count[i]:,} rows cannot be used" for i in found}
