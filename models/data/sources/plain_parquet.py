"""Parquet files whose columns are plain: numbers, times and texts, of which tickers are kept coded.

pyarrow makes these on all cores and with less memory that is new than polars does, which the first
reading in a process feels most. What else a file may hold (INT96 times lose their zone here), and
what is damaged, is left to polars.
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Final, cast

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from models.data.sources import names
from models.data.sources.columnar import columnar
from models.data.sources.files import BarFile
from models.data.sources.raw import RawTable
from shared.contract import Float64

_NUMBER: Final = (pa.types.is_integer, pa.types.is_floating)
_PLAIN: Final = (
    *_NUMBER,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_timestamp,
    pa.types.is_date32,
)


def read_plain_parquet(file: BarFile) -> RawTable | None:
    """Return the columns of a Parquet file, tickers as categories; None if it is another one.

    Raises:
        InputMissingError: It lies in an archive that cannot be opened.
        DataError: That is damaged.
    """
    try:
        with _opened(file) as source:
            head = pq.ParquetFile(source)
            if not _is_plain(head):
                return None
            tickers = names.roles(head.schema_arrow.names).get("symbol", [])
            whole = pq.ParquetFile(source, metadata=head.metadata, read_dictionary=tickers)
            return _table(file, whole)
    except (pa.ArrowException, OSError):
        return None


@contextlib.contextmanager
def _opened(file: BarFile) -> Iterator[pa.NativeFile]:
    packed = pa.BufferReader(file.content()) if file.packed else None
    with packed or pa.OSFile(str(file.path)) as source:
        yield source


def _is_plain(file: pq.ParquetFile) -> bool:
    schema, stored = file.schema_arrow, file.schema
    physical = {stored.column(i).physical_type for i in range(len(stored))}
    distinct = len(set(schema.names)) == len(schema.names)
    plain = all(any(is_kind(kind) for is_kind in _PLAIN) for kind in schema.types)
    return distinct and plain and "INT96" not in physical


def _table(file: BarFile, whole: pq.ParquetFile) -> RawTable:
    columns = whole.schema_arrow.names
    bars = _bars(whole.schema_arrow)
    ohlcv = columnar(whole.metadata.num_rows)
    series: dict[str, pl.Series] = {}
    cells: dict[str, object] = {}
    prices = bars[:-1]
    for some in (prices, [c for c in columns if c not in prices]):
        # Two reads: the memory of what the prices were made of serves for all else.
        found, first = _series(whole, some, bars, ohlcv)
        series, cells = series | found, cells | first
    return RawTable(
        file=file,
        frame=pl.DataFrame({c: series[c] for c in columns}),
        numbers=ohlcv if bars and all(c in cells for c in bars) else None,
        first=tuple(_text(cells.get(c, series[c][0])) for c in columns) if len(ohlcv) else None,
    )


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _series(
    whole: pq.ParquetFile, columns: Sequence[str], bars: Sequence[str], ohlcv: Float64
) -> tuple[dict[str, pl.Series], dict[str, object]]:
    # Columns, and the first cells as they are written of those that are written into `ohlcv`.
    read = whole.read(columns=list(columns))
    found: dict[str, pl.Series] = {}
    first: dict[str, object] = {}
    for place, name in enumerate(bars):
        if name in columns and _fill(ohlcv[:, place], read.column(name)):
            found[name] = pl.Series(values=ohlcv[:, place])
            first[name] = next(iter(read.column(name))).as_py()
    others = read.select([c for c in columns if c not in found])
    return found | cast(pl.DataFrame, pl.from_arrow(others)).to_dict(), first


def _bars(schema: pa.Schema) -> list[str]:
    # The columns of prices and volume, if all of them are there, are numbers and nothing else.
    found = names.roles(schema.names)
    bars = [found[role][0] for role in names.NEEDED if role in found]
    once = [c for c in bars if sum(c in of_role for of_role in found.values()) == 1]
    numeric = [c for c in once if any(is_kind(schema.field(c).type) for is_kind in _NUMBER)]
    return bars if len(numeric) == len(names.NEEDED) else []


def _fill(places: Float64, column: pa.ChunkedArray) -> bool:
    # Whether there are cells, each holds a number, and any a finite one.
    if column.null_count or len(places) == 0:
        return False
    start = 0
    for chunk in column.chunks:
        places[start : start + len(chunk)] = chunk.to_numpy()
        start += len(chunk)
    return not np.isnan(places[0]) or not bool(np.isnan(places).all())
