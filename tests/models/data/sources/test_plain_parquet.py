"""A Parquet file is read by pyarrow where that says what polars says, and by polars elsewhere."""

import datetime
import io
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.data.sources.files import BarFile
from models.data.sources.plain_parquet import read_plain_parquet
from models.data.sources.raw import RawTable

TIMES = [datetime.datetime(2024, 1, 2, hour, tzinfo=datetime.UTC) for hour in (0, 1, 2)]
TABLE = {
    "symbol": ["005930", "005930", "000660"],
    "name": ["삼성전자", None, "SK하이닉스"],
    "time": pa.array(TIMES, pa.timestamp("ns", "Asia/Seoul")),
    "day": pa.array([time.date() for time in TIMES]),
    "open": [1.5, None, 2.5],
    "volume": [1, 2, None],
}


PRICES = {name: [1, 2, 3] for name in ("open", "high", "low")}
WHOLE = TABLE | PRICES | {"close": pa.array([0.1, 2, 3], pa.float32()), "volume": [1, 2**60, 3]}
ROLES = ["open", "high", "low", "close", "volume"]


class Files:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "bars.parquet"

    def read(self, content: bytes) -> RawTable | None:
        self.path.write_bytes(content)
        return read_plain_parquet(BarFile(path=self.path, kind="parquet"))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def written(table: dict[str, Any], **options: Any) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table(table), content, **options)
    return content.getvalue()


@pytest.mark.parametrize("rows", [3, 2])  # in one piece, in two
def test_a_plain_file_says_what_polars_reads_of_it_with_tickers_coded(
    rows: int, files: Files
) -> None:
    content = written(TABLE, row_group_size=rows)
    read = files.read(content)
    assert read is not None
    assert read.numbers is None
    assert read.frame["symbol"].dtype == pl.Categorical
    texts = read.frame.with_columns(pl.col("symbol", "name").cast(pl.String))
    assert texts.equals(pl.read_parquet(io.BytesIO(content)))
    assert texts.schema == pl.read_parquet(io.BytesIO(content)).schema


@pytest.mark.parametrize("rows", [3, 2])
def test_bars_are_numbers_where_none_is_missing_and_the_first_row_stays_as_written(
    rows: int, files: Files
) -> None:
    content = written(WHOLE, row_group_size=rows)
    whole = pl.read_parquet(io.BytesIO(content))
    read = files.read(content)
    assert read is not None
    assert read.numbers is not None
    assert np.array_equal(read.numbers, whole.select(ROLES).cast(pl.Float64).to_numpy())
    assert read.frame.columns == whole.columns
    assert read.frame.select(ROLES).equals(whole.select(ROLES).cast(pl.Float64))
    assert read.first_row() == [str(cell) for cell in whole.row(0)]
    partial = {"high": [1.0, None, 2.0]}, {"high": [float("nan")] * 3}, {"high": ["1", "2", "3"]}
    for odd in partial:
        other = files.read(written(WHOLE | odd))
        assert other is not None
        assert other.numbers is None
        assert other.first_row()[3] == "2024-01-02"


def test_what_pyarrow_reads_otherwise_or_not_at_all_is_left_to_polars(files: Files) -> None:
    content = written(TABLE)
    nested = {"symbol": [["A"], ["B"], ["C"]]}
    assert files.read(written(TABLE, use_deprecated_int96_timestamps=True)) is None
    assert files.read(written(TABLE | nested)) is None
    assert files.read(content[:-10]) is None
    assert files.read(b"") is None
