"""Local clock times and UTC, of many moments at once."""

import functools
from typing import Final, Literal
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from models.data.blocks import blocks
from shared.contract import Bool, Int64

DAY_MS: Final = 86_400_000
NEVER: Final = np.iinfo(np.int64).min  # a time that no clock showed
_SPAN: Final = 1 << 12  # days of which it is kept how far a clock is from UTC
_KNOWN_DAYS: Final = range(-25_567, 73_049)  # of 1900 to 2169; others are rarely asked for

_Wanted = Literal["earliest", "latest", "local"]  # UTC, of what came twice; or the local clock


def utc_ms(wall_ms: Int64, zone: ZoneInfo, *, twice: Literal["first", "later"] = "first") -> Int64:
    """Return UTC of local clock times, both (n,) int64 ms; `NEVER` of times that a clock skipped.

    Args:
        wall_ms: The times.
        zone: Of the clock.
        twice: Which one is meant of a time that came twice.
    """
    return _by_days(wall_ms, zone, "earliest" if twice == "first" else "latest")


def local_ms(ms: Int64, zone: ZoneInfo) -> Int64:
    """Return the local clock times of UTC, both (n,) int64 ms."""
    return _by_days(ms, zone, "local")


def _by_days(ms: Int64, zone: ZoneInfo, wanted: _Wanted) -> Int64:
    # A day that ends as far from UTC as it began is so all day long: clocks do not change twice.
    if len(ms) == 0:
        return ms
    first, last = int(ms.min()) // DAY_MS, int(ms.max()) // DAY_MS
    if not _KNOWN_DAYS.start <= first <= last < _KNOWN_DAYS.stop:
        return _converted(ms, zone, wanted)
    before = first // _SPAN
    spans = [_moves(zone, wanted, span) for span in range(before, last // _SPAN + 1)]
    by, odd = (np.concatenate(parts) for parts in zip(*spans, strict=True))
    here = slice(first - before * _SPAN, last + 1 - before * _SPAN)
    if not odd[here].any() and (by[here] == by[here][0]).all():
        return ms + int(by[here][0])
    moved, among = np.empty_like(ms), []
    for own in blocks(len(ms)):
        day = ms[own] // DAY_MS - before * _SPAN
        moved[own] = ms[own] + by[day]
        among.append(own.start + np.flatnonzero(odd[day]))
    again = np.concatenate(among)
    if len(again):
        moved[again] = _converted(ms[again], zone, wanted)
    return moved


@functools.lru_cache(maxsize=256)  # some decades of some zones, 37 KB each
def _moves(zone: ZoneInfo, wanted: _Wanted, span: int) -> tuple[Int64, Bool]:
    # By how many ms each day of a span is moved, and whether that changes within the day.
    midnights = DAY_MS * (_SPAN * span + np.arange(_SPAN + 1))
    there = _converted(midnights, zone, wanted)
    steady = (there != NEVER)[:-1] & (np.diff(there) == DAY_MS)
    return (there - midnights)[:-1], ~steady


def _converted(ms: Int64, zone: ZoneInfo, wanted: _Wanted) -> Int64:
    if wanted == "local":
        utc = pl.Series(ms).cast(pl.Datetime("ms", "UTC"))
        converted = utc.dt.convert_time_zone(zone.key).dt.replace_time_zone(None)
    else:
        naive = pl.Series(ms).cast(pl.Datetime("ms"))
        converted = naive.dt.replace_time_zone(zone.key, ambiguous=wanted, non_existent="null")
    whole = converted.cast(pl.Int64)
    there: Int64 = (whole.fill_null(NEVER) if whole.null_count() else whole).to_numpy()
    return there
