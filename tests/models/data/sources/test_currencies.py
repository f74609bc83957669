"""Days, weeks and hours of currencies, which trade from Sunday to Friday without a pause."""

import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.data.calendars.markets import market_named
from models.data.calendars.sessions import sessions_of
from models.data.rules import rules_for
from models.data.sources.reader import ReadBars, read_bars
from shared.contract import Int64
from shared.errors import DataError
from shared.reading import ReadOptions

NEW_YORK, LONDON, UTC = ZoneInfo("America/New_York"), ZoneInfo("Europe/London"), datetime.UTC
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
HEAD = "time,open,high,low,close,volume\n"
YAHOO = "Date,Open,High,Low,Close,Adj Close,Volume\n"
# On 2024-03-10 clocks changed in New York, on 03-31 in London, on 10-27 in London, on 11-03 there.
WEEKS = [datetime.date(2024, m, d) for m, d in ((3, 4), (3, 11), (3, 25), (10, 21), (10, 28))]


def read(tmp_path: Path, times: list[str], head: str = HEAD, **said: Any) -> ReadBars:
    """Read bars of EURUSD at these times."""
    prices = [f"1.0{700 + i},1.0{710 + i},1.0{690 + i},1.0{705 + i}" for i in range(len(times))]
    cells = ",1.07,0" if "Adj" in head else ",100"
    rows = [f"{time},{price}{cells}" for time, price in zip(times, prices, strict=True)]
    file = tmp_path / "EURUSD.csv"
    file.write_text(head + "\n".join(rows) + "\n")
    return read_bars(file, ReadOptions(**said))


def ms(*times: datetime.datetime) -> list[int]:
    return [round(time.timestamp() * 1_000) for time in times]


def dates(*weekdays: int) -> list[datetime.date]:
    """Dates of these weekdays, 0 for Monday and -1 for the Sunday before, in all weeks."""
    return [monday + day * DAY for monday in WEEKS for day in weekdays]


def at(day: datetime.date, hour: int, zone: datetime.tzinfo) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(hour), zone)


def test_a_week_is_one_stretch_of_five_days_in_new_york() -> None:
    sessions = sessions_of(market_named("24/5"))
    assert sessions is not None
    opens, ends = sessions.parts(extended=True)
    for monday in WEEKS:
        place = int(np.searchsorted(opens, ms(at(monday, 0, NEW_YORK))[0])) - 1
        opened, ended = at(monday - DAY, 17, NEW_YORK), at(monday + 4 * DAY, 17, NEW_YORK)
        assert [opens[place], ends[place]] == ms(opened, ended)
    assert (np.diff(sessions.day) <= 3).all()
    assert not sessions.assumed.any()


def test_days_whose_dates_do_not_tell_end_at_the_later_of_the_two(tmp_path: Path) -> None:
    days = dates(0, 1, 2, 3, 4)
    found = read(tmp_path, [str(day) for day in days])
    ends = [at(day + DAY, 0, UTC) for day in days]
    assert found.table.bar_ms.tolist() == ms(*ends)
    assert all(end > at(day, 17, NEW_YORK) for day, end in zip(days, ends, strict=True))
    assert found.table.market.timezone == "America/New_York"
    assert (found.reading.market, found.reading.dropped, found.reading.mended) == ("24/5", {}, {})
    assert found.reading.first is not None
    assert found.reading.first.open_at == at(WEEKS[0], 0, UTC)


def test_days_that_are_dated_by_their_sunday_begin_on_it(tmp_path: Path) -> None:
    days = dates(-1, 0, 1, 2, 3)
    found = read(tmp_path, [str(day) for day in days])
    assert found.table.bar_ms.tolist() == ms(*(at(day + DAY, 17, NEW_YORK) for day in days))


def test_days_with_sundays_and_fridays_end_at_midnight_and_none_early(tmp_path: Path) -> None:
    days = dates(-1, 0, 1, 2, 3, 4)
    found = read(tmp_path, [str(day) for day in days])
    assert found.table.bar_ms.tolist() == ms(*(at(day + DAY, 0, UTC) for day in days))
    assert found.reading.mended == {}
    assert read(tmp_path, [str(day) for day in days[:6]]).reading.missing_sessions == 0


@pytest.mark.parametrize("zone", [UTC, LONDON])
def test_a_day_with_a_time_ends_a_day_after_it(tmp_path: Path, zone: datetime.tzinfo) -> None:
    begins = [at(day, 0, zone) for day in dates(0, 1, 2, 3, 4)]
    found = read(tmp_path, [time.isoformat(" ") for time in begins])
    assert found.table.bar_ms.tolist() == ms(*(time.astimezone(UTC) + DAY for time in begins))


def test_days_of_yahoo_are_those_of_london(tmp_path: Path) -> None:
    days = dates(0, 1, 2, 3, 4)
    found = read(tmp_path, [str(day) for day in days], YAHOO)
    assert found.table.bar_ms.tolist() == ms(*(at(day + DAY, 0, LONDON) for day in days))


def test_a_saturday_is_no_session(tmp_path: Path) -> None:
    days = dates(0, 1, 2, 3, 4, 5)
    found = read(tmp_path, [str(day) for day in days])
    assert found.reading.mended == {"no_session": len(WEEKS)}
    found = read(tmp_path, [str(day) for day in days], no_session="drop")
    assert found.reading.dropped == {"no_session": len(WEEKS)}
    assert len(found.table.row) == 5 * len(WEEKS)


@pytest.mark.parametrize("monday", WEEKS)
def test_hours_of_a_week_are_inside_up_to_its_close_and_those_of_the_weekend_are_not(
    tmp_path: Path, monday: datetime.date
) -> None:
    opened = at(monday - DAY, 17, NEW_YORK).astimezone(UTC)
    ended = at(monday + 4 * DAY, 17, NEW_YORK).astimezone(UTC)
    begins = [opened + n * HOUR for n in range(-2, 5 * 24 + 3)]
    found = read(tmp_path, [time.isoformat(" ") for time in begins])
    assert found.reading.mended == {"no_session": 2}  # two hours of Sunday
    assert found.reading.dropped == {"outside_session": 3}  # and three of Friday's evening
    assert found.table.bar_ms[2:].tolist() == ms(*(opened + n * HOUR for n in range(1, 121)))
    assert found.table.bar_ms[-1] == ms(ended)[0]
    assert read(
        tmp_path, [time.isoformat(" ") for time in begins], no_session="drop"
    ).reading.dropped == {"outside_session": 3, "no_session": 2}


def test_times_of_a_clock_that_nobody_names_are_asked_about(tmp_path: Path) -> None:
    times = [f"2024-03-05 {hour:02}:00" for hour in range(20)]
    with pytest.raises(DataError, match="say --timezone"):
        read(tmp_path, times)
    found = read(tmp_path, times, timezone="Europe/London")
    assert found.table.bar_ms[0] == ms(datetime.datetime(2024, 3, 5, 1, tzinfo=LONDON))[0]


def test_a_window_spans_the_end_of_a_day_but_no_weekend() -> None:
    rules = rules_for(market_named("24/5"), 3_600, 0.31)
    assert rules.too_short() == ""
    for monday in WEEKS:
        evenings = [at(monday + n * DAY, 17, NEW_YORK) for n in range(-1, 5)]
        closes: Int64 = np.array(ms(*evenings))
        hour_later = closes + 3_600_000
        assert rules.interrupts(hour_later[1:5], closes[1:5]).tolist() == [False] * 4
        last, first = closes[5:], closes[5:] + 49 * 3_600_000
        assert rules.interrupts(first, last).tolist() == [True]


def test_weeks_are_dated_by_the_sunday_that_they_begin_on_or_asked_about(tmp_path: Path) -> None:
    sundays = [datetime.date(2024, 3, 3) + 7 * n * DAY for n in range(8)]
    stamped = [at(day, 17, NEW_YORK).astimezone(UTC).isoformat(" ") for day in sundays]
    fridays = ms(*(at(day + 5 * DAY, 17, NEW_YORK) for day in sundays))
    assert read(tmp_path, stamped).table.bar_ms.tolist() == fridays
    with pytest.raises(DataError, match="--stamp open or --stamp close"):
        read(tmp_path, [str(day) for day in sundays])
    said = read(tmp_path, [str(day) for day in sundays], stamp="open")
    assert said.table.bar_ms.tolist() == fridays
