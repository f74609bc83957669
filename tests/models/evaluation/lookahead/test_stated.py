"""What is planted in the times of files, market by market; and what is clean stays clean."""

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest

from models.data.calendars.markets import market_named
from models.data.calendars.sessions import sessions_of
from models.data.calendars.zone_clocks import DAY_MS
from models.data.sources.reader import ReadBars, read_bars
from models.evaluation.lookahead.stated import check_times, unknowable
from shared.contract import Int64
from shared.errors import DataError
from shared.reading import ReadOptions

HEAD = "time,open,high,low,close,volume"
FAR = datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC)
FIVE = 300_000
# A stretch over a change of clocks and half days, one with the exam day and a late opening, and one
# with lunch.
MARKETS = {
    "XNYS": ("AAPL", "2024-10-21", "2024-12-06"),
    "XKRX": ("005930", "2024-11-11", "2025-01-08"),
    "XTKS": ("7203.T", "2024-10-28", "2024-11-15"),
}
Stamp = Callable[[Int64], Int64]


def stretches(code: str, first: str, last: str) -> Iterator[tuple[int, int]]:
    """Opens and ends of all stretches of trading between two dates, ms."""
    sessions = sessions_of(market_named(code))
    assert sessions is not None
    opens, ends = sessions.parts(extended=False)
    bounds = [int(np.datetime64(day, "ms").astype(np.int64)) for day in (first, last)]
    chosen = (opens >= bounds[0]) & (ends <= bounds[1])
    yield from zip(opens[chosen].tolist(), ends[chosen].tolist(), strict=True)


def opens(code: str) -> Int64:
    """When the five-minute bars of a market begin, ms."""
    parts = [np.arange(o, e, FIVE) for o, e in stretches(code, *MARKETS[code][1:])]
    return np.concatenate(parts)


def days(code: str) -> Int64:
    """The dates of a year of sessions, days since 1970."""
    sessions = sessions_of(market_named(code))
    assert sessions is not None
    first = np.datetime64("2024-01-01", "D").astype(np.int64)
    return sessions.day[(sessions.day >= first) & (sessions.day < first + 366)]


def written(ms: Int64, zone: str) -> list[str]:
    utc = [datetime.datetime.fromtimestamp(t / 1_000, datetime.UTC) for t in ms.tolist()]
    return [f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}" for moment in utc]


def read(folder: Path, symbol: str, stamps: list[str], **options: object) -> ReadBars:
    rows = [
        f"{stamp},{n},{n + 2},{n - 1},{n + 1},{100 + n}"
        for n, stamp in enumerate(stamps, start=1_000)
    ]
    path = folder / f"{symbol}.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return read_bars(folder, msgspec.convert(options, ReadOptions), now=FAR)


def named(bars: ReadBars) -> set[str]:
    return {check.name for check in check_times(bars.table, bars) if check.leaks}


def dated(day: Int64) -> list[str]:
    return [str(np.datetime64(d, "D")) for d in day.tolist()]


@pytest.mark.parametrize("code", MARKETS)
@pytest.mark.parametrize("stamp", ["open", "close"])
def test_clean_bars_of_five_minutes_are_clean(code: str, stamp: str, tmp_path: Path) -> None:
    zone = market_named(code).timezone
    times = opens(code) + (FIVE if stamp == "close" else 0)
    bars = read(tmp_path, MARKETS[code][0], written(times, zone))
    assert bars.reading.stamp == stamp
    assert named(bars) == set()


@pytest.mark.parametrize("code", ["XNYS", "XKRX", "XTKS", "XHKG"])
def test_clean_days_are_clean(code: str, tmp_path: Path) -> None:
    bars = read(tmp_path, "AAA", dated(days(code)), market=code)
    assert named(bars) == set()


@pytest.mark.parametrize("code", MARKETS)
def test_an_open_that_was_taken_for_a_close_is_found(code: str, tmp_path: Path) -> None:
    zone = market_named(code).timezone
    bars = read(tmp_path, MARKETS[code][0], written(opens(code), zone), stamp="close")
    assert named(bars) == {"session"}


def test_one_ticker_of_many_that_is_wrong_is_found(tmp_path: Path) -> None:
    sound, shifted = dated(days("XKRX")), dated(days("XKRX") + 1)
    for n in range(9):
        read(tmp_path, f"00593{n}", sound)
    assert named(read(tmp_path, "000660", shifted)) == {"calendar"}


@pytest.mark.parametrize("code", MARKETS)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_a_clock_that_is_not_the_markets_is_refused(code: str, zone: str, tmp_path: Path) -> None:
    stamps = written(opens(code), zone)
    with pytest.raises(DataError, match="say --timezone"):
        read(tmp_path, MARKETS[code][0], stamps)
    assert named(read(tmp_path, MARKETS[code][0], stamps, timezone=zone)) == set()


@pytest.mark.parametrize("zone", ["Etc/GMT+5", "America/Sao_Paulo", "UTC"])
def test_a_zone_that_was_said_wrong_is_found(zone: str, tmp_path: Path) -> None:
    stamps = written(opens("XNYS"), zone)
    bars = read(tmp_path, "AAPL", stamps, timezone="America/New_York")
    assert "zone" in named(bars)
    assert any("as if its clock were another one" in line for line in bars.reading.lines())


def test_bars_around_the_session_are_no_lost_zone(tmp_path: Path) -> None:
    times = np.concatenate(
        [
            np.arange(o - 66 * FIVE, e + 48 * FIVE, FIVE)
            for o, e in stretches("XNYS", *MARKETS["XNYS"][1:])
        ]
    )
    stamps = written(times, "America/New_York")
    for session in ("regular", "extended"):
        bars = read(tmp_path, "AAPL", stamps, session=session, stamp="open")
        assert named(bars) == set()
    assert any("regular session" in sentence for sentence in unknowable(bars))


@pytest.mark.parametrize("code", MARKETS)
@pytest.mark.parametrize("shift", [-1, 1])
@pytest.mark.parametrize(("kept", "name"), [("keep", "calendar"), ("drop", "dropped days")])
def test_days_that_are_shifted_are_found(
    code: str, shift: int, kept: str, name: str, tmp_path: Path
) -> None:
    bars = read(tmp_path, MARKETS[code][0], dated(days(code) + shift), no_session=kept)
    assert named(bars) == {name}


def evening_days(*clocks: str) -> list[str]:
    sessions = sessions_of(market_named("XKRX"))
    assert sessions is not None
    chosen = sessions.day[sessions.late_close_ms > 0][:40]
    return [f"{day} {clocks[n % len(clocks)]}" for n, day in enumerate(dated(chosen))]


def test_evening_closes_in_a_regular_series_are_found(tmp_path: Path) -> None:
    mixed = read(tmp_path, "005930", evening_days("15:30:00", "20:00:00"))
    assert named(mixed) == {"evening"}
    assert mixed.reading.evening
    for clock, hour in (("15:30:00", 6), ("20:00:00", 11)):
        bars = read(tmp_path, "005930", evening_days(clock))
        assert named(bars) == set()
        assert bars.reading.evening == (hour == 11)
        assert {int(ms) % DAY_MS // 3_600_000 for ms in bars.table.bar_ms} <= {hour, 7}


def test_bars_used_before_their_own_stamps_are_found(tmp_path: Path) -> None:
    stamps = evening_days("15:30:00")
    bars = read(tmp_path, "AAPL", [f"{s[:10]} 19:30:00" for s in stamps])
    assert named(bars) == {"stamps"}


def binance(folder: Path, **options: object) -> ReadBars:
    head = (
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
        "taker_buy_volume,taker_buy_quote_volume,ignore"
    )
    first = 1_704_067_200_000
    rows = [
        f"{first + i * FIVE},{n},{n + 2},{n - 1},{n + 1},5,{first + (i + 1) * FIVE - 1},1,1,1,1,0"
        for i, n in enumerate(range(100, 400))
    ]
    path = folder / "BTCUSDT-5m-2024-01.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return read_bars(path, msgspec.convert(options, ReadOptions), now=FAR)


def test_where_nothing_rests_the_source_alone_can_tell(tmp_path: Path) -> None:
    declared = binance(tmp_path)
    assert named(declared) == set()
    assert any("never closes" in sentence for sentence in unknowable(declared))
    contradicted = binance(tmp_path, stamp="close")
    assert named(contradicted) == {"stamps"}
    assert any("--stamp says otherwise" in note for note in contradicted.reading.notes)
    (tmp_path / "BTCUSDT-5m-2024-01.csv").unlink()
    times = 1_704_067_200_000 + FIVE * np.arange(300)
    nobodys = read(tmp_path, "BTCUSDT", written(times, "UTC"), stamp="close")
    assert named(nobodys) == set()
    assert any("nor does the source say so" in sentence for sentence in unknowable(nobodys))


def test_what_no_calendar_knows_is_said(tmp_path: Path) -> None:
    sessions = sessions_of(market_named("XKRX"))
    assert sessions is not None
    horizon = int(np.searchsorted(sessions.open_ms, sessions.horizon_ms))
    bars = read(tmp_path, "005930", dated(sessions.day[horizon - 30 : horizon + 30]))
    assert named(bars) == set()
    said = unknowable(bars)
    assert any(sentence.startswith("30 dates lie beyond") for sentence in said)
    assert any("nobody says" in sentence for sentence in said)
    assert any("of the evening" in sentence for sentence in said)


def test_an_auction_that_a_source_leaves_out_is_no_open(tmp_path: Path) -> None:
    # Yahoo's bars of Seoul end at 15:00 or 15:20: the last of half an hour is missing every day.
    parts = stretches("XKRX", "2024-11-15", "2024-12-20")
    times = np.concatenate([np.arange(o, e - 1_800_000, 1_800_000) for o, e in parts])
    bars = read(tmp_path, "005930", written(times, "Asia/Seoul"), stamp="open")
    assert named(bars) == set()


def test_the_evening_of_seoul_is_clean_where_it_is_asked_for(tmp_path: Path) -> None:
    sessions = sessions_of(market_named("XKRX"))
    assert sessions is not None
    late = np.flatnonzero(sessions.late_open_ms > 0)[:60]  # the exam day of 2026 is among them
    opens, ends = sessions.take(late).parts(extended=True)
    times = np.concatenate([np.arange(o, e, FIVE) for o, e in zip(opens, ends, strict=True)])
    for session in ("regular", "extended"):
        bars = read(tmp_path, "005930", written(times, "Asia/Seoul"), session=session)
        assert named(bars) == set()


@pytest.mark.parametrize(("step", "first"), [(7, "2024-01-01"), (0, "2024-01")])
def test_periods_that_would_end_as_they_begin_are_found(
    step: int, first: str, tmp_path: Path
) -> None:
    weeks = np.datetime64(first, "D").astype(np.int64) + step * np.arange(40)
    months = np.datetime64(first, "M") + np.arange(40)
    begins = weeks if step else months.astype("datetime64[D]").astype(np.int64)
    bars = read(tmp_path, "AAPL", dated(begins), stamp="close")
    assert "stamps" in named(bars)
    assert "stamps" not in named(read(tmp_path, "AAPL", dated(begins)))
