"""When bars were stamped, before anybody says what a stamp means."""

from dataclasses import dataclass

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
