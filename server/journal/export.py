"""A journal's views as Parquet, for whatever else reads that."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from shared.errors import InputMissingError

_ROWS: Final = 20_000  # of one batch: what is in memory at once
_TEXT: Final = pa.dictionary(pa.int32(), pa.string())
_TIME: Final = pa.timestamp("ms", tz="UTC")
_SCHEMAS: Final = {
    "buys": pa.schema(
        [
            *(("id", pa.int64()), ("symbol", _TEXT), ("bar_ms", _TIME), ("model_id", _TEXT)),
            *(("label_rule", _TEXT), ("run_id", _TEXT), ("made_ms", _TIME), ("late", pa.int8())),
            *((name, pa.float64()) for name in ("last", "down", "flat", "up")),
            *(("sets", pa.int8()), ("scores", pa.binary()), ("raw", pa.binary())),
            *(("saliency", pa.binary()), ("window_ms", pa.binary())),
            *(("outcome", pa.int8()), ("result", pa.float64()), ("judged_ms", _TIME)),
        ]
    ),
    "changes": pa.schema(
        [
            *(("symbol", _TEXT), ("bar_ms", _TIME), ("model_id", _TEXT)),
            *(("was", pa.int8()), ("wins", pa.int8())),
        ]
    ),
}


def export(database: sqlite3.Connection, folder: Path) -> dict[Path, int]:
    """Write each view to a file of its name, and return how many rows each has.

    Raises:
        InputMissingError: A file cannot be written.
    """
    written = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for view, schema in _SCHEMAS.items():
            path = folder / f"{view}.parquet"
            with pq.ParquetWriter(path, schema, compression="zstd") as writer:
                rows = 0
                for batch in _batches(database, view, schema):
                    writer.write_batch(batch)
                    rows += batch.num_rows
            written[path] = rows
    except OSError as e:
        raise InputMissingError(f"{folder} cannot be written: {e.strerror}") from e
    return written


def _batches(
    database: sqlite3.Connection, view: str, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    found = database.execute(f"SELECT {', '.join(schema.names)} FROM {view}")  # noqa: S608
    while rows := found.fetchmany(_ROWS):
        columns = zip(*rows, strict=True)
        arrays = [_array(column, form.type) for column, form in zip(columns, schema, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(column: tuple[object, ...], form: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(form):
        return pa.array(column, form.value_type).dictionary_encode()
    return pa.array(column, form)
