"""Files that carry types or nesting of their own: Parquet, Feather and JSON."""

import io
from dataclasses import replace
from typing import Any, Final, cast

import msgspec
import polars as pl
from polars.exceptions import PanicException, PolarsError

from models.data.sources import names
from models.data.sources.encoding import as_utf8
from models.data.sources.files import BarFile
from models.data.sources.plain_parquet import read_plain_parquet
from models.data.sources.raw import RawTable
from shared.errors import DataError

_UNNAMED: Final = "__index_level_0__"  # what pandas calls an index without a name
_DEPTH: Final = 4  # of objects that wrap the rows, as {"data": {"candles": [...]}}


def read_parquet(file: BarFile) -> RawTable:
    """Return the columns of a Parquet file; a pandas index is one of them.

    Raises:
        InputMissingError: It cannot be opened.
        DataError: It is no Parquet file.
    """
    plain = read_plain_parquet(file)
    return _read(file, pl.read_parquet) if plain is None else _named(plain)


def read_feather(file: BarFile) -> RawTable:
    """Return the columns of a Feather or Arrow file.

    Raises:
        InputMissingError: It cannot be opened.
        DataError: It is no such file.
    """
    return _read(file, pl.read_ipc)


def _read(file: BarFile, reader: Any) -> RawTable:
    content = file.content()
    try:
        frame = cast(pl.DataFrame, reader(io.BytesIO(content)))
    except (PolarsError, ValueError, OSError) as e:
        raise DataError(f"{file.label}: {e}") from e
    except PanicException as e:  # polars' way to say that bytes are damaged
        raise DataError(f"{file.label} is damaged") from e
    return _named(RawTable(file=file, frame=frame))


def _named(raw: RawTable) -> RawTable:
    return replace(raw, frame=raw.frame.rename({_UNNAMED: "time"}, strict=False))


def read_json(file: BarFile) -> RawTable:
    """Return the rows of a JSON file: a list of objects or of lists, however it is wrapped.

    Raises:
        InputMissingError: It cannot be opened.
        DataError: It is no JSON, or holds no rows.
    """
    content = as_utf8(file.content(), file.label)
    try:
        rows = _rows_in(_decode(content), _DEPTH)
    except (msgspec.DecodeError, RecursionError) as e:
        raise DataError(f"{file.label} is no JSON: {e}") from e
    except (AttributeError, KeyError, TypeError, ValueError) as e:
        raise DataError(f"{file.label} holds lists that do not fit each other: {e}") from e
    if not rows:
        raise DataError(f"{file.label} holds no list of bars")
    try:
        return _table(file, rows)
    except (PolarsError, TypeError, ValueError) as e:
        raise DataError(f"{file.label}: {e}") from e


def _decode(content: bytes) -> object:
    if content.lstrip()[:2] == b"[[" and b'"' not in content.partition(b"\n")[0]:
        content = content.replace(b"'", b'"')  # Naver writes the names as Python would
    first, _, rest = content.strip().partition(b"\n")
    if rest.lstrip().startswith(b"{") and first.strip().endswith(b"}"):
        return msgspec.json.Decoder().decode_lines(content)  # one object a line
    return msgspec.json.decode(content)


def _rows_in(value: object, depth: int) -> list[Any]:
    # The longest list of objects or lists in what wraps it.
    if isinstance(value, list) and value and all(map(_is_chart, value)):
        return [row for chart in value for row in _of_chart(chart)]
    if isinstance(value, list):
        return value if value and isinstance(value[0], dict | list) else []
    if not isinstance(value, dict) or depth == 0:
        return []
    named = {s: v for s, v in value.items() if isinstance(v, list) and v and isinstance(v[0], dict)}
    if len(named) > 1 and all(names.is_header(v[0]) for v in named.values()):
        return [{"symbol": symbol} | row for symbol, rows in named.items() for row in rows]
    if _is_columnar(value):
        return [
            dict(zip(value, cells, strict=False)) for cells in zip(*value.values(), strict=True)
        ]
    inside = [_rows_in(v, depth - 1) for v in value.values()]
    return max(inside, key=len, default=[])


def _is_chart(value: object) -> bool:
    return isinstance(value, dict) and {"meta", "timestamp", "indicators"} <= value.keys()


def _of_chart(chart: dict[str, Any]) -> list[dict[str, Any]]:
    # Yahoo's answer: times, prices and adjusted closes lie in lists of their own.
    said = {name: chart["meta"].get(name) for name in ("symbol", "exchangeTimezoneName")}
    columns = {"timestamp": chart["timestamp"]}
    for kind in ("quote", "adjclose"):
        for part in chart["indicators"].get(kind, ()):
            columns |= part
    return [
        said | dict(zip(columns, cells, strict=True))
        for cells in zip(*columns.values(), strict=True)
    ]


def _is_columnar(value: dict[str, Any]) -> bool:
    lists = [v for v in value.values() if isinstance(v, list)]
    same = len(lists) == len(value) and len({len(v) for v in lists}) == 1
    return same and names.is_header(value)


def _table(file: BarFile, rows: list[Any]) -> RawTable:
    if isinstance(rows[0], list):
        if all(isinstance(cell, str) for cell in rows[0]) and names.is_header(rows[0]):
            header, rows = rows[0], rows[1:]  # the names stand in the first row
            return RawTable(
                file=file, frame=_frame([dict(zip(header, r, strict=False)) for r in rows])
            )
        numbered = [{str(i): cell for i, cell in enumerate(row)} for row in rows]
        return RawTable(file=file, frame=_frame(numbered), named=False)
    return RawTable(file=file, frame=_frame(rows))


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    # As text where a column mixes numbers and text; a number keeps all its digits either way.
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame(
        {name: _column([row.get(name) for row in rows]) for name in columns}, strict=False
    )


def _column(cells: list[Any]) -> pl.Series:
    kinds = {type(c) for c in cells if c is not None}
    if kinds <= {int, float} and bool not in kinds:
        return pl.Series(
            values=cells, dtype=pl.Int64 if kinds == {int} else pl.Float64, strict=False
        )
    if kinds == {str}:
        return pl.Series(values=cells, dtype=pl.String)
    texts = [None if c is None or isinstance(c, dict | list) else str(c) for c in cells]
    return pl.Series(values=texts, dtype=pl.String)
