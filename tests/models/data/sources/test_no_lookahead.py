"""No bar counts before it was complete, whoever wrote it: the proof, shape by shape and market."""

import datetime
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.data.sources.reader import read_bars
from models.data.sources.shapes import shape_named
from models.evaluation.lookahead.stated import check_times
from shared.contract import Int64
from shared.reading import ReadOptions
from tests.kit.bar_examples.all import EXAMPLES
from tests.kit.bar_files import Example, bars_within, written
from tests.kit.true_sessions import TrueSession, odd_sessions

FIVE = datetime.timedelta(minutes=5)
DAY = datetime.timedelta(days=1)
FAR = datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC)
# Around the clocks of New York and of Europe, and an end of February.
_NIGHTS = ("2024-02-28", "2024-03-09", "2024-03-30", "2024-10-26", "2024-11-02")
Hours = tuple[datetime.datetime, datetime.datetime]


def hours_of(example: Example) -> list[Hours]:
    """When bars begin and are truly over, on days that are easily read wrong."""
    if example.market in ("crypto", "24/5"):
        return list(_nights(example))
    sessions = odd_sessions(example.market)
    if example.kind == "intraday":
        return [hours for session in sessions for hours in _within(session)]
    if example.kind == "weekly":
        return list(_weeks(sessions))
    evening = shape_named(example.shape).evening
    return [(s.open, s.evening if evening and s.evening else s.close) for s in sessions]


def _nights(example: Example) -> Iterator[Hours]:
    for night in _NIGHTS:
        begins = datetime.datetime.fromisoformat(f"{night}T00:00:00+00:00")
        if example.kind == "daily":
            yield from ((begins + n * DAY, begins + (n + 1) * DAY) for n in range(3))
        elif example.market == "crypto":  # an hour before and after the clocks go
            for start in (begins + 24.5 * DAY / 24, begins + 30.5 * DAY / 24):
                yield from ((start + n * FIVE, start + (n + 1) * FIVE) for n in range(4))
        else:  # currencies rest on these nights; the last bars of Friday, the first of Monday
            friday = begins - (begins.weekday() - 4) % 7 * DAY
            for start in (friday + 20 * DAY / 24, friday + 3 * DAY):
                yield from ((start + n * FIVE, start + (n + 1) * FIVE) for n in range(4))


def _within(session: TrueSession) -> Iterator[Hours]:
    # The first and the last bars of each stretch.
    first, again = session.pause or (session.close, None)
    ends = [(session.open, first)] + ([(again, session.close)] if again else [])
    for begins, over in ends:
        for n in range(2):
            yield begins + n * FIVE, begins + (n + 1) * FIVE
        for n in (2, 1):
            yield over - n * FIVE, over - (n - 1) * FIVE


def _weeks(sessions: tuple[TrueSession, ...]) -> Iterator[Hours]:
    fridays = [s for s in sessions if s.day.weekday() == 4]
    for s in fridays:
        yield s.open, s.close


def elsewhere() -> Iterator[Example]:
    """Sources that write tickers of many markets, on each of them."""
    markets = {"krx": "005930.KS", "XTKS": "7203.T", "XHKG": "0700.HK", "XETR": "SAP.DE"}
    for example in EXAMPLES:
        if example.shape == "yfinance_history" and example.kind == "intraday":
            for market, symbol in markets.items():
                for kind in ("daily", "intraday"):
                    yield replace(example, market=market, symbols=(symbol,), kind=kind)


@pytest.mark.parametrize("example", [*EXAMPLES, *elsewhere()], ids=str)
def test_no_bar_is_complete_before_its_end(example: Example, tmp_path: Path) -> None:
    bars = bars_within(example, hours_of(example))
    for name, content in written(example, bars).items():
        (tmp_path / name).write_bytes(content)
    read = read_bars(tmp_path, msgspec.convert(example.said, ReadOptions), now=FAR)
    table = read.table
    order = np.lexsort((table.bar_ms, table.row))
    bars.sort(key=lambda bar: (bar.symbol, bar.ends))
    assert table.ohlcv[order, 3].tolist() == [float(bar.close) for bar in bars]
    late_ms = table.bar_ms[order] - [round(bar.ends.timestamp() * 1_000) for bar in bars]
    assert late_ms.min() >= 0
    assert late_ms.max() == 0
    assert not any(check.leaks for check in check_times(table, read))  # nor does an audit cry wolf


def generic(folder: Path, hours: list[Hours], symbol: str, zone: str, **said: str) -> Int64:
    """How long after their true end bars of nobody's file count, ms."""
    example = Example(
        shape="generic",
        head="time,open,high,low,close,volume\n",
        row="{t:%Y-%m-%d %H:%M:%S},{o},{h},{l},{c},{v}",
        symbols=(symbol,),
        kind="intraday",
        zone=zone,
    )
    bars = bars_within(example, hours)
    for name, content in written(example, bars).items():
        (folder / name).write_bytes(content)
    table = read_bars(folder, msgspec.convert(said, ReadOptions), now=FAR).table
    ends = {
        (float(bar.open), float(bar.close), float(bar.volume)): round(bar.ends.timestamp() * 1_000)
        for bar in bars
    }
    late: Int64 = table.bar_ms - np.array([ends[o, c, v] for o, _, _, c, v in table.ohlcv.tolist()])
    return late


def test_the_evening_of_seoul_ends_when_it_ends(tmp_path: Path) -> None:
    evenings = [(s.close, s.evening) for s in odd_sessions("krx") if s.evening]
    hours = [
        (begins + n * FIVE, begins + (n + 1) * FIVE)
        for close, evening in evenings
        for begins in (close - 3 * FIVE, close + 6 * FIVE, evening - 3 * FIVE)
        for n in range(3)
    ]
    late_ms = generic(tmp_path, hours, "005930", "Asia/Seoul", session="extended", stamp="open")
    assert (len(late_ms), late_ms.min(), late_ms.max()) == (len(hours), 0, 0)


@pytest.mark.parametrize("minutes", [30, 60])
@pytest.mark.parametrize(("market", "symbol"), [("us", "AAPL"), ("krx", "005930")])
def test_the_last_bar_is_over_with_its_session(
    minutes: int, market: str, symbol: str, tmp_path: Path
) -> None:
    length = datetime.timedelta(minutes=minutes)
    hours = []
    for s in odd_sessions(market):
        begins = s.open
        while begins < s.close:
            hours.append((begins, min(begins + length, s.close)))
            begins += length
    zone = hours[0][0].tzinfo
    late_ms = generic(tmp_path, hours, symbol, str(zone), market=market)
    assert (len(late_ms), late_ms.min(), late_ms.max()) == (len(hours), 0, 0)


@pytest.mark.parametrize(
    ("zone", "starts"),
    [("America/New_York", "2024-11-03T05:00"), ("Europe/Berlin", "2024-10-27T00:00")],
)
@pytest.mark.parametrize(("gone", "late"), [(slice(0), 0), (slice(12), 0), (slice(12, 24), 12)])
def test_an_hour_that_comes_twice_is_never_too_early(
    zone: str, starts: str, gone: slice, late: int, tmp_path: Path
) -> None:
    # On the day on which clocks go back: whole, without the first of the two, without the second.
    begins = datetime.datetime.fromisoformat(f"{starts}+00:00")
    hours = [(begins + n * FIVE, begins + (n + 1) * FIVE) for n in range(60)]
    del hours[gone]
    late_ms = generic(tmp_path, hours, "BTCUSDT", zone, timezone=zone)
    assert len(late_ms) == len(hours)
    assert late_ms.min() == 0
    assert (late_ms > 0).sum() == late
