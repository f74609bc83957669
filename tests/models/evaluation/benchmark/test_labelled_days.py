from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.data.bars import Rules
from models.data.features.price_volume import PRICE_VOLUME
from models.data.table import BarTable
from models.evaluation.benchmark.labelled_days import labelled, read_labels
from models.evaluation.metrics.days import dates
from models.training.dataset import clean
from shared.errors import DataError, InputMissingError

RULES = Rules(interval_s=86_400, jump_limit=0.31)
Rows = Callable[..., pd.DataFrame]


@pytest.fixture
def bars(table: Callable[..., BarTable]) -> BarTable:
    return table(tickers=2, bars=60)


@pytest.fixture
def rows(bars: BarTable) -> Rows:
    """Labelled days of both tickers, from their 30th bar on."""

    def make() -> pd.DataFrame:
        found = []
        for ticker, symbol in enumerate(bars.symbols):
            days = dates(bars.bar_ms[bars.row == ticker], bars.market).astype("datetime64[D]")
            for i in range(30, 59):
                split = "train" if i < 45 else "val" if i < 50 else "test"
                found.append((symbol, days[i], 2 * (i % 2), split, days[i + 1]))
        columns = ["symbol", "date", "label", "split", "target_date"]
        return pd.DataFrame(found, columns=columns)

    return make


def _kept(frame: pd.DataFrame, folder: Path) -> Path:
    frame.to_parquet(folder / "samples.parquet")
    return folder / "samples.parquet"


def test_each_row_gets_the_window_that_ends_on_its_date(
    bars: BarTable, rows: Rows, tmp_path: Path
) -> None:
    splits = labelled(bars, RULES, PRICE_VOLUME, read_labels(_kept(rows(), tmp_path)))
    assert [len(splits[s].label) for s in ("train", "val", "test")] == [30, 10, 18]
    series, _ = clean(bars.bar_ms[bars.row == 1], bars.ohlcv[bars.row == 1], RULES)
    windows, newest = series.windows(PRICE_VOLUME)
    test = splits["test"].samples.take(splits["test"].samples.ticker == 1)
    for i, window in zip(range(50, 59), test.windows, strict=True):
        assert np.array_equal(window, windows[newest == i][0])
    assert (test.decided_ms == series.bar_ms[50:59]).all()
    assert (test.target_ms > test.decided_ms - 86_400_000).all()
    assert test.label.tolist() == [2 * (i % 2) for i in range(50, 59)]


def test_what_has_no_window_is_counted_not_dropped(
    bars: BarTable, rows: Rows, tmp_path: Path
) -> None:
    frame = rows()
    frame.loc[frame.index[-1], "symbol"] = "GONE"
    splits = labelled(bars, RULES, PRICE_VOLUME, read_labels(_kept(frame, tmp_path)))
    assert splits["test"].found.tolist() == [True] * 17 + [False]
    assert len(splits["test"].samples.label) == 17
    assert len(splits["test"].label) == 18


def test_csv_reads_like_parquet(bars: BarTable, rows: Rows, tmp_path: Path) -> None:
    frame = rows()
    frame.to_csv(tmp_path / "samples.csv", index=False)
    splits = labelled(bars, RULES, PRICE_VOLUME, read_labels(tmp_path / "samples.csv"))
    assert splits["train"].found.all()


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("label", "1", r"label must be 0 \(down\) or 2 \(up\), was 1 in row 4"),
        ("label", "up", r"label must be 0 \(down\) or 2 \(up\), was up in row 4"),
        ("split", "later", "split must be one of train, val, test, was later in row 4"),
        ("date", "soon", "date must be a date like 2024-01-31, was soon in row 4"),
        ("target_date", "2000-01-01", "target_date must be after the date of its row, was"),
    ],
)
def test_a_wrong_value_is_refused_with_file_column_and_row(
    rows: Rows, tmp_path: Path, column: str, value: str, words: str
) -> None:
    frame = rows().astype({"label": object, "date": str, "target_date": str})
    frame.loc[frame.index[3], column] = value
    frame.to_csv(tmp_path / "samples.csv", index=False)
    with pytest.raises(DataError, match=r"samples\.csv: " + words):
        read_labels(tmp_path / "samples.csv")


def test_a_day_that_stands_twice_is_refused(rows: Rows, tmp_path: Path) -> None:
    frame = rows()
    twice = pd.concat([frame, frame.iloc[:1]], ignore_index=True)
    with pytest.raises(
        DataError, match=r"date must be there once for each symbol, was 2020-\d\d-\d\d"
    ):
        read_labels(_kept(twice, tmp_path))


def test_a_missing_column_is_named_with_those_that_are_there(rows: Rows, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column is called split, there are symbol, date, label"):
        read_labels(_kept(rows().drop(columns="split"), tmp_path))


def test_files_that_are_no_tables_are_refused(rows: Rows, tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="does not exist"):
        read_labels(tmp_path / "absent.csv")
    with pytest.raises(DataError, match=r"must be a \.parquet or \.csv file"):
        read_labels(tmp_path / "samples.xlsx")
    (tmp_path / "odd.parquet").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"odd\.parquet: "):
        read_labels(tmp_path / "odd.parquet")
    with pytest.raises(DataError, match="holds no row"):
        read_labels(_kept(rows().iloc[:0], tmp_path))


def test_bars_that_are_not_daily_are_refused(bars: BarTable, rows: Rows, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="must be daily, was 5m"):
        labelled(
            replace(bars, interval="5m"), RULES, PRICE_VOLUME, read_labels(_kept(rows(), tmp_path))
        )


def test_a_split_without_any_window_is_refused(bars: BarTable, rows: Rows, tmp_path: Path) -> None:
    frame = rows()
    gone = frame["split"] == "val"
    frame.loc[gone, "symbol"] = frame["symbol"][gone] + "X"
    with pytest.raises(DataError, match="no row of the split val has a window"):
        labelled(bars, RULES, PRICE_VOLUME, read_labels(_kept(frame, tmp_path)))
