"""Times that are written as numbers: 20240102, 093000, epochs of any unit, serials of Excel."""

from collections.abc import Callable
from typing import Final

import numpy as np
import polars as pl

from models.data.calendars.zone_clocks import DAY_MS
from models.data.sources.column_times import NONE, Grain, Stamps, enough, first, stamps
from shared.contract import Bool, Float64, Int64
from shared.errors import DataError

_YEARS: Final = (1900, 2100)  # what a date of a bar can be
_EPOCH_LIMITS: Final = ((1e11, 1_000.0), (1e14, 1.0), (1e17, 1e-3), (np.inf, 1e-6))  # to ms


def from_numbers(numbers: pl.Series, text: pl.Series, label: str) -> Stamps:
    """Return the times that numbers are.

    Args:
        numbers: (n,) floats, null where there is no number.
        text: (n,) the same as they stand in the file.
        label: What to call the column in a sentence.

    Raises:
        DataError: They are no times of a known form.
    """
    values = numbers.fill_null(np.nan).to_numpy().astype(np.float64)
    known = np.isfinite(values)
    if not known.any():
        raise DataError(f"{label} holds no time, row 1 says {first(text)!r}")
    there = values if known.all() else values[known]
    least, most = there.min(), there.max()
    for name, grain, limits, read in _DIGITS:
        if most < limits[0] or least >= limits[1]:
            continue  # a look at the sizes spares the calendar, which is dear
        ms = _read(read, there, least, most)
        if enough(int((ms != NONE).sum()), len(there)):
            zone = np.zeros(len(values), np.int64) if name.startswith("epoch") else None
            return stamps(_placed(ms, known), zone, grain, name)
    raise DataError(
        f"{label} holds numbers that are no times, row 1 says {first(text)!r}; "
        "--time-format says how they are written"
    )


def _read(read: Callable[..., Int64], values: Float64, least: float, most: float) -> Int64:
    # Of dates that stand in many rows each one is read once.
    if 4 * (most - least) > len(values) or (values != np.floor(values)).any():
        return read(values)
    table = read(np.arange(least, most + 1))
    return table[(values - least).astype(np.int64)]


def _placed(ms: Int64, known: Bool) -> Int64:
    if len(ms) == len(known):
        return ms
    wall = np.full(len(known), NONE)
    wall[known] = ms
    return wall


def calendar(year: Int64, month: Int64, day: Int64, time_ms: Int64) -> Int64:
    """Return (n,) int64 ms of dates that exist, `NONE` for others: these were of another form.

    Args:
        year: (n,) int64.
        month: (n,) int64, from 1.
        day: (n,) int64, from 1.
        time_ms: (n,) int64, since midnight, ms.
    """
    sound = (year >= _YEARS[0]) & (year <= _YEARS[1]) & (month >= 1) & (month <= 12)
    sound &= (day >= 1) & (day <= 31) & (time_ms >= 0) & (time_ms < DAY_MS)
    months = np.where(sound, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    first = months.astype("datetime64[D]")
    date = first + np.where(sound, day - 1, 0).astype("timedelta64[D]")
    sound &= date.astype("datetime64[M]") == months  # 31 February is the form's fault
    return np.where(sound, date.astype(np.int64) * DAY_MS + time_ms, NONE)


def clock_ms(hhmmss: Int64) -> Int64:
    """Return (n,) int64 ms since midnight of times written as 93000; -1 where there is none."""
    hours, minutes, seconds = hhmmss // 10_000, hhmmss // 100 % 100, hhmmss % 100
    sound = (hours < 24) & (minutes < 60) & (seconds < 60)
    return np.where(sound, (hours * 3_600 + minutes * 60 + seconds) * 1_000, -1)


def _whole(values: Float64, digits: int) -> tuple[Int64, Bool]:
    fits = (values >= 10 ** (digits - 1)) & (values < 10**digits) & (values == np.floor(values))
    return np.where(fits, values, 0).astype(np.int64), fits


def _digits(count: int, split: Callable[[Int64], tuple[Int64, Int64]]) -> Callable[..., Int64]:
    # A reader of whole numbers of `count` digits; `split` gives YYYYMMDD and HHMMSS.
    def read(values: Float64) -> Int64:
        number, fits = _whole(values, count)
        date, clock = split(number)
        wall = calendar(date // 10_000, date // 100 % 100, date % 100, clock_ms(clock))
        return np.where(fits, wall, NONE)

    return read


def _short_year(values: Float64) -> Int64:
    # yyMMdd: years up to 2049 are of this century.
    fits = (values >= 10_101) & (values < 1_000_000) & (values == np.floor(values))
    number = np.where(fits, values, 0).astype(np.int64)
    year = number // 10_000
    year += np.where(year < 50, 2000, 1900)
    wall = calendar(year, number // 100 % 100, number % 100, np.zeros_like(number))
    return np.where(fits, wall, NONE)


def _month(values: Float64) -> Int64:
    number, fits = _whole(values, 6)
    day = np.ones_like(number)
    return np.where(fits, calendar(number // 100, number % 100, day, 0 * number), NONE)


def _epoch(values: Float64) -> Int64:
    # Each value by its own size: files changed their unit in the middle.
    scale: float | Float64 = _scale(values.min())
    if scale != _scale(values.max()):
        sizes = [values < limit for limit, _ in _EPOCH_LIMITS]
        scale = np.select(sizes, [s for _, s in _EPOCH_LIMITS]).astype(np.float64)
    ms = np.floor(values * scale)
    sound = (values > 1e8) & (ms < 4_102_444_800_000)  # before 2100; after 1973 in seconds
    return np.where(sound, ms, NONE).astype(np.int64)


def _scale(value: float) -> float:
    return next(scale for limit, scale in _EPOCH_LIMITS if value < limit)


def _epoch_minutes(values: Float64) -> Int64:
    sound = (values > 1.5e7) & (values < 6.8e7)
    return np.where(sound, values * 60_000, NONE).astype(np.int64)


def _serial(values: Float64) -> Int64:
    # Excel counts days from the last of 1899, with a leap day of 1900 that never was.
    sound = (values > 20_000) & (values < 73_051)
    ms = np.round((values - 25_569) * 86_400) * 1_000
    return np.where(sound, ms, NONE).astype(np.int64)


def _of(digits: int) -> tuple[float, float]:
    return 10.0 ** (digits - 1), 10.0**digits


# Name, grain, what the values must lie between, and what reads them.
_DIGITS: Final[tuple[tuple[str, Grain, tuple[float, float], Callable[..., Int64]], ...]] = (
    ("YYYYMMDD", "date", _of(8), _digits(8, lambda n: (n, 0 * n))),
    (
        "YYYYMMDDHHMMSSmmm",
        "time",
        _of(17),
        _digits(17, lambda n: (n // 10**9, n // 1_000 % 1_000_000)),
    ),
    ("YYYYMMDDHHMMSS", "time", _of(14), _digits(14, lambda n: (n // 1_000_000, n % 1_000_000))),
    ("YYYYMMDDHHMM", "time", _of(12), _digits(12, lambda n: (n // 10_000, n % 10_000 * 100))),
    ("YYYYMMDDHH", "time", _of(10), _digits(10, lambda n: (n // 100, n % 100 * 10_000))),
    (
        "YYMMDDHHMM",
        "time",
        _of(10),
        _digits(10, lambda n: (20_000_000 + n // 10_000, n % 10_000 * 100)),
    ),
    ("epoch", "time", (1e8, np.inf), _epoch),
    ("YYMMDD", "date", (10_101, 1e6), _short_year),
    ("YYYYMM", "date", _of(6), _month),
    ("epoch minutes", "time", (1.5e7, 6.8e7), _epoch_minutes),
    ("Excel serial", "date", (20_000, 73_051), _serial),
)
