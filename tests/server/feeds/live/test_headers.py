import pytest

from server.feeds.live.headers import VendorTime, follow_limits, retry_after_s
from server.feeds.live.limiter import RateLimiter
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.made_vendors import play

DATE = {"date": "Wed, 25 Nov 2026 00:00:00 GMT"}
DATE_MS = 1_795_564_800_000


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "1e9"}, 3_600.0),  # nobody is believed who says so
        ({"retry-after": "-5"}, None),
        ({"retry-after": "Wed, 25 Nov 2026 00:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_and_never_believed_blindly(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after_s(headers) == seconds


def test_limits_follow_what_answers_say_and_nonsense_says_nothing() -> None:
    async def work(_: LeapingLoop) -> list[tuple[int, float]]:
        limiter, told = RateLimiter(20), []
        for headers in (
            {"x-ratelimit-limit": "many", "x-ratelimit-remaining": "nan"},
            {"x-ratelimit-limit": "7", "x-ratelimit-remaining": "3"},
            {"x-ratelimit-limit": "7", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"},
        ):
            follow_limits(limiter, headers)
            told.append((limiter.state.most, limiter.state.held_s))
        return told

    assert play(0, work) == [(20, 0), (7, 0), (7, 1)]


@pytest.mark.parametrize(("here_ms", "off_ms"), [(-300_000, 300_000), (2_000, 0), (0, 0)])
def test_the_vendors_time_goes_on_from_what_it_said(here_ms: int, off_ms: int) -> None:
    clock = [DATE_MS + here_ms]
    time = VendorTime(lambda: clock[0])
    assert time.told_ms is None
    time.hear({"date": "yesterday"})
    assert time.told_ms is None
    time.hear(DATE)
    clock[0] += 60_000
    assert time.told_ms == time.now_ms() == DATE_MS + here_ms + 60_000 + off_ms
