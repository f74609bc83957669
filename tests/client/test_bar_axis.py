import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.state import bar_axis
from client.state.bar_axis import BarRange

COUNTS = st.integers(1, 5_000)
FACTORS = st.floats(0.05, 20)
SHARES = st.floats(0, 1)


def test_zooming_keeps_the_bar_under_the_pointer_where_it_is() -> None:
    before = BarRange(100.0, 180.0)
    after = before.zoomed(0.5, 120.0, 1_000)
    assert after.width == pytest.approx(40)
    assert (120 - after.first) / after.width == pytest.approx((120 - before.first) / before.width)


@given(COUNTS, FACTORS, SHARES)
def test_zooming_never_loses_sight_of_the_bars(count: int, factor: float, share: float) -> None:
    start = bar_axis.latest(count)
    anchor = start.first + share * start.width
    after = start.zoomed(factor, anchor, count)
    part = after.visible(count)
    assert after.width > 0
    assert part.stop > part.start


@given(COUNTS, st.floats(-1e4, 1e4))
def test_panning_never_loses_sight_of_the_bars(count: int, bars: float) -> None:
    part = bar_axis.latest(count).panned(bars).within(count).visible(count)
    assert 0 <= part.start < part.stop <= count


def test_a_new_bar_is_followed_only_by_who_looks_at_the_newest() -> None:
    at_edge = bar_axis.latest(200)
    assert bar_axis.follow(at_edge, 200, 201) == at_edge.panned(1)
    in_the_past = BarRange(20.0, 60.0)
    assert bar_axis.follow(in_the_past, 200, 201) == in_the_past


def test_bars_in_part_in_sight_are_visible() -> None:
    assert BarRange(1.6, 3.4).visible(10) == slice(2, 4)
    assert BarRange(1.4, 3.6).visible(10) == slice(1, 5)
    assert BarRange(-5.0, 50.0).visible(10) == slice(0, 10)


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0.0, 10.0, 5, [0, 2, 4, 6, 8, 10]),
        (47_000.0, 58_500.0, 6, [48_000, 50_000, 52_000, 54_000, 56_000, 58_000]),
        (1.0, 1.0, 5, []),
        (1.0, 2.0, 0, []),
    ],
)
def test_price_ticks_are_round(low: float, high: float, most: int, expected: list[float]) -> None:
    assert bar_axis.price_ticks(low, high, most) == pytest.approx(expected)


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
