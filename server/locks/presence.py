"""Which desks are connected, by name: for the log and for who counts, and never on the wire."""

import time
from collections.abc import Callable, Iterable
from typing import Final

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

# A desk asks for a sign of life each second; ZeroMQ tells nobody whose connection has ended.
SILENT_S: Final = 5.0


class Presence:
    """Desks, or others, that asked for something in the last few seconds.

    Args:
        clock: Seconds that only rise.
        who: What the log calls one of them.
        silent_s: After how long without a word one counts as gone.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        who: str = "desk",
        silent_s: float = SILENT_S,
    ) -> None:
        self._clock, self._who, self._silent_s = clock, who, silent_s
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
            self._say("connected", desk)

    def strike(self, desks: Iterable[str]) -> None:
        """Strike out those that are let in no longer."""
        for desk in desks:
            self._heard_s.pop(desk, None)

    def look(self) -> None:
        """Strike out those that were silent for too long."""
        since = self._clock() - self._silent_s
        for desk in [name for name, heard_s in self._heard_s.items() if heard_s < since]:
            del self._heard_s[desk]
            self._say("gone", desk)

    def _say(self, what: str, desk: str) -> None:
        log.info(what, **{self._who: desk, f"{self._who}s": self.desks})
