"""Which ticker each row of a file is of: a column says it, or a folder, or the file's own name."""

import re
from typing import Final

import numpy as np
import polars as pl

from models.data.sources import names
from models.data.sources.coded import coded
from models.data.sources.column_times import Stamps
from models.data.sources.names import Roles
from models.data.sources.raw import RawTable
from models.data.sources.shape import Shape
from models.data.sources.symbols import market_of, symbol_in
from models.data.table import Int32
from shared.contract import check_symbol
from shared.errors import DataError

_MARKED: Final = re.compile(r"[\s\"'=]")


def tickers_in(
    raw: RawTable, found: Roles, shape: Shape, stamps: Stamps
) -> tuple[tuple[str, ...], Int32]:
    """Return the tickers of a file, and (n,) int32, which of them each row is of.

    Raises:
        DataError: A symbol is no text, or none; or tickers hide in a column of another name.
    """
    column = _symbol_column(raw, found, shape)
    if column is None:
        _refuse_hidden_tickers(raw, found, stamps)
        hive = [v for k, v in raw.file.partition.items() if k in names.ROLES["symbol"]]
        told = hive[0] if hive else shape.symbol_in(raw.file.name)
        symbol = told or symbol_in(raw.file.stem)
        return (_checked(symbol, raw),), np.zeros(len(raw.frame), np.int32)
    series = raw.frame[column]
    if series.dtype != pl.String and series.dtype not in (pl.Categorical, pl.Enum):
        raise DataError(
            f"{raw.file.label}: symbols must be text, or 005930 loses its zeros, "
            f"was {series.drop_nulls()[0] if series.drop_nulls().len() else series.dtype}"
        )
    texts, codes = coded(series)
    if any(map(_MARKED.search, filter(None, series.head(100).to_list()))):
        texts = [text.strip(" \t\"'=") for text in texts]  # ="005930" keeps zeros in Excel
    kept = tuple(sorted(set(texts)))
    place = {symbol: i for i, symbol in enumerate(kept)}
    same = list(kept) == texts
    rows = codes if same else np.array([place[text] for text in texts], np.int32)[codes]
    for symbol, code in place.items():
        _checked(symbol, raw, rows, code)
    return kept, rows


def _symbol_column(raw: RawTable, found: Roles, shape: Shape) -> str | None:
    columns = found.get("symbol", [])
    if columns and "symbol" in shape.columns:
        return columns[0]
    for column in columns:
        if names.normal(column) not in ("market", "name", "종목명", "s", "stock", "名称"):
            return column
        # These hold the ticker with some sources, and its market or its company with others.
        values = raw.frame[column].cast(pl.String).drop_nulls().unique().head(50).to_list()
        if values and all(market_of(v) for v in values):
            return column
    return None


def _checked(symbol: str, raw: RawTable, rows: Int32 | None = None, code: int = 0) -> str:
    try:
        return check_symbol(symbol)
    except DataError as e:
        where = "" if rows is None else f", row {int((rows == code).argmax()) + 1}"
        raise DataError(f"{raw.file.label}{where}: {e}") from e


def _refuse_hidden_tickers(raw: RawTable, found: Roles, stamps: Stamps) -> None:
    # Several tickers under one name would be merged into one, two thirds of it as duplicates.
    known = stamps.wall_ms[stamps.known]
    if (known[1:] > known[:-1]).all() or len(np.unique(known)) > 0.95 * len(known):
        return
    used = {column for columns in found.values() for column in columns}
    used |= set(names.times_among(raw.frame.columns, found))
    for column in raw.frame.columns:
        series = raw.frame[column]
        if column in used or series.dtype != pl.String:
            continue
        values = series.drop_nulls().unique()
        numeric = values.str.contains(r"^[\s\d.,%+-]*$").all()
        if 1 < len(values) <= max(len(series) // 2, 2) and not numeric:
            raise DataError(
                f"{raw.file.label}: the column {column} looks like tickers ({len(values)} values "
                f"such as {values.sort()[0]!r}, and times that repeat); call it symbol"
            )
