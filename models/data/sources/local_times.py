"""From times as a local clock showed them to UTC, also in the hour that a clock shows twice."""

from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from models.data.calendars.zone_clocks import DAY_MS, utc_ms
from models.data.sources.column_times import NONE
from models.data.table import Int32
from shared.contract import Bool, Int64

_NOON_MS: Final = DAY_MS // 2


def to_utc(wall_ms: Int64, zone_ms: Int64 | None, zone: str, code: Int32) -> Int64:
    """Return UTC of n written times, (n,) int64 ms; `NONE` of what no clock has shown.

    When clocks go back an hour comes twice. Where a ticker has a time twice then, the rows are
    those of both; where it has it once, the later one is meant, so that no bar counts too early.

    Args:
        wall_ms: (n,) int64, as written, ms since 1970 by that clock.
        zone_ms: (n,) int64, how far that clock is ahead of UTC; `NONE` where it is one of `zone`.
            None if all are of `zone`.
        zone: IANA name.
        code: (n,) int32, the ticker of each.
    """
    if zone_ms is None:
        return _local_to_utc(wall_ms, zone, code)
    utc = np.where((wall_ms != NONE) & (zone_ms != NONE), wall_ms - zone_ms, NONE)
    local = (wall_ms != NONE) & (zone_ms == NONE)
    if local.any():
        utc[local] = _local_to_utc(wall_ms[local], zone, code[local])
    return utc


def _local_to_utc(wall_ms: Int64, zone: str, code: Int32) -> Int64:
    if zone == "UTC":
        return wall_ms
    known = wall_ms != NONE
    if known.all():
        return _of_clock(wall_ms, ZoneInfo(zone), code)
    utc = np.full(len(wall_ms), NONE)
    utc[known] = _of_clock(wall_ms[known], ZoneInfo(zone), code[known])
    return utc


def _of_clock(wall_ms: Int64, zone: ZoneInfo, code: Int32) -> Int64:
    if len(wall_ms) == 0:
        return wall_ms
    utc = utc_ms(wall_ms, zone, twice="later")
    back = _days_going_back(wall_ms, zone)
    if len(back) == 0:
        return utc
    near = np.flatnonzero(np.isin((wall_ms + _NOON_MS) // DAY_MS, back))
    twice = near[utc[near] != utc_ms(wall_ms[near], zone)]
    first = twice[_is_first(wall_ms[twice], code[twice], rises=bool(wall_ms[-1] >= wall_ms[0]))]
    if len(first):
        utc = utc.copy()
        utc[first] = utc_ms(wall_ms[first], zone)
    return utc


def _days_going_back(wall_ms: Int64, zone: ZoneInfo) -> Int64:
    # Dates before whose noon, and after that of the day before, the clock went back. To ask of
    # every row would cost as much as all else about it.
    days = np.arange(wall_ms.min() // DAY_MS - 1, wall_ms.max() // DAY_MS + 2)
    noons = days * DAY_MS + _NOON_MS
    ahead = noons - utc_ms(noons, zone, twice="later")
    return days[1:][np.diff(ahead) < 0]


def _is_first(wall_ms: Int64, code: Int32, *, rises: bool) -> Bool:
    # (k,) bool, the times that come again later; files are written oldest or newest first.
    places = np.arange(len(wall_ms)) * (1 if rises else -1)
    order = np.lexsort((places, wall_ms, code))
    again = (np.diff(wall_ms[order]) == 0) & (np.diff(code[order]) == 0)
    first = np.zeros(len(wall_ms), np.bool_)
    first[order[:-1][again]] = True
    return first
