"""Text files whose cells are plain: read as numbers, times and tickers without a text in between.

Of ten million rows the texts alone take more memory than the bars, and more time. A file is plain
where its first lines are and no later cell contradicts; what is read this way is what `text` would
make of each cell. Of any other file nothing is returned, and it is looked at as text.
"""

import codecs
import contextlib
import functools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
import polars.selectors as cs
from polars.exceptions import PolarsError

from models.data.sources import names
from models.data.sources.ahead import cells_ahead
from models.data.sources.coded import coded
from models.data.sources.dialect import SAMPLE, Dialect, columns_of, lines_of, sniff
from models.data.sources.files import BarFile
from models.data.sources.fixed_times import FIXED_FORMS, FixedForm, fixed_ms
from models.data.sources.growing import GrowingColumns
from models.data.sources.raw import RawTable
from models.data.table import Int32
from shared.contract import Float64, Int64
from shared.errors import DataError

_BLOCK: Final = 1 << 23  # bytes read at a time
# Of all cells of a column, each with a line's end behind it; empty ones may be among them.
_NUMBERS: Final = re.compile(r"(?>(?:-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)?\n)*")
_WHOLES: Final = re.compile(r"(?>(?:[1-9]\d{7,18})?\n)*")  # fewer digits are times of day


@dataclass(frozen=True, kw_only=True)
class _PlainColumns:
    # What each column is, told from the first lines.
    dialect: Dialect
    schema: dict[str, Any]
    bars: list[str]
    times: dict[str, FixedForm]
    tickers: list[str]
    first: tuple[str, ...]


class _NotPlainError(Exception):
    # A cell is not what those before it were.
    pass


def read_plain(file: BarFile, *, timed: bool = True) -> RawTable | None:
    """Return the cells of a plain text file; None if it is another one.

    Args:
        file: The file.
        timed: Whether times may be read; not where a caller says how they are written.

    Raises:
        InputMissingError: It cannot be opened.
        DataError: It is damaged.
    """
    plan = _plan(file.head(SAMPLE + 1), file.label, timed=timed)
    if plan is None:
        return None
    try:
        return _read(file, plan)
    except (_NotPlainError, PolarsError):
        return None


def _read(file: BarFile, plan: _PlainColumns) -> RawTable:
    whole: _Blocks | None = None
    lines = _plain_lines(file)
    with contextlib.closing(cells_ahead(lines, functools.partial(_cells, plan=plan))) as frames:
        for frame in frames:
            whole = whole or _Blocks(plan, _rows(file, len(frame)))
            whole.add(frame)
    if whole is None:
        raise _NotPlainError
    return whole.table(file)


def _rows(file: BarFile, rows: int) -> int:
    # About how many there are, if all blocks have as many as the first one.
    return rows if file.packed else int(rows * (1.02 * file.path.stat().st_size / _BLOCK + 1))


def _plain_lines(file: BarFile) -> Iterator[bytes]:
    for i, lines in enumerate(file.lines(_BLOCK)):
        if b'"' in lines or (i > 0 and lines[:1] in b"\r\n"):
            raise _NotPlainError
        yield lines


def _plan(head: bytes, label: str, *, timed: bool) -> _PlainColumns | None:
    head = head.removeprefix(codecs.BOM_UTF8)
    if not _is_plain_text(head):
        return None
    try:
        dialect = sniff(head, label)
    except DataError:
        return None
    rows = [line.split(dialect.delimiter) for line in lines_of(head)[dialect.skip :]]
    if dialect.header is None or not rows or any(len(row) != dialect.width for row in rows):
        return None
    columns = columns_of(dialect)
    cells = dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))
    numbers, clocks, tickers = _kinds(columns)
    clocks = clocks if timed else []
    times = {c: form for c in clocks if (form := _form_of(cells[c]))}
    schema: dict[str, Any] = dict.fromkeys(columns, pl.String)
    schema |= dict.fromkeys((c for c in numbers if _all(_NUMBERS, cells[c])), pl.Float64)
    schema |= dict.fromkeys((c for c in clocks if _all(_WHOLES, cells[c])), pl.Int64)
    schema |= dict.fromkeys(tickers, pl.Categorical)
    return _PlainColumns(
        dialect=dialect,
        schema=schema,
        bars=_bars(columns, schema),
        times=times,
        tickers=tickers,
        first=tuple(rows[0]),
    )


def _bars(columns: list[str], schema: dict[str, Any]) -> list[str]:
    # The columns of prices and volume, if all of them are there.
    found = names.roles(columns)
    bars = [found[role][0] for role in names.NEEDED if role in found]
    whole = len(set(bars)) == len(names.NEEDED) and all(schema[c] == pl.Float64 for c in bars)
    return bars if whole else []


def _kinds(columns: list[str]) -> tuple[list[str], list[str], list[str]]:
    # The columns that can hold nothing but numbers, times and tickers.
    found = names.roles(columns)
    roles = Counter(column for of_role in found.values() for column in of_role)
    numbers = [c for role in (*names.NEEDED, "adj_close") for c in found.get(role, [])]
    times = names.times_among(columns, found)
    tickers = found.get("symbol", [])[:1]
    chosen = [[c for c in some if roles[c] <= 1] for some in (numbers, times, tickers)]
    return chosen[0], chosen[1], chosen[2]


def _is_plain_text(head: bytes) -> bool:
    # Without a quote a cell ends with the next delimiter, and a row with the line.
    if b'"' in head or b"\0" in head or b"\n" not in head:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) <= SAMPLE)
    except UnicodeDecodeError:
        return False
    return True


def _form_of(cells: list[str]) -> FixedForm | None:
    return next((form for form in FIXED_FORMS if form.fits(cells)), None)


def _all(pattern: re.Pattern[str], cells: list[str]) -> bool:
    return any(cells) and pattern.fullmatch("".join([f"{cell}\n" for cell in cells])) is not None


def _cells(lines: bytes, is_first: bool, plan: _PlainColumns) -> pl.DataFrame:
    return pl.read_csv(
        lines,
        separator=plan.dialect.delimiter,
        has_header=False,
        skip_lines=plan.dialect.skip if is_first else 0,
        schema=plan.schema,
        infer_schema=False,
    )


class _Blocks:
    # What was read so far: bars, times and tickers each in one piece, all else block by block.
    def __init__(self, plan: _PlainColumns, rows: int) -> None:
        self._plan = plan
        self._bars = GrowingColumns(len(plan.bars), rows, np.float64)
        self._times = GrowingColumns(len(plan.times), rows, np.int64)
        self._codes = GrowingColumns(len(plan.tickers), rows, np.int32)
        self._tickers: dict[str, int] = {}
        grown = {*plan.bars, *plan.times, *plan.tickers}
        self._others: dict[str, list[pl.Series]] = {c: [] for c in plan.schema if c not in grown}

    def add(self, frame: pl.DataFrame) -> None:
        plan = self._plan
        if frame.select(pl.any_horizontal(cs.float().is_nan().any())).item():
            raise _NotPlainError  # what stands there is a matter for sentences
        self._bars.add([_floats(frame[c]) for c in plan.bars])
        self._times.add([[_ms(frame[c], form)] for c, form in plan.times.items()])
        self._codes.add([[self._coded(frame[c])] for c in plan.tickers])
        for column, parts in self._others.items():
            parts.append(frame[column])

    def _coded(self, tickers: pl.Series) -> Int32:
        if tickers.null_count():
            raise _NotPlainError
        texts, code = coded(tickers)
        places = [self._tickers.setdefault(text, len(self._tickers)) for text in texts]
        return np.array(places, np.int32)[code]

    def table(self, file: BarFile) -> RawTable:
        plan, numbers = self._plan, self._bars.whole() if self._plan.bars else None
        columns = {c: pl.concat(parts, rechunk=False) for c, parts in self._others.items()}
        columns |= {c: pl.Series(values=self._bars.column(i)) for i, c in enumerate(plan.bars)}
        for i, c in enumerate(plan.times):
            columns[c] = pl.Series(values=self._times.column(i)).cast(pl.Datetime("ms"))
        texts = list(self._tickers)
        for i, c in enumerate(plan.tickers):
            each = pl.Series(values=texts, dtype=pl.Enum(texts))
            columns[c] = each.gather(self._codes.column(i))
        if any(_is_empty(columns[c]) for c, kind in plan.schema.items() if kind == pl.Float64):
            raise _NotPlainError
        return RawTable(
            file=file,
            frame=pl.DataFrame({c: columns[c] for c in plan.schema}),
            decimal_comma=plan.dialect.delimiter != ",",
            numbers=numbers,
            first=plan.first,
            forms={c: (form.name, form.grain) for c, form in plan.times.items()},
        )


def _floats(numbers: pl.Series) -> list[Float64]:
    chunks = numbers.get_chunks()
    return [(c.fill_null(np.nan) if c.null_count() else c).to_numpy() for c in chunks]


def _ms(text: pl.Series, form: FixedForm) -> Int64:
    cells = text.to_arrow()
    offsets = np.frombuffer(cells.buffers()[1], np.int64)[cells.offset :][: len(cells) + 1]
    if cells.null_count or (np.diff(offsets) != form.width).any():
        raise _NotPlainError
    data = np.frombuffer(cells.buffers()[2], np.uint8)[offsets[0] : offsets[-1]]
    ms = fixed_ms(data.reshape(-1, form.width), form)
    if ms is None:
        raise _NotPlainError
    return ms


def _is_empty(numbers: pl.Series) -> bool:
    if numbers[0] is not None and not np.isnan(numbers[0]):
        return False
    return numbers.fill_nan(None).null_count() == len(numbers)
