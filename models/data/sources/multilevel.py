"""Names in several rows, as yfinance writes them: a field and a ticker to each column."""

from dataclasses import replace

import numpy as np
import polars as pl

from models.data.sources import names
from models.data.sources.raw import RawTable

_FIELDS = frozenset(("price", "attributes", ""))
_TICKERS = frozenset(("ticker", "symbols", "symbol"))


def unstacked(raw: RawTable) -> RawTable:
    """Return one row a ticker and time where two rows of names say both; others as they are.

    The first row of names are the columns' own; the second one is the first row of cells. Either
    may hold the fields: Price,Close,High / Ticker,AAPL,AAPL / Date,, or the other way round.
    """
    frame = raw.frame
    if not raw.named or len(frame) < 2 or len(frame.columns) < 2:
        return raw
    head = [names.normal(c) for c in (frame.columns[0], frame.item(0, 0) or "")]
    if head[1] in _TICKERS and head[0] in _FIELDS:
        fields, tickers = [_base(c) for c in frame.columns[1:]], _cells(frame)
    elif head[0] in _TICKERS and head[1] in _FIELDS:
        fields, tickers = _cells(frame), [_base(c) for c in frame.columns[1:]]
    else:
        return raw
    rows = frame.slice(1)
    if names.normal(rows.item(0, 0) or "") in names.ROLES["time"]:
        rows = rows.slice(1)  # the name of the index has a row of its own
    parts = [_of_ticker(rows, fields, tickers, t) for t in dict.fromkeys(tickers)]
    numbers = np.tile(np.arange(len(frame) - len(rows), len(frame)), len(parts))
    return replace(raw, frame=pl.concat(parts, how="diagonal"), rows=numbers, numbers=None)


def _cells(frame: pl.DataFrame) -> list[str]:
    return ["" if cell is None else str(cell) for cell in frame.row(0)[1:]]


def _base(column: str) -> str:
    # The reader of cells numbers names that stand twice.
    return column.rpartition(".")[0] if column.rpartition(".")[2].isdigit() else column


def _of_ticker(
    rows: pl.DataFrame, fields: list[str], tickers: list[str], ticker: str
) -> pl.DataFrame:
    columns = {f: rows.to_series(i + 1) for i, f in enumerate(fields) if tickers[i] == ticker}
    named = {name: series.alias(name) for name, series in columns.items()}
    time = rows.to_series(0).alias("time")
    return pl.DataFrame([time, *named.values()]).with_columns(symbol=pl.lit(ticker))
