"""When bars were stamped, before anybody says what a stamp means."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from models.data.calendars.sessions import utc_ms
from models.data.sources.column_times import NONE
from shared.contract import Int64


@dataclass(frozen=True, kw_only=True, eq=False)
class Moments:
    """When the n bars of one market were stamped.

    Attributes:
        wall_ms: (n,) int64, as written, ms since 1970 by that clock.
        utc_ms: (n,) int64, the same moments, ms since 1970 UTC.
        dates: Whether the file writes dates without a time of day.
    """

    wall_ms: Int64
    utc_ms: Int64
    dates: bool


def to_utc(wall_ms: Int64, zone_ms: Int64 | None, zone: str) -> Int64:
    """Return UTC of written times, all (n,) int64 ms; `NONE` of what no clock has shown.

    Args:
        wall_ms: As written.
        zone_ms: How far that clock is ahead of UTC; `NONE` where it is one of `zone`. None if all
            are of `zone`.
        zone: IANA name.
    """
    if zone_ms is None:
        return _local_to_utc(wall_ms, zone)
    utc = np.where((wall_ms != NONE) & (zone_ms != NONE), wall_ms - zone_ms, NONE)
    local = (wall_ms != NONE) & (zone_ms == NONE)
    if local.any():
        utc[local] = _local_to_utc(wall_ms[local], zone)
    return utc


def _local_to_utc(wall_ms: Int64, zone: str) -> Int64:
    if zone == "UTC":
        return wall_ms
    known = wall_ms != NONE
    if known.all():
        return utc_ms(wall_ms, ZoneInfo(zone))
    utc = np.full(len(wall_ms), NONE)
    utc[known] = utc_ms(wall_ms[known], ZoneInfo(zone))
    return utc
