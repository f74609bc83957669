"""Which desks are connected, by name: for the log and for who counts, and never on the wire."""

import time
from collections.abc import Callable
from typing import Final

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

# A desk asks for a sign of life each second; ZeroMQ tells nobody whose connection has ended.
SILENT_S: Final = 5.0


class Presence:
    """Desks that asked for something in the last few seconds.

    Args:
        clock: Seconds that only rise.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard_s: dict[str, float] = {}

    @property
    def desks(self) -> tuple[str, ...]:
        """Return the names of those that are connected."""
        return tuple(sorted(self._heard_s))

    def heard(self, desk: str) -> None:
        """Note that a desk has asked for something."""
        known = desk in self._heard_s
        self._heard_s[desk] = self._clock()
        if not known:
            log.info("connected", desk=desk, desks=self.desks)

    def look(self) -> None:
        """Strike out those that were silent for too long."""
        since = self._clock() - SILENT_S
        for desk in [name for name, heard_s in self._heard_s.items() if heard_s < since]:
            del self._heard_s[desk]
            log.info("gone", desk=desk, desks=self.desks)
