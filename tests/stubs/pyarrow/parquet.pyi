from pathlib import Path
from typing import IO, Any, Self

from pyarrow import NativeFile, RecordBatch, Schema, Table

class FileMetaData:
    num_rows: int

class ColumnSchema:
    physical_type: str

class ParquetSchema:
    def __len__(self) -> int: ...
    def column(self, i: int) -> ColumnSchema: ...

class ParquetFile:
    metadata: FileMetaData
    schema: ParquetSchema
    schema_arrow: Schema
    def __init__(
        self,
        source: NativeFile,
        *,
        metadata: FileMetaData | None = None,
        read_dictionary: list[str] | None = None,
    ) -> None: ...
    def read(self, columns: list[str]) -> Table: ...

class ParquetWriter:
    def __init__(self, where: Path, schema: Schema, *, compression: str) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
    def write_batch(self, batch: RecordBatch) -> None: ...

def write_table(table: Table, where: IO[bytes], **options: Any) -> None: ...
