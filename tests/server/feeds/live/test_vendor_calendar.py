import datetime as dt

from models.data.calendars.sessions import sessions_of
from server.feeds.live.vendor_calendar import VendorDay, disagreements
from shared.markets import MARKETS
from tests.kit.for_each import for_each
from tests.kit.traded_days import seoul_ms

KRX = MARKETS["krx"]
EXAM = dt.date(2026, 11, 19)  # an hour later, but for the evening's end
USUAL, HOLIDAY = dt.date(2026, 11, 25), dt.date(2026, 12, 25)


def day(date: dt.date, opens: str = "", closes: str = "", late: str = "") -> VendorDay:
    times = [seoul_ms(date, clock) if clock else 0 for clock in (opens, closes, late)]
    return VendorDay(
        date=date, is_open=True, open_ms=times[0], close_ms=times[1], late_close_ms=times[2]
    )


@for_each(
    ("told", "sentence"),
    [
        (day(USUAL, "09:00", "15:30", "20:00"), ""),
        (day(EXAM, "10:00", "16:30", "20:00"), ""),
        (day(USUAL), ""),  # it only says that it is open
        (VendorDay(date=HOLIDAY, is_open=False), ""),
        (day(HOLIDAY), "2026-12-25 is open, our calendar says closed"),
        (
            VendorDay(date=USUAL, is_open=False),
            "2026-11-25 is closed, our calendar says 09:00 to 15:30 and until 20:00",
        ),
        (
            day(EXAM, "09:00", "15:30"),
            "2026-11-19 trades 09:00 to 15:30, our calendar says 10:00 to 16:30 and until 20:00",
        ),
        (
            day(USUAL, "09:00", "15:30", "18:00"),
            "2026-11-25 trades 09:00 to 15:30 and until 18:00, "
            "our calendar says 09:00 to 15:30 and until 20:00",
        ),
    ],
)
def test_a_day_that_differs_is_told_with_both_hours(told: VendorDay, sentence: str) -> None:
    sessions = sessions_of(KRX)
    assert sessions is not None
    assert list(disagreements([told], sessions, KRX)) == [sentence] * bool(sentence)
