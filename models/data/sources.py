"""Files of bars, in the ways yfinance, ccxt and Korean sources write them, to one table.

Read are Parquet files, CSV files, and folders of CSV files. Column names are case-blind, and
columns of other names are ignored. A CSV file without names is `date, open, high, low, close,
volume`. A file without symbols is of one ticker, which is the file's name. Prices are adjusted
where `adj_close` stands beside them, because a split or dividend is no return.
"""

import io
import logging
import re
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd

from models.data.bars import DropReason
from models.data.table import BarTable, Int32
from shared.contract import Bool, Float64, Int64, check_symbol, interval_name
from shared.errors import DataError, InputMissingError
from shared.markets import Market, market_of

_PRICES: Final = ["open", "high", "low", "close"]
_REQUIRED: Final = ["time", *_PRICES, "volume"]  # in the order of a file without column names
_NAMES: Final = {
    "time": ("time", "date", "datetime", "timestamp", "날짜", "일자", "일시"),
    "open": ("open", "시가"),
    "high": ("high", "고가"),
    "low": ("low", "저가"),
    "close": ("close", "종가"),
    "volume": ("volume", "거래량"),
    "adj_close": ("adjclose", "수정종가"),
    "symbol": ("symbol", "ticker", "code", "종목코드"),
}
_CANONICAL: Final = {alias: name for name, aliases in _NAMES.items() for alias in aliases}
_EPOCH_UNITS: Final[dict[int, Literal["s", "ms", "us", "ns"]]] = {  # by the number of digits
    10: "s",
    13: "ms",
    16: "us",
    19: "ns",
}
_WITH_ZONE: Final = r":\d\d.*(?:Z|[+-]\d\d:?\d\d)$"
_DAY_S: Final = 86_400
_MISSING: Final = frozenset(("", "nan", "none", "null", "na", "<na>"))  # written for no value

log = logging.getLogger(__name__)


def read_table(
    path: str | Path,
    *,
    market: str = "auto",
    stamp: Literal["open", "close"] = "open",
    end: str = "",
) -> BarTable:
    """Return the bars in a Parquet file, a CSV file or a folder of CSV files.

    Times without a zone are local to the market. A daily row carries the date of its session and
    is complete when that closes; a row of several days carries its first date; an intraday row
    carries the time at which it opens or closes, as `stamp` says.

    Args:
        path: The file or folder.
        market: A name in `shared.markets`, or `auto` to tell it from the symbols.
        stamp: What intraday times mean.
        end: Leave out bars that close after this date or time; empty for none.

    Raises:
        InputMissingError: The path does not exist, cannot be opened, or is a folder without CSV.
        DataError: The content cannot be read, or a column is missing or holds nothing of use.
        SettingsError: The market or `end` is not one.
    """
    symbols, place, raw = _read_files(_files(Path(path)), market)
    frame = raw.dropna(subset="time")
    row = np.searchsorted(symbols, frame["symbol"].to_numpy(dtype=str)).astype(np.int32)
    interval_s = _interval_seconds(row, _epoch_ms(frame["time"]), str(path))
    bar_ms = _close_ms(frame["time"], interval_s, place, stamp)
    late = int(_stands_late(row, bar_ms).sum())
    repairs = {DropReason.NO_TIME: len(raw) - len(frame), DropReason.REORDERED: late}
    table = BarTable(
        symbols=tuple(symbols),
        row=row,
        bar_ms=bar_ms,
        ohlcv=_adjusted(frame),
        interval=interval_name(interval_s),
        market=place,
        repaired={reason: count for reason, count in repairs.items() if count},
    ).by_time()
    return table.until(end) if end else table


def _read_files(files: list[Path], market: str) -> tuple[list[str], Market, pd.DataFrame]:
    # The tickers, their market, and all rows with times in UTC.
    frames = {str(file): _read_file(file) for file in files}
    symbols = sorted({s for frame in frames.values() for s in frame["symbol"].unique()})
    place = market_of(symbols, market)
    for file, frame in frames.items():
        frame["time"] = _utc(frame["time"], file, place.timezone)
    return symbols, place, pd.concat(frames.values(), ignore_index=True)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise InputMissingError(f"{path} does not exist")
    if not path.is_dir():
        return [path]
    files = sorted(p for p in path.iterdir() if p.suffix.lower() == ".csv")
    if not files:
        raise InputMissingError(f"the folder {path} holds no CSV file")
    return files


def _read_file(path: Path) -> pd.DataFrame:
    # Canonical columns: symbols as text, times as they stand, the rest as numbers.
    readers = {".parquet": _read_parquet, ".csv": _read_csv}
    if path.suffix.lower() not in readers:
        raise DataError(f"{path} must be a .parquet or .csv file")
    try:
        frame = _renamed(readers[path.suffix.lower()](path))
        if "symbol" not in frame:
            frame["symbol"] = path.stem
        _check_symbols(frame["symbol"])
        for column in frame.columns.difference(["symbol", "time"]):
            frame[column] = _numbers(frame[column], path)
    except OSError as e:
        raise InputMissingError(f"{path} cannot be read: {e}") from e
    except (ValueError, NotImplementedError, DataError) as e:  # pandas and Arrow raise the former
        raise DataError(f"{path}: {e}") from e
    return frame


def _read_parquet(path: Path) -> pd.DataFrame:
    frame = pd.read_parquet(path)
    if isinstance(frame.index, pd.RangeIndex):
        return frame
    unnamed = "time" if isinstance(frame.index, pd.DatetimeIndex) else "index"
    return frame.reset_index(names=[str(name or unnamed) for name in frame.index.names])


def _read_csv(path: Path) -> pd.DataFrame:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp949")  # what Korean exchanges and Excel write
    first = text.partition("\n")[0].split(",")
    nameless = len(first) >= len(_REQUIRED) and re.fullmatch(r"\s*[0-9.]+\s*", first[1])
    # All as text: 005930 keeps its zeros, and a ticker may be called NA.
    frame = pd.read_csv(
        io.StringIO(text),
        header=None if nameless else 0,
        dtype=str,
        keep_default_na=False,
        index_col=False,
    )
    return frame.rename(columns=dict(enumerate(_REQUIRED))) if nameless else _stacked(frame)


def _stacked(frame: pd.DataFrame) -> pd.DataFrame:
    # yfinance writes three rows of names: Price,Close,High / Ticker,AAPL,AAPL / Date,,
    if len(frame) < 2 or frame.iloc[0, 0] != "Ticker":
        return frame
    tickers, rows = frame.iloc[0, 1:], frame.iloc[2:]
    parts = [
        rows[tickers.index[tickers == ticker]]
        .rename(columns=lambda name: name.partition(".")[0])  # pandas made the second Close.1
        .assign(time=rows.iloc[:, 0], symbol=ticker)
        for ticker in tickers.unique()
    ]
    stacked: pd.DataFrame = pd.concat(parts)
    return stacked


def _renamed(raw: pd.DataFrame) -> pd.DataFrame:
    squeezed = {column: re.sub(r"[\s_]", "", str(column)).casefold() for column in raw.columns}
    names = {column: _CANONICAL[s] for column, s in squeezed.items() if s in _CANONICAL}
    for name in _REQUIRED:
        if name not in names.values():
            written = ", ".join(map(str, raw.columns))
            raise DataError(f"no column is called {' or '.join(_NAMES[name])}, there are {written}")
    for name in names.values():
        several = [str(column) for column, n in names.items() if n == name]
        if len(several) > 1:
            raise DataError(f"the columns {' and '.join(several)} both mean {name}")
    return raw[list(names)].rename(columns=names)


def _check_symbols(symbols: pd.Series) -> None:
    for symbol in symbols.unique():
        try:
            _check_text(symbol)
        except DataError as e:
            row = int((symbols == symbol).to_numpy().argmax()) + 1
            raise DataError(f"the column symbol, row {row}: {e}") from e


def _check_text(symbol: object) -> None:
    if not isinstance(symbol, str):
        raise DataError(f"symbols must be text, or 005930 loses its zeros, was {symbol}")
    check_symbol(symbol)


def _numbers(values: pd.Series, path: Path) -> pd.Series:
    # What is not a number becomes NaN, which `models.data.bars.validate` counts; a column without
    # any number is not dirt but a misunderstanding.
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    if len(values) and bool(numbers.isna().all()):
        raise DataError(f"the column {values.name} holds no number, row 1 says {values.iloc[0]!r}")
    lost = values[numbers.isna()].astype(str).str.strip().str.casefold()
    rows = np.flatnonzero(numbers.isna())[~lost.isin(_MISSING).to_numpy()]
    _warn_of(values, rows, str(path), "number")
    return numbers


def _utc(values: pd.Series, file: str, timezone: str) -> pd.Series:
    # Times as datetime64[ms, UTC], NaT where unreadable.
    times = values if pd.api.types.is_datetime64_any_dtype(values) else _parsed(values.astype(str))
    if len(values) and bool(times.isna().all()):
        raise DataError(f"{file}: the column of times holds none, row 1 says {values.iloc[0]!r}")
    _warn_of(values, np.flatnonzero(times.isna()), file, "time")
    if times.dt.tz is None:
        times = times.dt.tz_localize(timezone, ambiguous="NaT", nonexistent="NaT")
    utc: pd.Series = times.dt.tz_convert("UTC").dt.as_unit("ms")
    return utc


def _warn_of(values: pd.Series, rows: Int64, file: str, what: str) -> None:
    # Which bars are lost is counted; where the first of them stands helps to mend the file.
    if len(rows):
        log.warning(
            "%s, row %d, column %s: %r is no %s, so the bar is dropped (%d in this column)",
            file,
            rows[0] + 1,
            values.name,
            values.iloc[rows[0]],
            what,
            len(rows),
        )


def _parsed(values: pd.Series) -> pd.Series:
    text = values.str.strip()
    digits = text.str.fullmatch(r"\d+")
    if digits.mean() > 0.5:
        unit = _EPOCH_UNITS.get(int(text[digits].str.len().max()))
        if unit is None:
            return pd.to_datetime(text, format="%Y%m%d", errors="coerce")
        counts = pd.to_numeric(text, errors="coerce")
        return pd.to_datetime(counts, errors="coerce", unit=unit, utc=True)
    dashed = text.str.replace(r"^(\d{4})[./](\d\d)[./](\d\d)", r"\1-\2-\3", regex=True)
    with_zone = bool(dashed.str.contains(_WITH_ZONE).any())
    return pd.to_datetime(dashed, format="ISO8601", errors="coerce", utc=with_zone)


def _interval_seconds(row: Int32, times_ms: Int64, path: str) -> int:
    order = np.lexsort((times_ms, row))
    steps = np.diff(times_ms[order])
    steps = steps[(np.diff(row[order]) == 0) & (steps > 0)]
    if len(steps) == 0:
        raise DataError(f"{path}: no ticker has two bars, so their length cannot be told")
    lengths, counts = np.unique(steps, return_counts=True)
    seconds = int(lengths[counts.argmax()]) // 1000
    # Clocks that change make a local day 23 or 25 hours.
    return seconds if seconds < _DAY_S - 3600 else max(round(seconds / _DAY_S), 1) * _DAY_S


def _close_ms(times: pd.Series, interval_s: int, market: Market, stamp: str) -> Int64:
    if interval_s < _DAY_S:
        return _epoch_ms(times) + (1000 * interval_s if stamp == "open" else 0)
    # A session's date comes as local midnight, or as midnight UTC from sources that know no zone.
    local = times.dt.tz_convert(market.timezone).dt.tz_localize(None)
    utc = times.dt.tz_localize(None)
    date = utc.where(utc == utc.dt.normalize(), local).dt.normalize()
    hours, minutes = map(int, market.session_close.split(":"))
    after = pd.Timedelta(days=interval_s // _DAY_S - 1, hours=hours, minutes=minutes)
    return _epoch_ms((date + after).dt.tz_localize(market.timezone).dt.tz_convert("UTC"))


def _epoch_ms(times: pd.Series) -> Int64:
    milliseconds: Int64 = times.dt.as_unit("ms").astype("int64").to_numpy()
    return milliseconds


def _adjusted(frame: pd.DataFrame) -> Float64:
    ohlcv = frame[[*_PRICES, "volume"]].to_numpy(dtype=np.float64, copy=True)
    if "adj_close" in frame:
        close = ohlcv[:, 3]
        factor = np.where(close > 0, frame["adj_close"] / np.where(close > 0, close, 1.0), 1.0)
        ohlcv[:, :4] *= factor[:, None]
    return ohlcv


def _stands_late(row: Int32, bar_ms: Int64) -> Bool:
    # (m,) whether a newer bar of the same ticker comes before; a rank keeps tickers apart.
    order = np.argsort(row, kind="stable")
    _, rank = np.unique(bar_ms, return_inverse=True)
    ascending = row[order].astype(np.int64) * (len(rank) + 1) + rank[order]
    late: Bool = ascending < np.maximum.accumulate(ascending)
    return late
