import datetime
from pathlib import Path

import msgspec
import pytest

from models.data.bars import DropReason
from models.data.sources.reader import read_bars
from models.data.sources.reading import FileReading
from shared.errors import DataError
from shared.reading import ReadOptions


def read(folder: Path, name: str, content: str, **said: object) -> FileReading:
    (folder / name).write_text(content, encoding="utf-8")
    return read_bars(folder / name, msgspec.convert(said, ReadOptions)).reading


def record(day: int, symbol: str, market: str = "010", lot: int = 1, close: str = "12") -> str:
    fields = f"01202403{day:02}02{symbol:<12}{market}COMPANY     ON           R$  "
    prices = "".join(f"{price:>013}" for price in ("10", "13", "9", "11", close, "11", "12"))
    rest = f"{7:05}{500:018}{600:018}{0:013}099991231{lot:07}{0:013}ISINOFCOMPNY000"
    return fields + prices + rest


def test_of_b3_the_cash_market_in_single_lots_is_read(tmp_path: Path) -> None:
    rows = [record(day, "VALE3") for day in (11, 12, 13)]
    rows += [record(11, "VALEC65", market="070"), record(11, "OLD3", lot=1_000)]
    rows.append(record(14, "VALE3", close="x"))
    content = "\n".join(["00COTAHIST.2024BOVESPA 20240314", *rows, "99COTAHIST.2024"])
    reading = read(tmp_path, "COTAHIST_A2024.TXT", content, drop_limit=0.5)
    assert (reading.tickers, reading.market, reading.bars) == (("VALE3",), "BVMF", 3)
    (finding,) = (f for f in reading.findings if f.dropped)
    assert (finding.reason, finding.row) == (DropReason.NOT_A_NUMBER, 6)
    assert reading.first is not None
    assert (reading.first.open, reading.first.close, reading.first.volume) == (0.10, 0.12, 500)


def test_each_row_goes_by_the_clock_that_it_names(tmp_path: Path) -> None:
    rows = [
        f"202411{day:02} {9 + early}:{minute}:00 {zone},1,2,0.5,1.5,10,1,1"
        for day, zone, early in ((1, "US/Eastern", 0), (4, "US/Central", -1))
        for minute in (30, 35, 40)
    ]
    head = "date,open,high,low,close,volume,wap,count\n"
    reading = read(tmp_path, "AAPL.csv", head + "\n".join(rows))
    assert (reading.interval, reading.bars, reading.dropped) == ("5m", 6, {})
    assert reading.first is not None
    assert reading.last is not None
    assert reading.first.open_at == datetime.datetime(2024, 11, 1, 13, 30, tzinfo=datetime.UTC)
    assert reading.last.open_at == datetime.datetime(2024, 11, 4, 14, 40, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.txt", "00COTAHIST.2024BOVESPA\n99COTAHIST", "no record of a day"),
        ("a.xml", '<chartdata symbol="005930"><item data="1|2" /></chartdata>', "no item"),
        (
            "a.json",
            '{"chart":{"result":[{"meta":{},"timestamp":[1,2],"indicators":{"quote":[{"open":[1]}]}}]}}',
            "do not fit",
        ),
        (
            "a.json",
            '{"chart":{"result":[{"meta":null,"timestamp":null,"indicators":null}]}}',
            "do not fit",
        ),
        (
            "a.csv",
            "date,open,high,low,close,volume,wap,count\n20240102 09:30:00 Moon/Base,1,1,1,1,1,1,1",
            "clock that is not known: Moon/Base",
        ),
    ],
)
def test_what_is_damaged_is_refused(name: str, content: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=sentence):
        read(tmp_path, name, content)
