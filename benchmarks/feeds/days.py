"""Seven days of three sources in time that leaps: a kill each day, a restart each night, faults.

What is on disk after the last day, or was told where nothing is kept, is held against what truly
traded; so is each window that was decided on. It takes some minutes of processor time.
"""

import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from unittest import mock

from benchmarks.targets import ChaosReport, Figure
from tests.kit.lived_pushes import PUSH_ACCIDENTS, Sender, live_pushed
from tests.kit.lived_vendors import (
    COINS,
    TOSS_FAULTS,
    UPBIT_FAULTS,
    kept_bars,
    live_at_toss,
    live_at_upbit,
)
from tests.kit.lives import Home, Life, LivedDays, hourly, lives_of
from tests.kit.made_vendors import SYMBOLS
from tests.kit.traded_days import (
    DAY,
    MINUTE_MS,
    SEOUL,
    Bars,
    scripted_days,
    seoul_ms,
    traded_in_session,
    weekdays_of,
)

_DAYS: Final = 7
_DAY_MS: Final = 24 * 60 * MINUTE_MS
_BEGIN_MS: Final = seoul_ms(DAY, "04:00")
_KILLS: Final = ("09:04:20", "10:01:33", "13:02:10", "15:18:40", "09:00:30", "11:08:10", "13:00:01")
_KEYS: Final = {"TICKERLENS_TOSS_CLIENT_ID": "c_1", "TICKERLENS_TOSS_CLIENT_SECRET": "s_1"}

TrueBars = Mapping[int, Bars]
OnDisk = list[tuple[int, int, tuple[float, ...]]]


def run(share: float) -> list[ChaosReport]:
    """Return a report of each source; `share` of seven days are lived, at least one."""
    days = max(round(share * _DAYS), 1)
    with mock.patch.dict(os.environ, _KEYS):
        return [_timed(source, days) for source in (_push, _toss, _upbit)]


def _timed(source: Callable[[int], ChaosReport], days: int) -> ChaosReport:
    began_s = time.process_time()
    found = source(days)
    took = Figure(name="processor time", measured=f"{time.process_time() - began_s:,.0f} s")
    return ChaosReport(title=found.title, targets=(*found.targets, took), note=found.note)


def _lives(days: int) -> list[Life]:
    begins = [_BEGIN_MS + n * _DAY_MS for n in range(days + 1)]
    kills = [
        seoul_ms(DAY, clock) + n * _DAY_MS for n, clock in zip(range(days), _KILLS, strict=False)
    ]
    return lives_of(begins[0], begins[-1], kills, begins[1:-1])


def _push(days: int) -> ChaosReport:
    trades = weekdays_of(scripted_days(len(SYMBOLS)), days)
    lived, sender, lives = LivedDays(SEOUL), Sender(trades), _lives(days)
    for life in lives:
        live_pushed(lived, life, sender, hourly(_BEGIN_MS, life.end_ms, PUSH_ACCIDENTS))
    truth = {row: traded_in_session(trades, row) for row in range(len(SYMBOLS))}
    told = [(row, ms, bar) for (row, ms), bar in lived.told.items()]
    return _report("push, bars of a minute; what was told", lives, lived, truth, told)


def _toss(days: int) -> ChaosReport:
    trades = weekdays_of(scripted_days(len(SYMBOLS)), days)
    lived, lives = LivedDays(SEOUL), _lives(days)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        for life in lives:
            live_at_toss(lived, life, home, trades, hourly(_BEGIN_MS, life.end_ms, TOSS_FAULTS))
        kept = kept_bars(home, SYMBOLS)
    truth = {row: traded_in_session(trades, row) for row in range(len(SYMBOLS))}
    return _report("toss, bars of a minute; the cache", lives, lived, truth, kept)


def _upbit(days: int) -> ChaosReport:
    lived, lives = LivedDays(None), _lives(days)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        for life in lives:
            faults = hourly(_BEGIN_MS, life.end_ms, UPBIT_FAULTS)
            vendor = live_at_upbit(lived, life, home, faults)
        kept = kept_bars(home, COINS)
    first_ms = min(ms for _, ms, _ in kept)
    truth: dict[int, Bars] = {}
    for row, coin in enumerate(COINS):
        bar_ms, ohlcv = vendor.bars(coin, first_ms - 1, lives[-1].end_ms - 5 * MINUTE_MS, 5)
        truth[row] = dict(zip(bar_ms.tolist(), map(tuple, ohlcv.tolist()), strict=True))
    # The newest bar may not be confirmed yet as the last life ends.
    old = [bar for bar in kept if bar[1] <= lives[-1].end_ms - 5 * MINUTE_MS]
    return _report("ccxt (Upbit), bars of five minutes; the cache", lives, lived, truth, old)


def _report(
    title: str, lives: list[Life], lived: LivedDays, truth: TrueBars, found: OnDisk
) -> ChaosReport:
    true = {(row, ms): bar for row, bars in truth.items() for ms, bar in bars.items()}
    times = [(row, ms) for row, ms, _ in found]
    wrong = sum(true.get((row, ms), bar) != bar for row, ms, bar in found)
    days = round((lives[-1].end_ms - lives[0].begin_ms) / _DAY_MS)
    hours = (lives[-1].end_ms - lives[0].begin_ms) // (60 * MINUTE_MS)
    missing, unknown = len(true.keys() - set(times)), len(set(times) - true.keys())
    counts = [missing, len(times) - len(set(times)), unknown, wrong]
    return ChaosReport(
        title=f"{days} days of {title} against what traded",
        targets=(
            _none(f"of {len(true):,} bars: missing, double, made up, other numbers", counts),
            _none(
                "told before they were over; told as of now twice",
                [len(lived.early), len(lived.twice)],
            ),
            _none(
                f"of {len(lived.decided_ms):,} bars decided on: before they were over",
                [len(lived.wrong_decisions())],
            ),
            _none(
                f"of {len(lived.windows):,} windows: over a night or a gap, or without a bar",
                [len(lived.wrong_windows(truth))],
            ),
            Figure(
                name="lives; of them killed; faults of the source",
                measured=f"{len(lives)}, {sum(life.killed for life in lives)}, {hours}",
            ),
        ),
        note=", ".join(f"{reason} {n:,}" for reason, n in sorted(lived.reasons.items())),
    )


def _none(name: str, counts: list[int]) -> Figure:
    return Figure(
        name=name,
        measured=", ".join(map(str, counts)),
        wanted=", ".join("0" for _ in counts),
        holds=not any(counts),
    )
