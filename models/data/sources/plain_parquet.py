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
_TOGETHER: Final = 2  # columns of bars; their memory then serves for the next ones


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
    numbers, first = _numbers(whole, bars)
    bars = bars if numbers is not None else []
    others = [c for c in columns if c not in bars]
    frame = cast(pl.DataFrame, pl.from_arrow(whole.read(columns=others).select(others)))
    if numbers is None or len(frame) == 0:
        return RawTable(file=file, frame=frame)
    cells = dict(zip(others, frame.row(0), strict=True)) | dict(zip(bars, first, strict=True))
    series = frame.to_dict() | {c: pl.Series(values=numbers[:, i]) for i, c in enumerate(bars)}
    return RawTable(
        file=file,
        frame=pl.DataFrame({c: series[c] for c in columns}),
        numbers=numbers,
        first=tuple("" if cells[c] is None else str(cells[c]) for c in columns),
    )


def _bars(schema: pa.Schema) -> list[str]:
    # The columns of prices and volume, if all of them are there, are numbers and nothing else.
    found = names.roles(schema.names)
    bars = [found[role][0] for role in names.NEEDED if role in found]
    once = [c for c in bars if sum(c in of_role for of_role in found.values()) == 1]
    numeric = [c for c in once if any(is_kind(schema.field(c).type) for is_kind in _NUMBER)]
    return bars if len(numeric) == len(names.NEEDED) else []


def _numbers(whole: pq.ParquetFile, bars: Sequence[str]) -> tuple[Float64 | None, list[object]]:
    # (n, 5) float64 and the first row of them as it is written; None where a cell is empty.
    if not bars:
        return None, []
    ohlcv = columnar(whole.metadata.num_rows)
    first: list[object] = []
    for start in range(0, len(bars), _TOGETHER):
        some = list(bars[start : start + _TOGETHER])
        read = whole.read(columns=some)
        for name in some:
            column = read.column(name)
            if not _fill(ohlcv[:, bars.index(name)], column):
                return None, []
            first += [cell.as_py() for cell in column.slice(0, 1)]
    return ohlcv, first


def _fill(places: Float64, column: pa.ChunkedArray) -> bool:
    # Whether each cell holds a number, and any a finite one.
    if column.null_count:
        return False
    start = 0
    for chunk in column.chunks:
        places[start : start + len(chunk)] = chunk.to_numpy()
        start += len(chunk)
    return len(places) == 0 or not np.isnan(places[0]) or not bool(np.isnan(places).all())
