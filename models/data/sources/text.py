"""Text files of cells: which delimiter, which encoding, where the names stand."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import Final

import polars as pl
from polars.exceptions import ComputeError, PolarsError

from models.data.sources import names
from models.data.sources.files import BarFile
from models.data.sources.raw import RawTable
from shared.errors import DataError

_SAMPLE: Final = 1 << 16  # bytes; enough to see names, and some hundred rows
_LINES: Final = 200
_PREAMBLE: Final = 30  # lines of titles before the names, at most
_DELIMITERS: Final = (",", "\t", ";", "|")
# UTF-8 first; then what Korean, Chinese and Japanese exchanges and Excel write.
_ENCODINGS: Final = ("cp949", "gb18030", "shift_jis", "cp1252")
_NUMERIC: Final = frozenset("0123456789.+-eE,")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a text file is written.

    Attributes:
        delimiter: Between cells.
        header: The names, or None where there are none.
        skip: Lines before the first row of cells.
        width: Cells in a row.
    """

    delimiter: str
    header: tuple[str, ...] | None
    skip: int
    width: int


def read_text(file: BarFile) -> RawTable:
    """Return the cells of a text file, all as text, so that 005930 keeps its zeros.

    Raises:
        InputMissingError: It cannot be opened.
        DataError: It is empty, binary, or a row has more cells than there are names.
    """
    content = as_utf8(file.content(), file.label)
    dialect = sniff(content, file.label)
    columns = _unique(dialect.header or [str(i) for i in range(dialect.width)])
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
    if b"\0" in content[:_SAMPLE]:
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
        lines = text[:_SAMPLE].splitlines()[:_PREAMBLE]
        if any(names.is_header(_split(line, d)) for line in lines for d in _DELIMITERS):
            return text
        fallback = fallback or text
    if fallback is None:
        raise DataError(f"{label} is neither UTF-8 nor in an encoding that is known")
    return fallback


def sniff(content: bytes, label: str) -> Dialect:
    """Return how the text is written, told from its head.

    Raises:
        DataError: A row has more cells than there are names, or there is one cell a row.
    """
    lines = content[:_SAMPLE].decode(errors="replace").splitlines()[:_LINES]
    if len(content) > _SAMPLE and len(lines) > 1:
        lines.pop()  # the last one may be cut
    declared = lines[0].strip().strip('"') if lines else ""
    if declared.lower().startswith("sep=") and len(declared) == 5:
        return _dialect(lines, declared[-1], 1, label)
    for delimiter in _DELIMITERS:
        for i, line in enumerate(lines[:_PREAMBLE]):
            if names.is_header(_split(line, delimiter)):
                return _dialect(lines, delimiter, i, label)
    widths = {
        d: Counter(len(_split(line, d)) for line in lines if line.strip()) for d in _DELIMITERS
    }
    delimiter = max(_DELIMITERS, key=lambda d: _regularity(widths[d]))
    return _dialect(lines, delimiter, _first_row(lines, delimiter), label)


def _regularity(widths: Counter[int]) -> tuple[float, int]:
    # How many lines agree on more than one cell, and on how many.
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return 0.0, 0
    width = max(several, key=lambda w: several[w])
    return several[width] / sum(widths.values()), width


def _first_row(lines: list[str], delimiter: str) -> int:
    widths = [len(_split(line, delimiter)) for line in lines]
    usual = Counter(w for w in widths if w > 1).most_common(1)
    return widths.index(usual[0][0]) if usual else 0


def _dialect(lines: list[str], delimiter: str, first: int, label: str) -> Dialect:
    cells = _split(lines[first], delimiter)
    rows = [_split(line, delimiter) for line in lines[first + 1 :] if line.strip()]
    if len(cells) < 2:
        raise DataError(f"{label} holds one cell a row: {lines[first][:80]!r}")
    if _looks_like_values(cells):
        width = max([len(cells), *map(len, rows)])
        return Dialect(delimiter=delimiter, header=None, skip=first, width=width)
    if rows and all(len(row) == len(cells) + 1 and not row[-1].strip() for row in rows):
        cells = [*cells, ""]  # every row ends with a delimiter
    dialect = Dialect(delimiter=delimiter, header=tuple(cells), skip=first + 1, width=len(cells))
    _refuse_longer(rows, dialect, label)
    return dialect


def _looks_like_values(cells: list[str]) -> bool:
    numeric = [bool(c.strip()) and set(c.strip()) <= _NUMERIC for c in cells]
    return sum(numeric) >= 4


def _refuse_longer(rows: list[list[str]], dialect: Dialect, label: str) -> None:
    for number, row in enumerate(rows, start=1):
        if len(row) > dialect.width:
            raise DataError(_longer(number, len(row), dialect.width, label))


def _longer(number: int, cells: int, width: int, label: str) -> str:
    return (
        f"{label}, row {number}: {cells} cells, but {width} columns; numbers with commas in them "
        "must stand in quotes"
    )


def _longer_row(content: bytes, dialect: Dialect, label: str) -> str:
    # Polars says that a row is too long, not which.
    rows = csv.reader(io.StringIO(content.decode()), delimiter=dialect.delimiter)
    for number, row in enumerate(rows, start=1 - dialect.skip):
        if number > 0 and len(row) > dialect.width:
            return _longer(number, len(row), dialect.width, label)
    return ""


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return line.split(delimiter)


def _unique(header: tuple[str, ...] | list[str]) -> list[str]:
    # Column names that differ: what stands twice gets a number.
    seen: Counter[str] = Counter()
    columns = []
    for name in header:
        seen[name] += 1
        columns.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return columns
