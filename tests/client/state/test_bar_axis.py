import datetime
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.state import bar_axis
from client.state.bar_axis import BarRange
from shared.contract import Int64

COUNTS = st.integers(1, 5_000)


def closes(first: int, count: int) -> Int64:
    return np.arange(first, first + count, dtype=np.int64) * 60_000


@given(COUNTS)
def test_the_latest_bars_are_within_what_a_view_never_leaves(count: int) -> None:
    shown, most = bar_axis.latest(count), bar_axis.whole(count)
    assert most.first <= shown.first < count - 1 < shown.last <= most.last
    assert most.visible(count) == slice(0, count)


def test_who_looks_at_the_newest_bar_keeps_looking_at_the_newest() -> None:
    at_edge = bar_axis.latest(200)
    assert bar_axis.kept(at_edge, closes(0, 200), closes(0, 201)) == at_edge.shifted(1)
    zoomed = BarRange(150.0, 199.5)
    assert bar_axis.kept(zoomed, closes(0, 200), closes(50, 160)) == zoomed.shifted(-40)


@pytest.mark.parametrize("first", [0, 10, 45])
def test_a_view_of_older_bars_stays_with_these_bars(first: int) -> None:
    past = BarRange(20.0, 71.0)
    assert bar_axis.kept(past, closes(0, 200), closes(first, 220)) == past.shifted(-first)


@pytest.mark.parametrize("after", [closes(100, 200), closes(0, 40)])
def test_a_view_of_bars_that_are_no_more_shows_the_latest(after: Int64) -> None:
    past = BarRange(30.0, 60.0)
    assert bar_axis.kept(past, closes(0, 200), after) == bar_axis.latest(len(after))


def test_the_first_bars_are_shown_from_their_end() -> None:
    assert bar_axis.kept(BarRange(0.0, 1.0), closes(0, 0), closes(0, 9)) == bar_axis.latest(9)


def test_bars_in_part_in_sight_are_visible() -> None:
    assert BarRange(1.6, 3.4).visible(10) == slice(2, 4)
    assert BarRange(1.4, 3.6).visible(10) == slice(1, 5)
    assert BarRange(-5.0, 50.0).visible(10) == slice(0, 10)


def days(first: datetime.date, count: int) -> list[datetime.datetime]:
    start = datetime.datetime(first.year, first.month, first.day, 15, 30, tzinfo=datetime.UTC)
    return [start + datetime.timedelta(days=i) for i in range(count)]


def test_the_start_of_a_year_goes_before_that_of_a_month() -> None:
    times = days(datetime.date(2025, 12, 20), 60)
    ticks = dict(bar_axis.time_ticks(times, 14))
    assert ticks[12] == "2026"
    assert ticks[43] == "Feb"


def test_time_ticks_keep_their_distance() -> None:
    places = [i for i, _ in bar_axis.time_ticks(days(datetime.date(2025, 1, 1), 300), 17)]
    assert len(places) >= 6
    assert min(b - a for a, b in itertools.pairwise(places)) >= 17


def test_minutes_are_ticked_by_the_hour_and_the_quarter() -> None:
    start = datetime.datetime(2026, 11, 20, 9, 50, tzinfo=datetime.UTC)
    times = [start + datetime.timedelta(minutes=i) for i in range(40)]
    assert bar_axis.time_ticks(times, 12) == [(10, "10:00"), (25, "10:15")]
    assert [w for _, w in bar_axis.time_ticks(times, 2)][:3] == ["09:55", "10:00", "10:05"]


def test_few_bars_get_finer_labels() -> None:
    times = days(datetime.date(2025, 1, 2), 6)
    assert bar_axis.time_ticks(times, 2) == [(1, "3 Jan"), (3, "5 Jan"), (5, "7 Jan")]
