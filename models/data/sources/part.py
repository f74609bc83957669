"""What one file says: tickers, times and bars, before it is known where and when they traded."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from models.data.sources import headerless, names
from models.data.sources.column_times import Stamps
from models.data.sources.find_bars import bars_in
from models.data.sources.find_tickers import tickers_in
from models.data.sources.find_times import times_in
from models.data.sources.names import Roles
from models.data.sources.raw import RawTable, Unread
from models.data.sources.shape import Shape
from models.data.sources.shapes import shape_named, shape_of, shape_of_row
from models.data.table import Int32
from shared.contract import Float64, Int64
from shared.errors import DataError
from shared.reading import ReadOptions


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """The n rows of one file, as they stand.

    Attributes:
        label: What to call the file.
        shape: What it was recognized as.
        symbols: The tickers in it.
        code: (n,) int32, index into `symbols`.
        stamps: The times.
        ohlcv: (n, 5) float64, open, high, low, close in currency, volume in units; NaN where there
            is no number.
        adjusted: Whether prices are adjusted for splits; None where nobody says.
        notes: What was assumed or mended, in sentences.
        columns: What the columns are called in the file, by role.
        rows: (n,) int64, the place of each row in the file, from 0; None where all stand as here.
        numberless: The first cells that hold no number, one a column.
        timeless: The first cell that holds no time, if there is one.
        written_ms: When the file was last written, ms since 1970 UTC.
    """

    label: str
    shape: Shape
    symbols: tuple[str, ...]
    code: Int32
    stamps: Stamps
    ohlcv: Float64
    adjusted: bool | None
    notes: tuple[str, ...]
    columns: dict[str, str]
    rows: Int64 | None
    numberless: tuple[Unread, ...]
    timeless: tuple[Unread, ...]
    written_ms: int


def read_part(raw: RawTable, options: ReadOptions) -> Part:
    """Return what a file says.

    Raises:
        DataError: There is no row, a column is missing, two fit, or one holds nothing of use.
        SettingsError: `options.source` names no shape.
    """
    if raw.frame.is_empty():
        raise DataError(f"{raw.file.label} has names of columns, and no row below them")
    shape = _shape(raw, options)
    if shape.refused:
        raise DataError(f"{raw.file.label}: {shape.title}: {shape.refused}")
    if not raw.named:
        raw = headerless.with_names(raw, shape, options)
    raw, others = _kept(raw, shape)
    found = _roles(raw, shape)
    stamps, timeless = times_in(raw, found, shape, options)
    symbols, code = tickers_in(raw, found, shape, stamps)
    ohlcv, notes, numberless = bars_in(raw, found, shape)
    return Part(
        label=raw.file.label,
        shape=shape,
        symbols=symbols,
        code=code,
        stamps=stamps,
        ohlcv=ohlcv,
        adjusted=True if "adj_close" in found else shape.adjusted,
        notes=(*others, *notes),
        columns={role: columns[0] for role, columns in found.items() if columns},
        rows=raw.rows,
        numberless=tuple(numberless),
        timeless=tuple(timeless),
        written_ms=int(raw.file.path.stat().st_mtime * 1_000),
    )


def _shape(raw: RawTable, options: ReadOptions) -> Shape:
    if options.source != "auto":
        return shape_named(options.source)
    if raw.named:
        return shape_of(raw.frame.columns, raw.file.name, raw.first_row())
    return shape_of_row(raw.first_row(), raw.file.name)


def _kept(raw: RawTable, shape: Shape) -> tuple[RawTable, tuple[str, ...]]:
    # Rows of other boards, and of bars that still run, are no bars of this file; they are no dirt.
    written = {names.normal(c): c for c in raw.frame.columns}
    kept = np.ones(len(raw.frame), np.bool_)
    for column, values in shape.keep.items():
        if names.normal(column) in written:
            said = raw.frame[written[names.normal(column)]].cast(pl.String).str.strip_chars()
            kept &= said.is_in(list(values)).fill_null(False).to_numpy()
    lost = int((~kept).sum())
    if not lost:
        return raw, ()
    rows = np.flatnonzero(kept) if raw.rows is None else raw.rows[kept]
    kinds = ", ".join(shape.keep)
    note = (
        f"{raw.file.label}: {lost:,} rows are left out by what {kinds} says, as {shape.title} does"
    )
    frame = raw.frame.filter(pl.Series(kept))
    return replace(raw, frame=frame, rows=rows, numbers=None), (note,)


def _roles(raw: RawTable, shape: Shape) -> Roles:
    found = names.roles(raw.frame.columns)
    written = {names.normal(c): c for c in raw.frame.columns}
    for role, column in shape.columns.items():
        if not column:
            found.pop(role, None)
        elif names.normal(column) in written:
            found[role] = [written[names.normal(column)]]
    needed = names.PRICES if shape.volume_of else names.NEEDED
    for role in needed:
        if role not in found:
            there = ", ".join(c or "''" for c in raw.frame.columns)
            wanted = " or ".join(names.ROLES[role][:3])
            raise DataError(f"{raw.file.label}: no column is called {wanted}, there are {there}")
    return found
