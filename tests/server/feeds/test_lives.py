"""Two days with a kill, a night and faults: each bar is there once; seven are a benchmark."""

import datetime as dt
from pathlib import Path
from typing import Final

import pytest

from tests.kit.lived_pushes import PUSH_ACCIDENTS, Sender, live_pushed
from tests.kit.lived_vendors import (
    COINS,
    TOSS_FAULTS,
    UPBIT_FAULTS,
    kept_bars,
    live_at_toss,
    live_at_upbit,
)
from tests.kit.lives import Home, Life, LivedDays
from tests.kit.made_vendors import SYMBOLS
from tests.kit.traded_days import (
    DAY,
    MINUTE_MS,
    NEXT_DAY,
    SEOUL,
    Bars,
    MadeTrades,
    seoul_ms,
    traded_in_session,
    weekdays_of,
)

KILL_MS: Final = seoul_ms(DAY, "09:03:20")
LIVES: Final = (
    Life(begin_ms=seoul_ms(DAY, "08:59:30"), end_ms=KILL_MS, killed=True),
    Life(begin_ms=KILL_MS + 40_000, end_ms=seoul_ms(DAY, "09:06:30"), killed=False),
    Life(begin_ms=seoul_ms(NEXT_DAY, "09:00"), end_ms=seoul_ms(NEXT_DAY, "09:03"), killed=False),
)


def check(
    lived: LivedDays, truth: dict[int, Bars], found: list[tuple[int, int, tuple[float, ...]]]
) -> None:
    """Hold what was found at the end against the truth by row, and what was decided meanwhile."""
    true = [(row, ms, bar) for row, bars in truth.items() for ms, bar in sorted(bars.items())]
    assert sorted(found) == sorted(true)
    assert (lived.early, lived.twice) == ([], [])
    assert lived.wrong_decisions() == []
    assert len(lived.windows) > 10
    assert lived.wrong_windows(truth) == []


def until(trades: MadeTrades, end_ms: int) -> dict[int, Bars]:
    """The bars of the regular sessions that close until then."""
    return {
        row: {ms: bar for ms, bar in traded_in_session(trades, row).items() if ms <= end_ms}
        for row in range(len(SYMBOLS))
    }


@pytest.mark.usefixtures("vendor_keys")
def test_days_at_toss_leave_each_bar_on_disk_once(trades: MadeTrades, tmp_path: Path) -> None:
    lived, home, days = LivedDays(SEOUL), Home(tmp_path), weekdays_of(trades, 2)
    _, broken, revoked, silent, _, refused = TOSS_FAULTS
    clocks = ((DAY, "09:01:10", broken), (DAY, "09:02:10", revoked), (DAY, "09:04:20", silent))
    faults = [(seoul_ms(day, clock), fault) for day, clock, fault in clocks]
    faults.append((seoul_ms(NEXT_DAY, "09:01:05"), refused))
    for life in LIVES:
        live_at_toss(lived, life, home, days, faults)
    assert home.bars.name == "bars-1"
    newest = LIVES[-1].end_ms - MINUTE_MS  # the last one may not be confirmed yet
    kept = [bar for bar in kept_bars(home, SYMBOLS) if bar[1] <= newest]
    check(lived, until(days, newest), kept)


def test_days_at_an_exchange_of_ccxt_leave_each_bar_on_disk_once(tmp_path: Path) -> None:
    midnight = int(dt.datetime(2026, 9, 22, tzinfo=dt.UTC).timestamp() * 1_000)
    ends = ((-22, -7, True), (-6, -1, False), (1, 14, False))
    lives = [
        Life(begin_ms=midnight + a * MINUTE_MS, end_ms=midnight + b * MINUTE_MS, killed=killed)
        for a, b, killed in ends
    ]
    cut, limited, _, upset, twice = UPBIT_FAULTS
    minutes = ((-19, twice), (-14, cut), (-3, upset), (3, limited))
    faults = [(midnight + minute * MINUTE_MS + 7_000, fault) for minute, fault in minutes]
    lived, home = LivedDays(None), Home(tmp_path)
    for life in lives:
        vendor = live_at_upbit(lived, life, home, faults)
    assert home.bars.name == "bars-1"
    newest = lives[-1].end_ms - 4 * MINUTE_MS
    kept = [bar for bar in kept_bars(home, COINS) if bar[1] <= newest]
    first, truth = min(ms for _, ms, _ in kept), {}
    assert first <= lives[0].begin_ms - 59 * 5 * MINUTE_MS
    for row, coin in enumerate(COINS):
        bar_ms, ohlcv = vendor.bars(coin, first - 1, newest, 5)
        truth[row] = dict(zip(bar_ms.tolist(), map(tuple, ohlcv.tolist()), strict=True))
    check(lived, truth, kept)


def test_days_that_are_pushed_are_told_whole(trades: MadeTrades) -> None:
    lived, days = LivedDays(SEOUL), weekdays_of(trades, 2)
    held, nonsense, twice, again = PUSH_ACCIDENTS
    lives = [
        Life(begin_ms=seoul_ms(DAY, "08:59"), end_ms=seoul_ms(DAY, "09:06:20"), killed=True),
        Life(begin_ms=seoul_ms(DAY, "09:07"), end_ms=seoul_ms(DAY, "10:04"), killed=False),
        LIVES[-1],
    ]
    clocks = (("09:01:10", nonsense), ("09:02:10", twice), ("09:57:20", held), ("10:00:40", again))
    accidents = [(seoul_ms(DAY, clock), accident) for clock, accident in clocks]
    for life in lives:
        live_pushed(lived, life, Sender(days), accidents)
    newest = LIVES[-1].end_ms - MINUTE_MS
    told = [(row, ms, bar) for (row, ms), bar in lived.told.items() if ms <= newest]
    check(lived, until(days, newest), told)
    assert lived.reasons["bad_message"] == 2
