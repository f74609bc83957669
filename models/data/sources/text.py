"""Text files of cells, in whichever encoding."""

import csv
import io
from typing import Final

import polars as pl
from polars.exceptions import ComputeError, PolarsError

from models.data.sources import names
from models.data.sources.dialect import (
    DELIMITERS,
    PREAMBLE,
    SAMPLE,
    Dialect,
    columns_of,
    longer,
    sniff,
    split,
)
from models.data.sources.files import BarFile
from models.data.sources.plain import read_plain
from models.data.sources.raw import RawTable
from shared.errors import DataError

# UTF-8 first; then what Korean, Chinese and Japanese exchanges and Excel write.
_ENCODINGS: Final = ("cp949", "gb18030", "shift_jis", "cp1252")


def read_text(file: BarFile, *, timed: bool = True) -> RawTable:
    """Return the cells of a text file: as text, so that 005930 keeps its zeros, or as numbers.

    Args:
        file: The file.
        timed: Whether times may be read; not where a caller says how they are written.

    Raises:
        InputMissingError: It cannot be opened.
        DataError: It is empty, binary, or a row has more cells than there are names.
    """
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


def as_utf8(content: bytes, label: str) -> bytes:
    """Return the text as UTF-8 without a mark at its head.

    Raises:
        DataError: It is empty, or no text in an encoding that is known.
    """
    if not content.strip():
        raise DataError(f"{label} is empty")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16").encode()
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in content[:SAMPLE]:
        raise DataError(f"{label} is not text")
    try:
        content.decode()
    except UnicodeDecodeError:
        return _decoded(content, label).encode()
    return content


def _decoded(content: bytes, label: str) -> str:
    # Many encodings can decode the same bytes; the right one makes names that are known.
    fallback = None
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        lines = text[:SAMPLE].splitlines()[:PREAMBLE]
        if any(names.is_header(split(line, d)) for line in lines for d in DELIMITERS):
            return text
        fallback = fallback or text
    if fallback is None:
        raise DataError(f"{label} is neither UTF-8 nor in an encoding that is known")
    return fallback


def _longer_row(content: bytes, dialect: Dialect, label: str) -> str:
    # Polars says that a row is too long, not which.
    rows = csv.reader(io.StringIO(content.decode()), delimiter=dialect.delimiter)
    for number, row in enumerate(rows, start=1 - dialect.skip):
        if number > 0 and len(row) > dialect.width:
            return longer(number, len(row), dialect.width, label)
    return ""
