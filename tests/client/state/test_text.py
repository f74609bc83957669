import datetime
import zoneinfo

import pytest

from client.state import text
from models.data.features.price_volume import PRICE_VOLUME
from shared.columns import DECIDED, FORMING
from shared.contract import Class
from shared.limits import LAST_MS
from tests.kit.for_each import for_each

SEOUL = zoneinfo.ZoneInfo("Asia/Seoul")


def ms(moment: str) -> int:
    return round(datetime.datetime.fromisoformat(moment).timestamp() * 1000)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(12350, 0, "12,350"), (1234.5, 2, "1,234.50"), (0.0, 2, "–"), (0.07, 4, "0.0700")],
)
def test_prices(value: float, decimals: int, expected: str) -> None:
    assert text.price(value, decimals) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0"), (0.25, "0.25"), (412_060, "412,060"), (1_240_000, "1.24M"), (3.2e12, "3.20T")],
)
def test_volumes(value: float, expected: str) -> None:
    assert text.volume(value) == expected


@pytest.mark.parametrize(
    ("value", "arrow", "words"),
    [(0.0122, "▲", "1.22%"), (-0.0389, "▼", "3.89%"), (0.0, "", "0.00%")],
)
def test_a_change_is_an_arrow_and_a_size(value: float, arrow: str, words: str) -> None:
    assert text.arrow(value) == arrow
    assert text.change(value) == words


@for_each(
    ("span_ms", "expected"),
    [
        (-5, "0.0 s"),
        (420, "0.4 s"),
        (9_949, "9.9 s"),
        (9_950, "9 s"),
        (59_999, "59 s"),
        (60_000, "1 m"),
        (3_600_000, "1 h"),
        (47 * 3_600_000, "47 h"),
        (48 * 3_600_000, "2 d"),
    ],
)
def test_ages(span_ms: int, expected: str) -> None:
    assert text.age(span_ms) == expected


def test_times_are_those_of_the_exchange() -> None:
    at = ms("2026-11-20T06:02:11+00:00")
    assert text.clock_and_zone(at, SEOUL) == "15:02:11 KST"


def test_a_moment_is_a_time_today_and_a_date_before() -> None:
    now = ms("2026-11-20T06:02:11+00:00")
    assert text.moment(now - 1_000, now, SEOUL) == "15:02:10"
    assert text.moment(now - 86_400_000, now, SEOUL) == "19 Nov"
    assert text.moment(0, now, SEOUL) == "–"
    assert text.moment(ms("2020-03-04T06:00:00+00:00"), now, SEOUL) == "4 Mar 2020"


def test_a_bar_of_a_day_is_a_date_and_a_shorter_one_a_time_with_it_unless_today() -> None:
    now = ms("2026-11-20T06:30:00+00:00")
    assert text.bar_stamp(now, now, 86_400, SEOUL) == "20 Nov"
    assert text.bar_stamp(now, now, 300, SEOUL) == "15:30"
    assert text.bar_stamp(now + 15_000, now, 15, SEOUL) == "15:30:15"
    next_year = ms("2027-01-04T00:30:00+00:00")
    assert text.bar_stamp(now, next_year, 300, SEOUL) == "20 Nov 2026"
    assert text.bar_stamp(now - 86_400_000, now, 300, SEOUL) == "19 Nov 15:30"
    assert text.bar_stamp(0, now, 86_400, SEOUL) == "–"


def test_an_appointment_names_the_day_where_it_is_another() -> None:
    now = ms("2026-11-20T06:30:00+00:00")
    assert text.appointment(now, now, SEOUL) == "15:30 KST"
    assert text.appointment(ms("2026-11-23T00:00+00:00"), now, SEOUL) == "Mon 23 Nov 09:00 KST"


@for_each("at", [-(2**62), -1, LAST_MS + 1, 253_402_300_800_000, 2**62])
@for_each("zone", ["UTC", "Asia/Seoul", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_no_time_can_raise(at: int, zone: str) -> None:
    somewhere = zoneinfo.ZoneInfo(zone)
    for said in (
        text.moment(at, 5, somewhere),
        text.bar_stamp(at, at, 86_400, somewhere),
        text.bar_time(at, 300, somewhere),
        text.clock_and_zone(at, somewhere),
        text.appointment(at, 0, somewhere),
        text.age(at),
    ):
        assert said


def test_a_daily_bar_is_a_date_even_when_it_closes_at_midnight() -> None:
    midnight = ms("2026-11-21T00:00:00+00:00")
    assert text.bar_time(midnight, 86_400, zoneinfo.ZoneInfo("UTC")) == "2026-11-20"
    assert text.bar_time(midnight, 300, SEOUL) == "2026-11-21 09:00"


def test_a_class_is_a_word_and_no_class_is_nothing() -> None:
    assert text.class_word(Class.FLAT) == "Flat"
    assert text.class_word(None) == "–"
    assert text.decided(DECIDED | FORMING)
    assert not text.decided(FORMING)


def test_columns_of_the_window_count_back_from_now() -> None:
    assert [text.column_label(i) for i in (5, 1, 0)] == ["−5", "−1", "now"]


def test_a_name_that_is_the_symbol_is_not_said_twice() -> None:
    assert text.distinct("Apple", "AAPL") == "Apple"
    assert text.distinct("AAPL", "AAPL") == ""


def test_numbers_carry_the_true_minus_sign() -> None:
    assert text.signed(-0.5) == "−0.50"
    assert [text.significant(v) for v in (0.03257, -1.0, 0.0)] == ["+0.0326", "−1", "0"]
    assert text.raw_feature(0.0123, PRICE_VOLUME.features[0]) == "+0.0123 log return"


def test_an_unknown_zone_is_utc() -> None:
    for name in ("Nowhere/Land", "America", "../UTC", "", "zone.tab", "a" * 200):
        assert text.zone_of(name).key == "UTC"
    assert text.zone_of("Asia/Seoul") == SEOUL


def test_intervals_have_words_where_people_do() -> None:
    assert [text.interval_words(i) for i in ("1d", "5m")] == ["Daily", "5m"]


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (0, ""),
        (1, "down"),
        (4, "up"),
        (6, "up or flat"),
        (5, "up or down"),
        (7, "up, flat or down"),
    ],
)
def test_a_prediction_set_is_said_in_words(bits: int, words: str) -> None:
    assert text.prediction_set(bits) == words


def test_a_tip_is_wrapped_and_takes_no_markup_from_outside() -> None:
    assert text.tip("a < b", "", "c") == "<qt>a &lt; b<br>c</qt>"
    assert text.tip("") == ""
