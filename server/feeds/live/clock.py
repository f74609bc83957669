"""What time it is, and the loop that waits: both can be a test's."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, kw_only=True)
class LiveClock:
    """Where a live feed has its time from.

    Attributes:
        now_ms: Return the time of this machine, ms since 1970 UTC.
        new_loop: Return the event loop that everything runs in.
    """

    now_ms: Callable[[], int] = _wall_ms
    new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop


WALL = LiveClock()
