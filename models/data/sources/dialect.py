"""How a text file is written: which delimiter, where the names stand; told from its head."""

import csv
from collections import Counter
from dataclasses import dataclass
from typing import Final

from models.data.sources import names
from shared.errors import DataError

SAMPLE: Final = 1 << 16  # bytes; enough to see names, and some hundred rows
PREAMBLE: Final = 30  # lines of titles before the names, at most
DELIMITERS: Final = (",", "\t", ";", "|")
_LINES: Final = 200
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


def lines_of(content: bytes) -> list[str]:
    """Return the first lines of a text, whole ones."""
    lines = content[:SAMPLE].decode(errors="replace").splitlines()[:_LINES]
    if len(content) > SAMPLE and len(lines) > 1:
        lines.pop()  # the last one may be cut
    return lines


def sniff(content: bytes, label: str) -> Dialect:
    """Return how the text is written, told from its head.

    Raises:
        DataError: A row has more cells than there are names, or there is one cell a row.
    """
    lines = lines_of(content)
    declared = lines[0].strip().strip('"') if lines else ""
    if declared.lower().startswith("sep=") and len(declared) == 5:
        return _dialect(lines, declared[-1], 1, label)
    for delimiter in DELIMITERS:
        for i, line in enumerate(lines[:PREAMBLE]):
            if names.is_header(split(line, delimiter)):
                return _dialect(lines, delimiter, i, label)
    widths = {d: Counter(len(split(line, d)) for line in lines if line.strip()) for d in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda d: _regularity(widths[d]))
    return _dialect(lines, delimiter, _first_row(lines, delimiter), label)


def _regularity(widths: Counter[int]) -> tuple[float, int]:
    # How many lines agree on more than one cell, and on how many.
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return 0.0, 0
    width = max(several, key=lambda w: several[w])
    return several[width] / sum(widths.values()), width


def _first_row(lines: list[str], delimiter: str) -> int:
    widths = [len(split(line, delimiter)) for line in lines]
    usual = Counter(w for w in widths if w > 1).most_common(1)
    return widths.index(usual[0][0]) if usual else 0


def _dialect(lines: list[str], delimiter: str, first: int, label: str) -> Dialect:
    cells = split(lines[first], delimiter)
    rows = [split(line, delimiter) for line in lines[first + 1 :] if line.strip()]
    if len(cells) < 2:
        raise DataError(f"{label} holds one cell a row: {lines[first][:80]!r}")
    if _looks_like_values(cells):
        width = max([len(cells), *map(len, rows)])
        return Dialect(delimiter=delimiter, header=None, skip=first, width=width)
    if rows and all(len(row) == len(cells) + 1 and not row[-1].strip() for row in rows):
        cells = [*cells, ""]  # every row ends with a delimiter
    dialect = Dialect(delimiter=delimiter, header=tuple(cells), skip=first + 1, width=len(cells))
    _refuselonger(rows, dialect, label)
    return dialect


def _looks_like_values(cells: list[str]) -> bool:
    numeric = [bool(c.strip()) and set(c.strip()) <= _NUMERIC for c in cells]
    return sum(numeric) >= 4


def _refuselonger(rows: list[list[str]], dialect: Dialect, label: str) -> None:
    for number, row in enumerate(rows, start=1):
        if len(row) > dialect.width:
            raise DataError(longer(number, len(row), dialect.width, label))


def longer(number: int, cells: int, width: int, label: str) -> str:
    """Return what is wrong with a row that has more cells than there are names."""
    return (
        f"{label}, row {number}: {cells} cells, but {width} columns; numbers with commas in them "
        "must stand in quotes"
    )


def split(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line."""
    if '"' not in line:  # without quotes there is little to know about a cell
        cells = line.split(delimiter) if line else []
        return [cell.lstrip(" ") for cell in cells] if " " in line else cells
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return line.split(delimiter)


def columns_of(dialect: Dialect) -> list[str]:
    """Return names of columns that differ: what stands twice gets a number."""
    header = dialect.header or [str(i) for i in range(dialect.width)]
    seen: Counter[str] = Counter()
    columns = []
    for name in header:
        seen[name] += 1
        columns.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return columns
