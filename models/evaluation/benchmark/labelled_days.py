"""The samples of a published benchmark: labelled days, and the windows that end before them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from models.data.bars import Rules
from models.data.features.feature_set import FeatureSet
from models.data.table import BarTable
from models.evaluation.metrics.days import dates
from models.training.dataset import Samples, by_ticker, clean
from shared.contract import Bool, Class, Float32, Int64
from shared.errors import DataError, InputMissingError

SPLITS: Final = ("train", "val", "test")

_COLUMNS: Final = ("symbol", "date", "label", "split", "target_date")
_LABELS: Final = (int(Class.DOWN), int(Class.UP))
_DAY_MS: Final = 86_400_000
_DAY: Final = "1d"


@dataclass(frozen=True, kw_only=True, eq=False)
class Labelled:
    """One split of a benchmark.

    Attributes:
        samples: Those with a window; what a label does not tell of what followed is 0.
        found: (n,) bool, which of all of the split's rows these are.
        label: (n,) int64, the class of every row.
        target: (n,) int64 date that the label is of, in days since 1970.
    """

    samples: Samples
    found: Bool
    label: Int64
    target: Int64


def read_labels(path: Path) -> pd.DataFrame:
    """Return the rows of a file of samples, checked.

    Raises:
        InputMissingError: The file does not exist or cannot be opened.
        DataError: It is no table, a column is missing, or a value is not what it must be.
    """
    frame = _read(path)
    missing = [name for name in _COLUMNS if name not in frame]
    if missing:
        there = ", ".join(map(str, frame.columns))
        raise DataError(f"{path}: no column is called {missing[0]}, there are {there}")
    written = frame
    frame = frame[list(_COLUMNS)].copy()
    for column in ("date", "target_date"):
        frame[column] = _days(frame[column], path)
    frame["label"] = pd.to_numeric(frame["label"], errors="coerce")
    _refuse(path, written["label"], ~frame["label"].isin(_LABELS), "0 (down) or 2 (up)")
    _refuse(path, written["split"], ~frame["split"].isin(SPLITS), f"one of {', '.join(SPLITS)}")
    late = frame["target_date"] <= frame["date"]
    _refuse(path, written["target_date"], late, "after the date of its row")
    twice = frame.duplicated(["symbol", "date"])
    _refuse(path, written["date"], twice, "there once for each symbol")
    return frame


def labelled(
    table: BarTable, rules: Rules, feature_set: FeatureSet, frame: pd.DataFrame
) -> dict[str, Labelled]:
    """Return each split of a benchmark with the windows that end on the dates of its rows.

    Args:
        table: Daily bars, adjusted.
        rules: The limits.
        feature_set: What the windows hold.
        frame: Rows of `read_labels`.

    Raises:
        DataError: The bars are not daily, or no row of a split has a window.
    """
    if table.interval != _DAY:
        raise DataError(f"the bars must be daily, was {table.interval}")
    windows = _windows(table, rules, feature_set)
    return {split: _labelled(split, frame[frame["split"] == split], windows) for split in SPLITS}


@dataclass(frozen=True, kw_only=True, eq=False)
class _DayWindows:
    # (k, 6, 8) windows, what samples hold of their bars, the (k,) close of the newest bar of each,
    # and their rows by symbol and day.
    windows: Float32
    volatility: Float32
    log_returns: Float32
    decided_ms: Int64
    place: dict[tuple[str, int], int]
    symbols: tuple[str, ...]


def _windows(table: BarTable, rules: Rules, feature_set: FeatureSet) -> _DayWindows:
    parts, times, keys = [], [], []
    for ticker, rows in by_ticker(table):
        series, _ = clean(table.bar_ms[rows], table.ohlcv[rows], rules)
        windows, newest = series.windows(feature_set)
        parts.append((windows, series.volatility(newest), series.log_returns(newest)))
        times.append(series.bar_ms[newest])
        days = dates(times[-1], table.market).tolist()
        keys += [(table.symbols[ticker], day) for day in days]
    windows, volatility, log_returns = (np.concatenate(c) for c in zip(*parts, strict=True))
    return _DayWindows(
        windows=windows,
        volatility=volatility,
        log_returns=log_returns,
        decided_ms=np.concatenate(times),
        place={key: i for i, key in enumerate(keys)},
        symbols=table.symbols,
    )


def _labelled(split: str, frame: pd.DataFrame, known: _DayWindows) -> Labelled:
    keys = zip(frame["symbol"].astype(str), frame["date"].tolist(), strict=True)
    place = np.array([known.place.get(key, -1) for key in keys], np.int64)
    found = place >= 0
    if not found.any():
        raise DataError(f"no row of the split {split} has a window of bars that ends on its date")
    label = frame["label"].to_numpy(np.int64)
    target = frame["target_date"].to_numpy(np.int64)
    ordinals = {symbol: i for i, symbol in enumerate(known.symbols)}
    tickers = [ordinals.get(symbol, 0) for symbol in frame["symbol"].astype(str)]
    nothing = np.zeros(int(found.sum()))
    samples = Samples(
        windows=known.windows[place[found]],
        label=label[found],
        decided_ms=known.decided_ms[place[found]],
        target_ms=target[found] * _DAY_MS,
        ticker=np.array(tickers, np.int32)[found],
        ordinal=place[found],
        volatility=known.volatility[place[found]],
        log_returns=known.log_returns[place[found]],
        returns=nothing,
        delayed=nothing,
    )
    return Labelled(samples=samples, found=found, label=label, target=target)


def _read(path: Path) -> pd.DataFrame:
    readers = {".parquet": _read_parquet, ".csv": _read_csv}
    if path.suffix.lower() not in readers:
        raise DataError(f"{path} must be a .parquet or .csv file")
    try:
        frame = readers[path.suffix.lower()](path)
    except FileNotFoundError as e:
        raise InputMissingError(f"{path} does not exist") from e
    except OSError as e:
        raise InputMissingError(f"{path} cannot be read: {e}") from e
    except ValueError as e:  # pandas and Arrow
        raise DataError(f"{path}: {e}") from e
    if frame.empty:
        raise DataError(f"{path} holds no row")
    return frame


def _read_parquet(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path)


def _read_csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype={"symbol": str}, keep_default_na=False)


def _days(column: pd.Series, path: Path) -> pd.Series:
    # Days since 1970.
    times = pd.to_datetime(column, errors="coerce", format="ISO8601")
    _refuse(path, column, times.isna(), "a date like 2024-01-31")
    return times.dt.as_unit("s").astype("int64") // (_DAY_MS // 1000)


def _refuse(path: Path, column: pd.Series, wrong: pd.Series, must_be: str) -> None:
    if bool(wrong.any()):
        row = int(np.flatnonzero(wrong.to_numpy())[0])
        value = column.iloc[row]
        raise DataError(f"{path}: {column.name} must be {must_be}, was {value} in row {row + 1}")
