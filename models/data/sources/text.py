"""Text files of cells, in whichever encoding."""

import csv
import io

import polars as pl
from polars.exceptions import ComputeError, PolarsError

from models.data.sources.dialect import (
    Dialect,
    columns_of,
    longer,
    sniff,
)
from models.data.sources.encoding import as_utf8
from models.data.sources.files import BarFile
from models.data.sources.plain import read_plain
from models.data.sources.raw import RawTable
from models.data.sources.records import RECORD_HEAD, is_record, read_record
from shared.errors import DataError


def read_text(file: BarFile, *, timed: bool = True) -> RawTable:
    """Return the cells of a text file: as text, so that 005930 keeps its zeros, or as numbers.

    Args:
        file: The file.
        timed: Whether times may be read; not where a caller says how they are written.

    Raises:
        InputMissingError: It cannot be opened.
        DataError: It is empty, binary, or a row has more cells than there are names.
    """
    if is_record(file.head(RECORD_HEAD)):
        return read_record(file)
    plain = read_plain(file, timed=timed)
    return _as_text(file) if plain is None else plain


def _as_text(file: BarFile) -> RawTable:
    content = as_utf8(file.content(), file.label)
    dialect = sniff(content, file.label)
    columns = columns_of(dialect)
    try:
        frame = pl.read_csv(
            content,
            separator=dialect.delimiter,
            has_header=False,
            skip_lines=dialect.skip,
            schema=dict.fromkeys(columns, pl.String),
            infer_schema=False,
        )
    except (ComputeError, PolarsError) as e:
        raise DataError(_longer_row(content, dialect, file.label) or f"{file.label}: {e}") from e
    comma = dialect.delimiter != ","
    return RawTable(file=file, frame=frame, named=dialect.header is not None, decimal_comma=comma)


def _longer_row(content: bytes, dialect: Dialect, label: str) -> str:
    # Polars says that a row is too long, not which.
    rows = csv.reader(io.StringIO(content.decode()), delimiter=dialect.delimiter)
    for number, row in enumerate(rows, start=1 - dialect.skip):
        if number > 0 and len(row) > dialect.width:
            return longer(number, len(row), dialect.width, label)
    return ""
