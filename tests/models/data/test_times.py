import calendar
import datetime

import pytest

from models.data.times import instant, to_ms, to_utc
from shared.errors import SettingsError
from shared.markets import MARKETS


def utc(year: int, month: int, day: int, hour: int) -> int:
    return 1000 * calendar.timegm((year, month, day, hour, 0, 0))


@pytest.mark.parametrize(
    ("text", "market", "last", "expected"),
    [
        ("2024-01-31", "krx", False, utc(2024, 1, 30, 15)),
        ("2024-01-31", "krx", True, utc(2024, 1, 31, 15)),
        ("2024-01-31", "us", False, utc(2024, 1, 31, 5)),
        ("2024-07-31", "us", True, utc(2024, 8, 1, 4)),
        ("2024-01-31T09:00", "krx", True, utc(2024, 1, 31, 0)),
        ("2024-01-31T09:00+00:00", "krx", False, utc(2024, 1, 31, 9)),
    ],
)
def test_instant(text: str, market: str, last: bool, expected: int) -> None:
    assert instant(text, MARKETS[market], last=last) == expected


def test_instant_refuses_what_is_no_date() -> None:
    with pytest.raises(SettingsError, match="31/01/2024"):
        instant("31/01/2024", MARKETS["krx"])


def test_ms_and_utc_are_each_others_inverse() -> None:
    moment = datetime.datetime(2024, 1, 31, 9, 30, 0, 250_000, tzinfo=datetime.UTC)
    assert to_ms(moment) == utc(2024, 1, 31, 9) + 30 * 60_000 + 250
    assert to_utc(to_ms(moment)) == moment
