import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.data.bars import DropReason
from models.data.sources.reader import read_bars
from shared.errors import DataError, InputMissingError, SettingsError
from shared.reading import ReadOptions

ROWS = [["2024-01-02", 10, 12, 9, 11, 100], ["2024-01-03", 11, 13, 10, 12, 200]]
ENGLISH = "Date,Open,High,Low,Close,Volume"


def moments(*texts: str) -> list[int]:
    parsed = (datetime.datetime.fromisoformat(text) for text in texts)
    return [round(moment.timestamp() * 1000) for moment in parsed]


def csv(folder: Path, *lines: str, name: str = "005930.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def lines(rows: list[list[object]]) -> list[str]:
    return [",".join(map(str, row)) for row in rows]


@pytest.mark.parametrize(
    "header",
    [
        ENGLISH,
        "date,open,high,low,close,volume",
        "Datetime,Open,High,Low,Close,Volume",
        "timestamp,open,high,low,close,volume",
        "날짜,시가,고가,저가,종가,거래량",
        "\ufeffDate, OPEN,High ,Low,Close,Volume",
    ],
)
def test_names_of_columns(tmp_path: Path, header: str) -> None:
    table = read_bars(csv(tmp_path, header, *lines(ROWS))).table
    assert table.symbols == ("005930",)
    assert table.market.name == "krx"
    assert table.interval == "1d"
    assert table.bar_ms.tolist() == moments("2024-01-02T15:30+09:00", "2024-01-03T15:30+09:00")
    assert table.ohlcv.tolist() == [[10, 12, 9, 11, 100], [11, 13, 10, 12, 200]]
    assert table.repaired == {}


def test_columns_come_in_any_order_and_others_are_ignored(tmp_path: Path) -> None:
    header = "등락률,거래량,종가,저가,고가,시가,날짜"
    table = read_bars(
        csv(tmp_path, header, "x,100,11,9,12,10,20240102", "y,200,12,10,13,11,20240103")
    ).table
    assert table.ohlcv.tolist() == [[10, 12, 9, 11, 100], [11, 13, 10, 12, 200]]


def test_a_file_without_names_is_read_by_position(tmp_path: Path) -> None:
    table = read_bars(csv(tmp_path, *(line + ",nan" for line in lines(ROWS)))).table
    assert table.ohlcv.tolist() == [[10, 12, 9, 11, 100], [11, 13, 10, 12, 200]]


def test_korean_encoding(tmp_path: Path) -> None:
    path = csv(tmp_path, "날짜,시가,고가,저가,종가,거래량", *lines(ROWS), encoding="cp949")
    assert len(read_bars(path).table.row) == 2


def test_ccxt_lists(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [1_704_067_200_000, 1, 2, 0.5, 1.5, 10],
        [1_704_067_260_000, 1.5, 2, 1, 1.7, 0],
    ]
    table = read_bars(csv(tmp_path, *lines(rows), name="BTC-USD.csv")).table
    assert (table.market.name, table.interval) == ("crypto", "1m")
    assert table.bar_ms.tolist() == [1_704_067_260_000, 1_704_067_320_000]


@pytest.mark.parametrize(
    "stamps",
    [
        ("1704207600", "1704207900"),
        ("1704207600000", "1704207900000"),
        ("1704207600000000000", "1704207900000000000"),
        ("2024-01-02 10:00:00-05:00", "2024-01-02 10:05:00-05:00"),
        ("2024-01-02T15:00:00Z", "2024-01-02T15:05:00Z"),
        ("2024-01-02 10:00", "2024-01-02 10:05"),
        ("2024.01.02 10:00", "2024/01/02 10:05"),
    ],
)
def test_ways_to_write_a_time(tmp_path: Path, stamps: tuple[str, str]) -> None:
    rows: list[list[object]] = [[stamp, 10, 12, 9, 11, 100] for stamp in stamps]
    path = csv(tmp_path, ENGLISH, *lines(rows), name="AAPL.csv")
    opens = moments("2024-01-02T15:00+00:00", "2024-01-02T15:05+00:00")
    assert read_bars(path, ReadOptions(stamp="close")).table.bar_ms.tolist() == opens
    assert read_bars(path).table.bar_ms.tolist() == [ms + 300_000 for ms in opens]


@pytest.mark.parametrize(
    ("market", "stamps"),
    [
        ("us", ("2024-03-08 00:00:00-05:00", "2024-03-11 00:00:00-04:00")),
        ("us", ("2024-03-08 00:00:00+00:00", "2024-03-11 00:00:00+00:00")),
        ("us", ("2024-03-08", "2024-03-11")),
    ],
)
def test_a_daily_bar_closes_with_its_session(
    tmp_path: Path, market: str, stamps: tuple[str, str]
) -> None:
    days = [stamps[0], stamps[1], stamps[1].replace("11", "12"), stamps[1].replace("11", "13")]
    rows: list[list[object]] = [[day, 10, 12, 9, 11, 100] for day in days]
    table = read_bars(
        csv(tmp_path, ENGLISH, *lines(rows), name="AAPL.csv"), ReadOptions(market=market)
    ).table
    assert table.interval == "1d"
    assert table.bar_ms[:2].tolist() == moments("2024-03-08T21:00+00:00", "2024-03-11T20:00+00:00")


def test_a_day_of_coins_ends_at_midnight(tmp_path: Path) -> None:
    table = read_bars(csv(tmp_path, ENGLISH, *lines(ROWS), name="BTC-USD.csv")).table
    assert table.bar_ms.tolist() == moments("2024-01-03T00:00+00:00", "2024-01-04T00:00+00:00")


def test_a_week_is_known_when_it_ends(tmp_path: Path) -> None:
    rows: list[list[object]] = [[f"2024-01-{day:02}", 10, 12, 9, 11, 100] for day in (1, 8, 15)]
    table = read_bars(csv(tmp_path, ENGLISH, *lines(rows))).table
    assert table.interval == "7d"
    # Its last session is Friday's.
    assert table.bar_ms[0] == moments("2024-01-05T15:30+09:00")[0]


def test_prices_are_adjusted_and_volume_is_not(tmp_path: Path) -> None:
    header = "Date,Open,High,Low,Close,Adj Close,Volume"
    path = csv(tmp_path, header, "2024-01-02,10,12,8,10,5,100", "2024-01-03,10,12,8,10,,100")
    table = read_bars(path).table
    assert table.ohlcv[0].tolist() == [5, 6, 4, 5, 100]
    assert np.isnan(table.ohlcv[1, :4]).all()


def test_a_table_of_yfinance_with_three_rows_of_names(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "Price,Close,Close,High,High,Low,Low,Open,Open,Volume,Volume",
        "Ticker,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT",
        "Date,,,,,,,,,,",
        "2024-01-02,11,21,12,22,9,19,10,20,100,200",
        "2024-01-03,12,22,13,23,10,20,11,21,300,400",
    )
    table = read_bars(path).table
    assert table.symbols == ("AAPL", "MSFT")
    assert table.ohlcv.tolist() == [
        [10, 12, 9, 11, 100],
        [20, 22, 19, 21, 200],
        [11, 13, 10, 12, 300],
        [21, 23, 20, 22, 400],
    ]


def test_a_folder_is_one_table_in_time_order(tmp_path: Path) -> None:
    csv(tmp_path, *lines(ROWS), name="005930.csv")
    csv(tmp_path, ENGLISH, *lines(ROWS[::-1]), name="000660.CSV")
    csv(tmp_path, "not bars", name="notes.txt")
    table = read_bars(tmp_path).table
    assert table.symbols == ("000660", "005930")
    assert table.row.tolist() == [0, 1, 0, 1]
    assert table.repaired == {}  # newest first is an order too


def test_a_row_out_of_its_place_is_counted(tmp_path: Path) -> None:
    rows = [*ROWS, ["2024-01-05", 1, 1, 1, 1, 1], ["2024-01-04", 1, 1, 1, 1, 1]]
    table = read_bars(csv(tmp_path, ENGLISH, *lines(rows))).table
    assert table.repaired == {DropReason.REORDERED: 1}
    assert np.diff(table.bar_ms).min() > 0


def test_symbols_stay_text(tmp_path: Path) -> None:
    path = csv(
        tmp_path, "종목코드,날짜,시가,고가,저가,종가,거래량", "005930,20240102,1,1,1,1,1",
        "NA,20240102,1,1,1,1,1", "NA,20240103,1,1,1,1,1", name="all.csv",
    )  # fmt: skip
    assert read_bars(path, ReadOptions(market="krx")).table.symbols == ("005930", "NA")


def test_rows_without_a_time_are_dropped_and_counted(tmp_path: Path) -> None:
    table = read_bars(csv(tmp_path, ENGLISH, *lines(ROWS), "total,1,1,1,1,1")).table
    assert len(table.row) == 2
    assert table.repaired == {DropReason.NO_TIME: 1}


def test_what_is_no_number_is_left_to_be_counted(tmp_path: Path) -> None:
    table = read_bars(csv(tmp_path, ENGLISH, *lines(ROWS), "2024-01-04,-,1,1,1,nan")).table
    assert np.isnan(table.ohlcv[2]).tolist() == [True, False, False, False, True]


def test_several_paths_are_one_table(tmp_path: Path) -> None:
    paths = [
        csv(tmp_path, ENGLISH, *lines(ROWS), name=f"{code}.csv") for code in ("005930", "000660")
    ]
    table = read_bars(paths).table
    assert table.symbols == ("000660", "005930")
    assert table.row.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("indexed", [False, True])
def test_parquet(tmp_path: Path, indexed: bool) -> None:
    frame = pd.DataFrame(ROWS, columns=["Date", "Open", "High", "Low", "Close", "Volume"])
    frame["Date"] = pd.to_datetime(frame["Date"])
    path = tmp_path / "005930.parquet"
    (frame.set_index("Date") if indexed else frame).to_parquet(path)
    table = read_bars(path).table
    assert table.symbols == ("005930",)
    assert table.bar_ms.tolist() == moments("2024-01-02T15:30+09:00", "2024-01-03T15:30+09:00")


def test_symbols_that_lost_their_zeros_are_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame(ROWS, columns=["date", "open", "high", "low", "close", "volume"])
    frame.assign(code=5930).to_parquet(tmp_path / "all.parquet")
    with pytest.raises(DataError, match="symbols must be text"):
        read_bars(tmp_path / "all.parquet")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (["Date,Open,High,Low,Volume", "2024-01-02,1,1,1,1"], "no column is called close or 종가"),
        (["Day,Open,High,Low,Close,Vol", "2024-01-02,1,1,1,1,1"], "no column is called time"),
        ([ENGLISH, '2024-01-02,"1,5",1,1,1,1'], "column Open holds no number, row 1 says '1,5'"),
        ([ENGLISH, "02.01.2024,1,1,1,1,1"], "'02.01.2024' may be day first or month first"),
        ([ENGLISH, "2024-01-02,1,1,1,1,1"], "no ticker has two bars"),
        ([ENGLISH], "names of columns, and no row below them"),
        ([""], "is empty"),
        ([ENGLISH, "2024-01-02,1,1,1,1,1", "2024-01-02,1,1,1,1,1,1,1"], "row 2: 8 cells"),
    ],
)
def test_content_that_is_not_bars_is_refused(
    tmp_path: Path, content: list[str], sentence: str
) -> None:
    with pytest.raises(DataError, match=sentence) as refused:
        read_bars(csv(tmp_path, *content))
    assert "005930.csv" in str(refused.value)


def test_the_first_cell_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    rows = ["2024-01-02,1,1,1,1,1", "2024-01-03,1,1,1,oops,", "2024-01-04,1,1,1,no,1"]
    days = [f"2024-02-{day:02},1,1,1,1,1" for day in range(1, 29)]
    options = ReadOptions(drop_limit=0.5)
    path = csv(tmp_path, ENGLISH, *rows, "soon,1,1,1,1,1", *days)
    found = read_bars(path, options).reading.findings
    assert [str(f).replace(str(path), "005930.csv") for f in found if f.dropped] == [
        "no_time 1, first in 005930.csv, row 4, column Date: 'soon'",
        "not_a_number 2, first in 005930.csv, row 2, column Close: 'oops'",
    ]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"must be one of .csv"):
        read_bars(csv(tmp_path, "x", name="a.xlsx"))


@pytest.mark.parametrize("name", ["a.parquet", "a.csv"])
def test_bytes_that_are_noise_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(bytes([0xFF, 0xFE, 0x81, 0x00] * 50))
    with pytest.raises(DataError, match=name):
        read_bars(tmp_path / name)


def test_a_name_that_is_no_symbol_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="without blanks"):
        read_bars(csv(tmp_path, ENGLISH, *lines(ROWS), name="my bars.csv"))


def test_what_is_absent_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="does not exist"):
        read_bars(tmp_path / "absent.csv")
    with pytest.raises(InputMissingError, match="holds no file of bars"):
        read_bars(tmp_path)


def test_an_unknown_market_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="moon"):
        read_bars(csv(tmp_path, ENGLISH, *lines(ROWS)), ReadOptions(market="moon"))


def test_the_first_thing_that_is_wrong_is_told(tmp_path: Path) -> None:
    broken = csv(tmp_path, ENGLISH, "no date,x,x,x,x,x", name="broken.csv")
    with pytest.raises(DataError, match="Date"):
        read_bars(broken, ReadOptions(market="krx"))
