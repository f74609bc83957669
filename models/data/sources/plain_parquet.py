"""Parquet files whose columns are plain: numbers, times and texts, of which tickers are kept coded.

pyarrow makes these on all cores and with less memory that is new than polars does, which the first
reading in a process feels most. What else a file may hold (INT96 times lose their zone here), and
what is damaged, is left to polars.
"""

from typing import Final, cast

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from models.data.sources import names

_PLAIN: Final = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_timestamp,
    pa.types.is_date32,
)


def read_plain_parquet(content: bytes) -> pl.DataFrame | None:
    """Return the columns of a Parquet file, tickers as categories; None if it is another one.

    Args:
        content: The file.
    """
    source = pa.BufferReader(content)
    try:
        head = pq.ParquetFile(source)
        if not _is_plain(head):
            return None
        tickers = names.roles(head.schema_arrow.names).get("symbol", [])
        whole = pq.ParquetFile(source, metadata=head.metadata, read_dictionary=tickers).read()
    except (pa.ArrowException, OSError):
        return None
    return cast(pl.DataFrame, pl.from_arrow(whole))


def _is_plain(file: pq.ParquetFile) -> bool:
    schema, stored = file.schema_arrow, file.schema
    physical = {stored.column(i).physical_type for i in range(len(stored))}
    distinct = len(set(schema.names)) == len(schema.names)
    plain = all(any(is_kind(kind) for is_kind in _PLAIN) for kind in schema.types)
    return distinct and plain and "INT96" not in physical
