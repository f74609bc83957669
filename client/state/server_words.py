"""What stands at the foot of the desk: what the server says of itself, and where it is."""

from collections.abc import Sequence
from typing import Final

from client.state import text
from client.state.freshness import Freshness
from shared.contract import interval_seconds
from shared.protocol.answers import Universe
from shared.protocol.messages import Status

_GAP: Final = " " * 6


def server_words(status: Status, universe: Universe | None, model: Sequence[str]) -> str:
    """Return how long a cycle takes, the model, the source of bars and the newest bar.

    Args:
        status: What the server said last.
        universe: What its rows are of; None before the first.
        model: What is said of the model; may be nothing.
    """
    parts = [f"cycle {status.cycle_ms:.0f} ms", *model]
    parts.append(status.feed if status.state == "live" else f"{status.feed} ({status.state})")
    newest_ms = status.stamp.newest_bar_ms
    if universe is not None and newest_ms:
        seconds, zone = interval_seconds(universe.interval), text.zone_of(universe.timezone)
        parts.append(f"bar {text.bar_time(newest_ms, seconds, zone)}")
    return _GAP.join(parts)


def place_words(fresh: Freshness, universe: Universe | None, now_ms: int) -> str:
    """Return where the server is, and the time at the market unless it is of another time.

    Args:
        fresh: The state of link and data.
        universe: What the rows are of; None before the first.
        now_ms: The time, ms since 1970 UTC.
    """
    zone = text.zone_of(universe.timezone if universe else "UTC")
    # The clock of now beside a market of another time would say that it is of now.
    clock = "" if fresh.played else text.clock_and_zone(now_ms, zone)
    return " · ".join(part for part in (fresh.health.endpoint, clock) if part)
