"""Each kind of file that was once read wrong without a word: its right value, or its refusal."""

import datetime
import gzip
import os
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from models.data.bars import DropReason
from models.data.sources.names import ROLES
from models.data.sources.reader import ReadBars, read_bars
from shared.errors import DataError, InputMissingError
from shared.reading import ReadOptions

HEAD = "date,open,high,low,close,volume"
# Sessions of Seoul and of New York alike.
DAYS = [f"2024-03-{day:02}" for day in (4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 18, 19, 20, 21, 22)]


def utc(text: str) -> float:
    return datetime.datetime.fromisoformat(text).timestamp() * 1_000


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def prices(n: int, level: float = 100.0) -> list[tuple[float, float, float, float, int]]:
    closes = level * np.exp(np.cumsum(np.random.default_rng(n).normal(0, 0.01, n)))
    return [
        (round(c * 0.999, 4), round(c * 1.004, 4), round(c * 0.996, 4), round(c, 4), 1_000 + i)
        for i, c in enumerate(closes.tolist())
    ]


def rows(stamps: list[str], level: float = 100.0) -> list[str]:
    return [
        f"{s}," + ",".join(map(str, p))
        for s, p in zip(stamps, prices(len(stamps), level), strict=True)
    ]


def read(path: Path, **options: Any) -> ReadBars:
    return read_bars(path, msgspec.convert(options, ReadOptions))


def minutes(start: str, n: int, step: int = 5) -> list[datetime.datetime]:
    first = datetime.datetime.fromisoformat(start)
    return [first + datetime.timedelta(minutes=step * i) for i in range(n)]


# -- where it trades


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("BTCUSDT.csv", "2024-03-05T00:00Z"),
        ("KRW-XRP.csv", "2024-03-05T00:00Z"),
        ("A005930.csv", "2024-03-04T15:30+09:00"),
        ("005930.KS.csv", "2024-03-04T15:30+09:00"),
        ("005930_1d.csv", "2024-03-04T15:30+09:00"),
        ("삼성전자.csv", "2024-03-04T15:30+09:00"),
        ("7203.T.csv", "2024-03-04T15:00+09:00"),
        ("AAPL.csv", "2024-03-04T16:00-05:00"),
        ("VOD.L.csv", "2024-03-04T16:30Z"),
    ],
)
def test_the_market_is_told_by_the_ticker(tmp_path: Path, name: str, close: str) -> None:
    bars = read(write(tmp_path, name, HEAD, *rows(DAYS)))
    assert bars.table.bar_ms[0] == utc(close)


@pytest.mark.parametrize("name", ["data_1234_2024.csv", "prices.csv", "7203.csv", "BTC.csv"])
def test_a_market_that_nothing_tells_is_asked_for(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, HEAD, *rows(DAYS))
    with pytest.raises(DataError, match="--market"):
        read(path)
    assert read(path, market="XTKS").table.market.timezone == "Asia/Tokyo"


def test_tickers_of_several_markets_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "005930.csv", HEAD, *rows(DAYS))
    write(tmp_path, "AAPL.csv", HEAD, *rows(DAYS))
    with pytest.raises(DataError, match="005930 looks like krx"):
        read(tmp_path)


def test_an_index_beside_a_stock_trades_where_it_does(tmp_path: Path) -> None:
    write(tmp_path, "005930.csv", HEAD, *rows(DAYS))
    write(tmp_path, "KS11.csv", HEAD, *rows(DAYS))
    assert read(tmp_path).table.market.name == "krx"


# -- names and tickers


@pytest.mark.parametrize("name", ROLES["adj_close"])
def test_every_name_of_an_adjusted_close(tmp_path: Path, name: str) -> None:
    lines = [f"{day},100,102,98,100,80,1000" for day in DAYS]
    path = write(tmp_path, "AAPL.csv", f"Date,Open,High,Low,Close,{name},Volume", *lines)
    bars = read(path)
    assert bars.table.ohlcv[0].tolist() == pytest.approx([80, 81.6, 78.4, 80, 1000])
    assert bars.reading.adjusted is True


def test_an_index_without_a_name_holds_the_dates(tmp_path: Path) -> None:
    path = write(tmp_path, "AAPL.csv", ",Open,High,Low,Close,Volume", *rows(DAYS))
    assert len(read(path).table.row) == len(DAYS)


@pytest.mark.parametrize(
    "column", ["tic", "Name", "instrument", "티커", "symbol_name", "종목코드", "ts_code", "Ticker"]
)
def test_names_of_a_column_of_tickers(tmp_path: Path, column: str) -> None:
    lines = [f"{t}," + row for row in rows(DAYS) for t in ("AAPL", "AXP", "MSFT")]
    path = write(tmp_path, "train_data.csv", f"{column},{HEAD}", *lines)
    assert read(path).table.symbols == ("AAPL", "AXP", "MSFT")


def test_tickers_under_a_name_that_nobody_knows_are_asked_about(tmp_path: Path) -> None:
    lines = [f"{t}," + row for row in rows(DAYS) for t in ("AAPL", "AXP")]
    path = write(tmp_path, "AAPL.csv", f"who,{HEAD}", *lines)
    with pytest.raises(DataError, match="column who looks like tickers"):
        read(path)


def test_two_series_under_one_name_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "AAPL.csv", HEAD, *rows(DAYS), *rows(DAYS, 250.0))
    with pytest.raises(DataError, match="several times"):
        read(path)


def test_bars_that_were_written_while_they_ran_are_read_as_they_ended(tmp_path: Path) -> None:
    grows = [f"{day},10,{10 + n},{9 - n},{9.5 + n},{100 * n}" for day in DAYS for n in range(3)]
    table = read(write(tmp_path, "AAPL.csv", HEAD, *grows)).table
    assert np.array_equal(table.ohlcv, [[10, 12, 7, 11.5, 200]] * len(DAYS))


def test_rows_longer_than_the_names_are_refused_with_the_row(tmp_path: Path) -> None:
    path = write(tmp_path, "AAPL.csv", HEAD, *rows(DAYS[:3]), "2024-03-07,1,504.5,1,505.8,1,502,12")
    with pytest.raises(DataError, match=r"row 4: 8 cells, but 6 columns"):
        read(path)


# -- times


@pytest.mark.parametrize(
    "layout",
    [
        *("%Y%m%d", "%Y/%m/%d", "%Y.%m.%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%b %d, %Y"),
        *("%d-%b-%Y", "%y%m%d", "%m/%d/%y", "%Y년 %m월 %d일", "%Y- %m- %d", "%d %B %Y"),
    ],
)
def test_ways_to_write_a_date(tmp_path: Path, layout: str) -> None:
    days = [datetime.date.fromisoformat(day).strftime(layout) for day in DAYS]
    quoted = [f'"{day}"' for day in days]
    bars = read(write(tmp_path, "AAPL.csv", HEAD, *rows(quoted)))
    assert bars.table.bar_ms[0] == utc("2024-03-04T16:00-05:00")
    assert len(bars.table.row) == len(DAYS)


@pytest.mark.parametrize(
    "layout",
    [
        *("%Y%m%d%H%M%S", "%Y%m%d%H%M", "%y%m%d%H%M", "%Y-%m-%d %H:%M", "%Y.%m.%d %H:%M:%S"),
        *("%Y%m%d %H:%M:%S", "%Y%m%d %H%M%S", "%m/%d/%Y %H:%M", "%Y-%m-%d %I:%M:%S %p"),
        *("%Y%m%d%H%M%S000", "%Y-%m-%dT%H:%M:%S.000"),
    ],
)
def test_ways_to_write_a_time(tmp_path: Path, layout: str) -> None:
    stamps = [t.strftime(layout) for t in minutes("2024-03-22T09:30", 40)]
    bars = read(write(tmp_path, "AAPL.csv", HEAD, *rows(stamps)))
    assert (bars.table.interval, len(bars.table.row)) == ("5m", 40)
    assert bars.table.bar_ms[0] == utc("2024-03-22T09:35-04:00")


def test_day_and_month_that_nothing_tells_are_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "AAPL.csv", HEAD, *rows(["03/04/2024", "03/04/2024"]))
    with pytest.raises(DataError, match="--time-format"):
        read(path)


def test_the_order_of_rows_tells_day_from_month(tmp_path: Path) -> None:
    days = [f"0{month}/0{day}/2024" for month in (4, 5) for day in (1, 2, 3, 4, 5, 8, 9)]
    bars = read(write(tmp_path, "AAPL.csv", HEAD, *rows(days)))
    assert bars.table.bar_ms[0] == utc("2024-04-01T16:00-04:00")


def test_a_format_that_is_told_is_taken(tmp_path: Path) -> None:
    path = write(tmp_path, "AAPL.csv", HEAD, *rows(["03/04/2024", "04/04/2024"]))
    bars = read(path, time_format="%d/%m/%Y")
    assert bars.table.bar_ms[0] == utc("2024-04-03T16:00-04:00")


@pytest.mark.parametrize("clock", ["%H%M", "%H:%M", "%H%M%S", "%H:%M:%S"])
def test_a_time_of_day_in_a_column_of_its_own(tmp_path: Path, clock: str) -> None:
    times = minutes("2024-03-22T09:00", 70)
    lines = [
        f"{t:%Y%m%d},{t.strftime(clock).lstrip('0')}," + row.partition(",")[2]
        for t, row in zip(times, rows([""] * 70), strict=True)
    ]
    bars = read(write(tmp_path, "005930.csv", "날짜,시간,시가,고가,저가,종가,거래량", *lines))
    assert bars.table.interval == "5m"
    assert bars.table.bar_ms[0] == utc("2024-03-22T09:05+09:00")


@pytest.mark.parametrize("clock", ["%H%M", "%H%M%S"])
def test_a_time_of_day_in_a_file_without_names(tmp_path: Path, clock: str) -> None:
    times = minutes("2024-03-22T09:30", 60)
    lines = [
        f"{t:%Y%m%d},{t.strftime(clock)}," + row.partition(",")[2]
        for t, row in zip(times, rows([""] * 60), strict=True)
    ]
    bars = read(write(tmp_path, "AAPL.csv", *lines))
    assert (bars.table.interval, bars.table.ohlcv[0, 4]) == ("5m", 1_000)
    assert bars.table.bar_ms[0] == utc("2024-03-22T09:35-04:00")


def test_each_epoch_has_its_own_unit(tmp_path: Path) -> None:
    times = [int(t.timestamp()) for t in minutes("2024-12-31T23:00+00:00", 30)]
    stamps = [f"{t}000" if t < 1_735_689_600 else f"{t}000000" for t in times]
    bars = read(write(tmp_path, "BTC-USDT.csv", HEAD, *rows(stamps)))
    assert np.diff(bars.table.bar_ms).tolist() == [300_000] * 29


def test_one_bad_epoch_costs_one_bar(tmp_path: Path) -> None:
    stamps = [str(int(t.timestamp())) for t in minutes("2024-12-31T23:00+00:00", 60)]
    stamps[20] = "17"
    bars = read(write(tmp_path, "BTC-USDT.csv", HEAD, *rows(stamps)))
    assert (bars.reading.bars, bars.reading.dropped) == (59, {DropReason.NO_TIME: 1})


def test_offsets_change_with_the_clocks(tmp_path: Path) -> None:
    winter = [f"{t:%Y-%m-%d %H:%M:%S}-05" for t in minutes("2024-03-08T14:00", 20)]
    summer = [f"{t:%Y-%m-%d %H:%M:%S}-04" for t in minutes("2024-03-11T09:30", 20)]
    bars = read(write(tmp_path, "AAPL.csv", HEAD, *rows(winter + summer)))
    assert bars.table.bar_ms[[0, 20]].tolist() == [
        utc("2024-03-08T14:05-05:00"),
        utc("2024-03-11T09:35-04:00"),
    ]


def test_rows_without_a_zone_are_of_the_exchange(tmp_path: Path) -> None:
    stamps = [f"{t:%Y-%m-%d %H:%M:%S}" for t in minutes("2024-03-22T09:30", 40)]
    stamps[30:] = [f"{s}-04:00" for s in stamps[30:]]
    bars = read(write(tmp_path, "AAPL.csv", HEAD, *rows(stamps)))
    assert np.diff(bars.table.bar_ms).tolist() == [300_000] * 39
    assert bars.table.bar_ms[0] == utc("2024-03-22T09:35-04:00")


def test_a_zone_that_is_told_is_taken(tmp_path: Path) -> None:
    stamps = [f"{t:%Y-%m-%d %H:%M:%S}" for t in minutes("2024-03-22T13:30", 40)]
    bars = read(write(tmp_path, "AAPL.csv", HEAD, *rows(stamps)), timezone="UTC")
    assert bars.table.bar_ms[0] == utc("2024-03-22T09:35-04:00")


def test_a_day_with_a_zone_keeps_its_date(tmp_path: Path) -> None:
    stamps = [f"{day} 00:00:00+09:00" for day in DAYS]
    bars = read(write(tmp_path, "005930.KS.csv", HEAD, *rows(stamps)))
    assert bars.table.bar_ms[0] == utc("2024-03-04T15:30+09:00")


def test_times_of_last_trades_are_no_times_of_bars(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    stamps = [
        str(round(t.timestamp() * 1_000) + int(chance.integers(0, 299_000)))
        for t in minutes("2024-03-22T00:00+00:00", 60)
    ]
    with pytest.raises(DataError, match="not evenly spaced"):
        read(write(tmp_path, "BTC-USDT.csv", HEAD, *rows(stamps)))


# -- lengths and ends of bars


def test_a_day_of_a_coin_ends_a_day_after_it_began(tmp_path: Path) -> None:
    first = 1_704_038_400  # 16:00 UTC
    stamps = [str((first + 86_400 * i) * 1_000) for i in range(20)]
    bars = read(write(tmp_path, "BTC-USDT.csv", HEAD, *rows(stamps)))
    assert bars.table.bar_ms[0] == utc("2024-01-01T16:00Z")


@pytest.mark.parametrize(
    ("stamps", "stamp", "close"),
    [
        (["2024-03-04", "2024-03-11", "2024-03-18", "2024-03-25"], "open", "2024-03-08"),
        (["2024-03-08", "2024-03-15", "2024-03-22", "2024-03-28"], "close", "2024-03-08"),
        (["2024-01-31", "2024-02-29", "2024-03-29", "2024-04-30"], "close", "2024-01-31"),
        (["2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"], "open", "2024-02-29"),
    ],
)
def test_weeks_and_months_are_dated_by_their_first_or_last_day(
    tmp_path: Path, stamps: list[str], stamp: str, close: str
) -> None:
    bars = read(write(tmp_path, "AAPL.csv", HEAD, *rows(stamps)))
    assert bars.reading.stamp == stamp
    day = datetime.datetime.fromtimestamp(bars.table.bar_ms[0] / 1_000, datetime.UTC).date()
    assert day.isoformat() == close


def test_bars_of_several_lengths_are_refused(tmp_path: Path) -> None:
    stamps = [f"{t:%Y-%m-%d %H:%M}" for t in minutes("2024-03-22T00:00", 60)]
    hours = [f"{t:%Y-%m-%d %H:%M}" for t in minutes("2024-03-22T00:00", 24, 60)]
    write(tmp_path, "BTC-USDT.csv", HEAD, *rows(stamps))
    write(tmp_path, "ETH-USDT.csv", HEAD, *rows(hours))
    with pytest.raises(DataError, match=r"5m and 1h .*ETH-USDT"):
        read(tmp_path)


def test_dates_beside_times_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "AAPL.csv", HEAD, *rows(DAYS))
    write(
        tmp_path,
        "MSFT.csv",
        HEAD,
        *rows([f"{t:%Y-%m-%d %H:%M}" for t in minutes("2024-03-22T10:00", 9)]),
    )
    with pytest.raises(DataError, match="several lengths"):
        read(tmp_path)


def test_the_week_that_still_runs_is_left_out(tmp_path: Path) -> None:
    weeks = [f"2024-0{m}-{d:02} 00:00:00-05:00" for m, d in ((1, 8), (1, 15), (1, 22), (1, 29))]
    weeks += [f"2024-02-{d:02} 00:00:00-05:00" for d in (5, 12, 19, 26)]
    path = write(tmp_path, "AAPL.csv", HEAD, *rows([*weeks, "2024-03-01 16:00:01-05:00"]))
    reading = read(path).reading
    assert (reading.bars, reading.dropped) == (8, {DropReason.UNFINISHED: 1})


def test_a_bar_that_closes_after_now_is_unfinished(tmp_path: Path) -> None:
    path = write(tmp_path, "AAPL.csv", HEAD, *rows(DAYS))
    noon = datetime.datetime.fromisoformat("2024-03-22T12:00-04:00")
    reading = read_bars(path, now=noon).reading
    assert (reading.bars, reading.dropped) == (len(DAYS) - 1, {DropReason.UNFINISHED: 1})


def test_a_bar_that_still_ran_when_its_file_was_written_is_unfinished(tmp_path: Path) -> None:
    path = write(tmp_path, "AAPL.csv", HEAD, *rows(DAYS))
    noon = utc("2024-03-22T12:00-04:00") / 1_000
    os.utime(path, (noon, noon))
    assert read(path).reading.dropped == {DropReason.UNFINISHED: 1}


def test_a_file_that_seems_older_than_its_bars_loses_none(tmp_path: Path) -> None:
    path = write(tmp_path, "AAPL.csv", HEAD, *rows(DAYS))
    os.utime(path, (315_532_800, 315_532_800))  # 1980, as many archives have it
    assert read(path).reading.bars == len(DAYS)


def test_a_later_row_of_the_same_day_corrects(tmp_path: Path) -> None:
    path = write(tmp_path, "AAPL.csv", HEAD, *rows(DAYS), f"{DAYS[-1]},99,104,97,103.5,90000")
    bars = read(path)
    assert bars.table.ohlcv[-1].tolist() == [99, 104, 97, 103.5, 90_000]
    assert bars.reading.mended == {DropReason.CORRECTED: 1}


def test_an_hour_that_the_close_cuts_off_is_over_at_the_close(tmp_path: Path) -> None:
    stamps = [f"{t:%Y-%m-%d %H:%M}" for t in minutes("2024-03-22T09:30", 7, 60)]
    bars = read(write(tmp_path, "AAPL.csv", HEAD, *rows(stamps)))
    assert bars.table.bar_ms[-1] == utc("2024-03-22T16:00-04:00")


def test_stamps_that_end_with_the_session_are_closes(tmp_path: Path) -> None:
    stamps = [f"{t:%Y-%m-%d %H:%M}" for t in minutes("2024-03-22T09:35", 78)]
    bars = read(write(tmp_path, "AAPL.csv", HEAD, *rows(stamps)))
    assert bars.reading.stamp == "close"
    assert bars.table.bar_ms[[0, -1]].tolist() == [
        utc("2024-03-22T09:35-04:00"),
        utc("2024-03-22T16:00-04:00"),
    ]


def test_bars_outside_of_the_session_count_only_if_asked_for(tmp_path: Path) -> None:
    stamps = [f"{t:%Y-%m-%d %H:%M}" for t in minutes("2024-03-22T09:00", 90)]
    path = write(tmp_path, "AAPL.csv", HEAD, *rows(stamps))
    assert read(path).reading.dropped == {DropReason.OUTSIDE_SESSION: 11}
    assert read(path, session="extended").reading.bars == 90


def test_days_without_a_session_are_counted_and_can_be_dropped(tmp_path: Path) -> None:
    path = write(tmp_path, "AAPL.csv", HEAD, *rows([*DAYS, "2024-03-29"]))
    assert read(path).reading.mended == {DropReason.NO_SESSION: 1}
    dropped = read(path, no_session="drop").reading
    assert (dropped.bars, dropped.dropped) == (len(DAYS), {DropReason.NO_SESSION: 1})


# -- numbers


def test_signs_of_prices_tell_a_direction(tmp_path: Path) -> None:
    lines = []
    for n, (day, p) in enumerate(zip(DAYS, prices(len(DAYS), 70_000.0), strict=True)):
        sign = "+-"[n % 2]
        lines.append(f"{day}," + ",".join(f"{sign}{x:.0f}" for x in p[:4]) + ",1000")
    bars = read(write(tmp_path, "005930.csv", "일자,시가,고가,저가,종가,거래량", *lines))
    assert (bars.table.ohlcv > 0).all()
    assert len(bars.table.row) == len(DAYS)
    assert bars.reading.notes


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('"59,752"', 59_752),
        ("1.2M", 1_200_000),
        ("3.5K", 3_500),
        ('"=""5930"""', 5_930),
        ("₩70", 70),
        ("'81", 81),
        ("1e3", 1_000),
    ],
)
def test_ways_to_write_a_number(tmp_path: Path, cell: str, value: float) -> None:
    lines = [f"{day},1,1,1,1,{cell}" for day in DAYS]
    assert read(write(tmp_path, "AAPL.csv", HEAD, *lines)).table.ohlcv[0, 4] == value


def test_decimal_commas_behind_semicolons(tmp_path: Path) -> None:
    lines = [f"{day};1.100,5;1.200,25;1.000,5;1.150,75;10" for day in DAYS]
    bars = read(write(tmp_path, "AAPL.csv", HEAD.replace(",", ";"), *lines))
    assert bars.table.ohlcv[0].tolist() == [1_100.5, 1_200.25, 1_000.5, 1_150.75, 10]


def test_a_series_that_lost_too_much_is_refused(tmp_path: Path) -> None:
    lines = rows(DAYS)
    lines[3] = lines[7] = "2024-03-07,oops,1,1,1,1"
    lines[7] = lines[7].replace("03-07", "03-13")
    path = write(tmp_path, "AAPL.csv", HEAD, *lines)
    with pytest.raises(DataError, match="2 of its 15 rows"):
        read(path)
    bars = read(path, drop_limit=0.2)
    assert len(bars.table.row) == 15
    assert (bars.reading.bars, bars.reading.dropped) == (13, {DropReason.NOT_A_NUMBER: 2})


def test_volumes_of_minus_one_leave_nothing(tmp_path: Path) -> None:
    lines = [f"{day},1,1,1,1,-1" for day in DAYS]
    with pytest.raises(DataError, match="15 of its 15 rows"):
        read(write(tmp_path, "AAPL.csv", HEAD, *lines))


def test_days_on_which_nobody_traded_are_no_loss(tmp_path: Path) -> None:
    lines = rows(DAYS)
    halted = [line.partition(",")[0] + ",0,0,0,0,0" for line in lines[:10]]
    bars = read(write(tmp_path, "AAPL.csv", HEAD, *halted, *lines[10:]))
    assert len(bars.table.row) == 15
    assert (bars.reading.bars, bars.reading.dropped) == (5, {DropReason.ZERO_PRICE: 10})


def test_columns_that_do_not_hold_what_they_say_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "AAPL.csv", "date,high,open,close,low,volume", *rows(DAYS))
    with pytest.raises(DataError, match="not what they seem"):
        read(path)


def test_an_order_of_prices_is_proven_or_refused(tmp_path: Path) -> None:
    lines = []
    for day, (o, h, low, c, v) in zip(DAYS, prices(len(DAYS)), strict=True):
        lines.append(f"{day},{c},{o},{low},{h},{v}")
    with pytest.raises(DataError, match="which price is which"):
        read(write(tmp_path, "AAPL.csv", *lines))


# -- folders


def test_every_file_of_a_folder_counts_or_is_named(tmp_path: Path) -> None:
    write(tmp_path, "AAPL.csv", HEAD, *rows(DAYS))
    write(tmp_path, "deep/GOOG.txt", HEAD, *rows(DAYS))
    (tmp_path / "TSLA.csv.gz").write_bytes(gzip.compress("\n".join([HEAD, *rows(DAYS)]).encode()))
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("MSFT.csv", "\n".join([HEAD, *rows(DAYS)]))
    write(tmp_path, "BAD.csv", HEAD, "what,is,this,of,all,things")
    write(tmp_path, "._AAPL.csv", "junk")
    write(tmp_path, "notes.docx", "junk")
    bars = read(tmp_path)
    assert bars.table.symbols == ("AAPL", "GOOG", "MSFT", "TSLA")
    assert {Path(name).name for name in bars.reading.left_out} == {
        "BAD.csv",
        "._AAPL.csv",
        "notes.docx",
    }
    with pytest.raises(DataError):
        read(tmp_path, strict=True)


def test_folders_can_say_the_ticker(tmp_path: Path) -> None:
    for symbol in ("005930", "000660"):
        write(tmp_path, f"symbol={symbol}/part-0.csv", HEAD, *rows(DAYS))
    assert read(tmp_path).table.symbols == ("000660", "005930")


def test_a_folder_of_no_bars_is_missing_its_input(tmp_path: Path) -> None:
    write(tmp_path, "notes.docx", "junk")
    with pytest.raises(InputMissingError):
        read(tmp_path)


def test_json_that_lists_tickers(tmp_path: Path) -> None:
    bars = [
        {"t": f"2024-03-22T13:{30 + i}:00Z", "o": 1, "h": 2, "l": 1, "c": 2, "v": i}
        for i in range(9)
    ]
    path = tmp_path / "bars.json"
    path.write_bytes(msgspec.json.encode({"bars": {"AAPL": bars, "MSFT": bars}}))
    assert read(path).table.symbols == ("AAPL", "MSFT")
