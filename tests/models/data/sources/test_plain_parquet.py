"""A Parquet file is read by pyarrow where that says what polars says, and by polars elsewhere."""

import datetime
import io
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.data.sources.plain_parquet import read_plain_parquet

TIMES = [datetime.datetime(2024, 1, 2, hour, tzinfo=datetime.UTC) for hour in (0, 1, 2)]
TABLE = {
    "symbol": ["005930", "005930", "000660"],
    "name": ["삼성전자", None, "SK하이닉스"],
    "time": pa.array(TIMES, pa.timestamp("ns", "Asia/Seoul")),
    "day": pa.array([time.date() for time in TIMES]),
    "open": [1.5, None, 2.5],
    "volume": [1, 2, None],
}


def written(table: dict[str, Any], **options: Any) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table(table), content, **options)
    return content.getvalue()


@pytest.mark.parametrize("rows", [3, 2])  # in one piece, in two
def test_a_plain_file_says_what_polars_reads_of_it_with_tickers_coded(rows: int) -> None:
    content = written(TABLE, row_group_size=rows)
    read = read_plain_parquet(content)
    assert read is not None
    assert read["symbol"].dtype == pl.Categorical
    texts = read.with_columns(pl.col("symbol", "name").cast(pl.String))
    assert texts.equals(pl.read_parquet(io.BytesIO(content)))
    assert texts.schema == pl.read_parquet(io.BytesIO(content)).schema


def test_what_pyarrow_reads_otherwise_or_not_at_all_is_left_to_polars() -> None:
    content = written(TABLE)
    nested = {"symbol": [["A"], ["B"], ["C"]]}
    assert read_plain_parquet(written(TABLE, use_deprecated_int96_timestamps=True)) is None
    assert read_plain_parquet(written(TABLE | nested)) is None
    assert read_plain_parquet(content[:-10]) is None
    assert read_plain_parquet(b"") is None
