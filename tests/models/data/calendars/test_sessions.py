import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.data.calendars.markets import market_named
from models.data.calendars.overrides import OURS, read_overrides
from models.data.calendars.sessions import sessions_of
from models.data.calendars.zone_clocks import local_ms, utc_ms
from models.data.sources.reader import read_bars
from shared.contract import Int64
from shared.errors import SettingsError
from tests.kit.for_each import for_each


def days(*dates: str) -> Int64:
    return np.array([np.datetime64(d, "D").astype(np.int64) for d in dates])


def hours(market: str, date: str) -> tuple[str, str] | None:
    """The local open and close of a session; None where there is none."""
    place = market_named(market)
    sessions = sessions_of(place)
    assert sessions is not None
    (index,) = sessions.index(days(date)).tolist()
    if index < 0:
        return None
    zone = ZoneInfo(place.timezone)
    times = (sessions.open_ms[index], sessions.close_ms[index])
    opens, closes = (datetime.datetime.fromtimestamp(ms / 1_000, zone) for ms in times)
    return f"{opens:%H:%M}", f"{closes:%H:%M}"


@for_each(
    ("market", "date", "expected"),
    [
        ("krx", "2024-06-05", ("09:00", "15:30")),
        ("krx", "2015-06-05", ("09:00", "15:00")),  # until July 2016
        ("krx", "2025-01-02", ("10:00", "15:30")),  # the first session of a year opens late
        ("krx", "2024-11-14", ("10:00", "16:30")),  # scholastic ability test
        ("krx", "2026-11-19", ("10:00", "16:30")),
        ("krx", "2026-06-03", None),  # elections
        ("krx", "2026-07-17", None),  # Constitution Day
        ("krx", "2024-02-09", None),  # lunar new year
        ("us", "2024-11-29", ("09:30", "13:00")),  # half a day after Thanksgiving
        ("us", "2024-03-11", ("09:30", "16:00")),  # the clocks went forward the day before
        ("us", "2024-07-04", None),
        ("XTKS", "2024-11-01", ("09:00", "15:00")),
        ("XTKS", "2024-11-06", ("09:00", "15:30")),
        ("XLON", "2024-12-24", ("08:00", "12:30")),
    ],
)
def test_sessions(market: str, date: str, expected: tuple[str, str] | None) -> None:
    assert hours(market, date) == expected


def test_a_market_that_never_closes_has_none() -> None:
    assert sessions_of(market_named("crypto")) is None


def test_a_session_of_tokyo_breaks_off_for_lunch() -> None:
    sessions = sessions_of(market_named("XTKS"))
    assert sessions is not None
    opens, ends = sessions.parts(extended=False)
    (first,) = np.flatnonzero(
        opens == sessions.open_ms[sessions.index(days("2024-06-05"))]
    ).tolist()
    zone = ZoneInfo("Asia/Tokyo")
    clocks = [local_ms(times[first : first + 2], zone) % 86_400_000 for times in (opens, ends)]
    assert (clocks[0] / 3_600_000).tolist() == [9, 12.5]
    assert (clocks[1] / 3_600_000).tolist() == [11.5, 15]


def test_the_evening_of_seoul_counts_only_where_it_is_asked_for() -> None:
    sessions = sessions_of(market_named("krx"))
    assert sessions is not None
    index = sessions.index(days("2026-09-11", "2026-09-14", "2026-11-19"))
    zone = ZoneInfo("Asia/Seoul")
    late = local_ms(np.where(sessions.late_open_ms > 0, sessions.late_open_ms, 0)[index], zone)
    assert sessions.late_open_ms[index[0]] == 0
    assert (late[1:] % 86_400_000 / 3_600_000).tolist() == [16, 17]  # an hour later on exam day
    more, fewer = (len(sessions.parts(extended=e)[0]) for e in (True, False))
    assert more - fewer == int((sessions.late_open_ms > 0).sum())


def test_beyond_the_horizon_each_weekday_is_a_session() -> None:
    ahead = datetime.date.today().year + 2  # noqa: DTZ011 - any day far ahead will do
    dates = [np.datetime64(f"{ahead}-03-{day:02}", "D") for day in range(1, 29)]
    weekdays = [str(d) for d in dates if np.is_busday(d)]
    assert {hours("krx", d) for d in weekdays} == {("09:00", "15:30")}


def test_a_code_or_an_alias_names_a_market() -> None:
    assert market_named("NYSE").name == "XNYS"
    assert market_named("xkrx").timezone == "Asia/Seoul"
    with pytest.raises(SettingsError, match="'mars'"):
        market_named("mars")


def test_local_times_that_came_twice_or_never() -> None:
    zone = ZoneInfo("America/New_York")
    walls = np.array(["2024-11-03T01:30", "2024-03-10T02:30"], "datetime64[ms]").astype(np.int64)
    first, never = utc_ms(walls, zone).tolist()
    assert first == datetime.datetime(2024, 11, 3, 5, 30, tzinfo=datetime.UTC).timestamp() * 1_000
    assert never == np.iinfo(np.int64).min


def test_our_corrections_say_why_and_where_from() -> None:
    entries = read_overrides(OURS)
    assert all(d.why and d.source for d in entries.day)
    assert all(e.why and e.source for e in entries.extended)


@pytest.mark.parametrize(
    "text",
    [
        "[[day]]\nmarket = 'XKRX'\n",
        "[[day]]\nmarket='XKRX'\ndates=[2026-01-02]\nclosed=true\nopen='09:00'\nwhy=''\nsource=''\n"
        "noted=2026-01-01\n",
        "[[day]]\nmarket='XKRX'\ndates=[2026-01-02]\nopen='9:00'\nwhy=''\nsource=''\n"
        "noted=2026-01-01\n",
        "[[extended]]\nmarket='XKRX'\nsince=2026-01-02\nopen='16:00'\nclose='24:00'\nwhy=''\n"
        "source=''\nnoted=2026-01-01\n",
        "[[night]]\n",
        "nonsense",
    ],
)
def test_a_file_of_corrections_that_is_wrong_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calendars.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"calendars\.toml") as refused:
        read_overrides(path)
    assert "regex" not in str(refused.value)


@pytest.mark.parametrize(("form", "step"), [("%Y-%m-%d", 86_400), ("%Y-%m-%d %H:%M", 300)])
def test_bars_years_beyond_the_horizon_are_read_and_windows_fill(
    form: str, step: int, tmp_path: Path
) -> None:
    year, zone = datetime.datetime.now(datetime.UTC).year + 10, ZoneInfo("America/New_York")
    first = datetime.datetime(year, 3, 1, 9, 30, tzinfo=zone)
    first += datetime.timedelta(days=(7 - first.weekday()) % 7)  # a Monday
    rows = [
        f"{first + datetime.timedelta(seconds=step * n):{form}},{n},{n + 2},{n - 1},{n + 1},5"
        for n in range(5, 10)
    ]
    path = tmp_path / "AAPL.csv"
    path.write_text("\n".join(["time,open,high,low,close,volume", *rows]), encoding="utf-8")
    bars = read_bars(path, now=datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC))
    assert bars.reading.bars == 5
    assert bars.reading.assumed_sessions > 0
    closed = datetime.datetime.fromtimestamp(bars.table.bar_ms[0] / 1_000, zone)
    expected = {86_400: (16, 0), 300: (10, 0)}[step]
    assert (closed.hour, closed.minute) == expected
    rules = bars.table.rules(0.31)
    assert not rules.interrupts(bars.table.bar_ms[1:], bars.table.bar_ms[:-1]).any()


ZONES = (
    "America/New_York",
    "Asia/Seoul",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "Europe/London",
)


@pytest.mark.parametrize("key", ZONES)
def test_of_many_times_each_is_moved_as_it_would_be_alone(key: str) -> None:
    # Every quarter of an hour of 2010 to 2018: some midnights of these zones never were.
    zone = ZoneInfo(key)
    ms = np.arange(1_262_304_000_000, 1_514_764_800_000, 900_000)
    apart = range(0, len(ms), 10_000)
    for move in (utc_ms, local_ms):
        alone = np.concatenate([move(ms[i : i + 10_000], zone) for i in apart])
        assert np.array_equal(move(ms, zone), alone)


@pytest.mark.parametrize("market", ["krx", "us", "XTKS"])
@pytest.mark.parametrize("span_ms", [10**9, 10**12])
def test_the_session_of_a_time_is_the_last_that_opened_before_it(market: str, span_ms: int) -> None:
    sessions = sessions_of(market_named(market))
    assert sessions is not None
    rng = np.random.default_rng(1)
    times = np.concatenate(
        [
            rng.integers(0, span_ms, 3_000) + 1_400_000_000_000,
            sessions.open_ms[-5_000:-4_000],
            sessions.close_ms[-5_000:-4_000],
            sessions.open_ms[:2] - 1,
        ]
    )
    for some in (times, times[:3_000], times[:5], times[:0]):
        expected = np.searchsorted(sessions.open_ms, some, side="left") - 1
        assert np.array_equal(sessions.of(some), expected)
