"""What is said seldom, however often it happens."""

import time
from collections.abc import Callable
from typing import Final

SAY_EVERY_S: Final = 10.0


class Throttle:
    """Lets each kind of complaint through once in a while; who complains counts the others.

    Args:
        every_s: How long a kind is silent after it was let through.
        clock: Seconds that only rise.
    """

    def __init__(
        self, every_s: float = SAY_EVERY_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._every_s, self._clock = every_s, clock
        self._silent_until: dict[str, float] = {}

    def lets(self, kind: str) -> bool:
        """Return whether a complaint of this kind may be said now; kinds are few, named in code."""
        now = self._clock()
        if now < self._silent_until.get(kind, now):
            return False
        self._silent_until[kind] = now + self._every_s
        return True
