import numpy as np
import pytest

from server.market.clock import DAY_GRACE_MS, GRACE_MS, LATE_BARS, Hours, MarketClock, MarketTime

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
BAR_S = 300
ALLOWED = LATE_BARS * BAR_S * 1_000 + GRACE_MS
# Two sessions, on days 10 and 13, from 9 to 15 with an hour's break at noon.
OPENS = np.array([10 * DAY + 9 * HOUR, 10 * DAY + 13 * HOUR, 13 * DAY + 9 * HOUR])
ENDS = np.array([10 * DAY + 12 * HOUR, 10 * DAY + 15 * HOUR, 13 * DAY + 12 * HOUR])
HOURS = Hours(open_ms=OPENS, end_ms=ENDS, close_ms=np.array([10 * DAY + 15 * HOUR, ENDS[-1]]))
MORNING = 10 * DAY + 10 * HOUR
EVENING = 10 * DAY + 20 * HOUR


@pytest.fixture
def clock() -> MarketClock:
    return MarketClock(BAR_S, played=False, hours=HOURS)


@pytest.mark.parametrize(
    ("now", "newest", "closed_until", "stale_since"),
    [
        pytest.param(MORNING, MORNING - MINUTE, 0, 0, id="open"),
        pytest.param(MORNING, MORNING - ALLOWED, 0, 0, id="a few bars late"),
        pytest.param(
            MORNING, MORNING - ALLOWED - 1, 0, MORNING - ALLOWED - 1, id="open, and silent"
        ),
        pytest.param(
            int(OPENS[2]) + MINUTE, int(ENDS[1]), 0, 0, id="just opened, the newest is of Friday"
        ),
        pytest.param(
            int(OPENS[2]) + HOUR, int(ENDS[1]), 0, int(ENDS[1]), id="opened, and no bar came"
        ),
        pytest.param(int(OPENS[2]) + HOUR, 0, 0, int(OPENS[2]), id="opened, and never a bar"),
        pytest.param(int(ENDS[1]) + GRACE_MS, int(ENDS[1]), 0, 0, id="waits for the last bar"),
        pytest.param(EVENING, int(ENDS[1]), int(OPENS[2]), 0, id="closed"),
        pytest.param(EVENING, 0, int(OPENS[2]), 0, id="closed, and never a bar"),
        pytest.param(EVENING, MORNING, int(OPENS[2]), MORNING, id="broke off before the close"),
        pytest.param(EVENING, EVENING - MINUTE, 0, 0, id="trades after hours"),
        pytest.param(
            10 * DAY + 12 * HOUR + 30 * MINUTE, int(ENDS[0]), int(OPENS[1]), 0, id="the break"
        ),
        pytest.param(DAY, 0, 0, 0, id="before the calendar"),
        pytest.param(20 * DAY, int(ENDS[2]), 0, 0, id="beyond the calendar"),
    ],
)
def test_bars_of_minutes_are_awaited_while_the_session_runs(
    clock: MarketClock, now: int, newest: int, closed_until: int, stale_since: int
) -> None:
    assert clock.read(now, newest, newest) == MarketTime(
        market_ms=now, closed_until_ms=closed_until, stale_since_ms=stale_since
    )


def test_a_market_that_never_closes_is_stale_when_bars_fail_to_come() -> None:
    clock = MarketClock(BAR_S, played=False)
    assert clock.read(DAY + ALLOWED, DAY, DAY).stale_since_ms == 0
    late = clock.read(DAY + ALLOWED + 1, DAY, DAY)
    assert (late.stale_since_ms, late.closed_until_ms) == (DAY, 0)
    delayed = MarketClock(BAR_S, played=False, delay_s=60)
    assert delayed.read(DAY + ALLOWED + 60_000, DAY, DAY).stale_since_ms == 0
    assert delayed.read(DAY + ALLOWED + 60_001, DAY, DAY).stale_since_ms == DAY


@pytest.mark.parametrize("hours", [HOURS, None])
def test_a_bar_of_a_day_stands_until_the_next_is_due(hours: Hours | None) -> None:
    clock = MarketClock(86_400, played=False, hours=hours)
    before = 10 * DAY if hours is None else 7 * DAY
    closed = 11 * DAY if hours is None else int(HOURS.close_ms[0])
    for now, newest, stale in (
        (closed + DAY_GRACE_MS - 1, before, False),
        (closed + DAY_GRACE_MS, before, True),
        (closed + DAY_GRACE_MS, closed + MINUTE, False),
        (closed + DAY_GRACE_MS + HOUR, closed, False),
    ):
        told = clock.read(now, newest, newest)
        assert told.stale_since_ms == (newest if stale else 0), now
        assert told.closed_until_ms == 0


def test_a_weekly_bar_may_be_a_week_late() -> None:
    clock = MarketClock(7 * 86_400, played=False, hours=HOURS)
    assert clock.read(30 * DAY, 16 * DAY, 16 * DAY).stale_since_ms == 0
    assert clock.read(30 * DAY, 15 * DAY, 15 * DAY).stale_since_ms == 15 * DAY


def test_what_is_played_has_its_newest_bar_for_a_clock_and_is_never_stale() -> None:
    clock = MarketClock(BAR_S, played=True)
    assert clock.read(50 * 365 * DAY, 5 * DAY, 4 * DAY) == MarketTime(market_ms=5 * DAY)
    assert not clock.are_late(np.array([0, 5 * DAY]), 50 * 365 * DAY).any()


def test_a_bar_is_late_when_a_later_one_is_due(clock: MarketClock) -> None:
    bars = np.array([MORNING - ALLOWED - 1, MORNING - ALLOWED, MORNING])
    assert clock.are_late(bars, MORNING).tolist() == [True, False, False]
    delayed = MarketClock(BAR_S, played=False, hours=HOURS, delay_s=1_200)
    assert delayed.are_late(bars - 1_200_000, MORNING).tolist() == [True, False, False]
    daily = MarketClock(86_400, played=False, hours=HOURS)
    closes = np.array([7 * DAY, int(HOURS.close_ms[0])])
    assert daily.are_late(closes, EVENING).tolist() == [True, False]
