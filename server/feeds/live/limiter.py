"""How often a vendor may be asked: one limiter for all who ask the same of it, never exceeded."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

_JITTER_S: Final = 0.15  # what the way to the vendor may bring two requests nearer to each other


@dataclass(frozen=True, kw_only=True)
class LimitState:
    """How much of a limit is left.

    Attributes:
        most: Requests that are allowed within a window.
        window_s: Length of the window, s.
        left: Requests that could be made at once now.
        waiting: How many wait for their turn.
        held_s: How long nobody is asked at all, because the vendor said so, s.
    """

    most: int
    window_s: float
    left: int
    waiting: int
    held_s: float


class RateLimiter:
    """Lets at most `most` requests begin within any stretch of `window_s`, first come first served.

    The vendor's own words count: where an answer tells another limit, or how much is left, that
    is what is kept from then on.

    Args:
        most: Requests within a window.
        window_s: Length of the window, s.
    """

    def __init__(self, most: int, window_s: float = 1.0) -> None:
        self._most, self._window_s = most, window_s
        self._begun: deque[float] = deque()  # loop times, rising
        self._held_until = 0.0
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def take(self) -> None:
        """Wait until one more request may be made, and count it."""
        self._waiting += 1
        try:
            async with self._turn:
                while (wait_s := self._wait_s()) > 0:
                    await asyncio.sleep(wait_s)
                self._begun.append(_now_s())
        finally:
            self._waiting -= 1

    def told(
        self, *, most: int | None = None, left: int | None = None, reset_s: float | None = None
    ) -> None:
        """Follow what an answer said of the limit.

        Args:
            most: Requests that are allowed within a window.
            left: Requests that are left of it; at 0 nobody is asked until it is over.
            reset_s: After how long it begins anew, s; the window's length where that is not said.
        """
        if most is not None and most > 0:
            self._most = most
        if left is not None and left <= 0:
            self.hold(self._window_s if reset_s is None else reset_s)

    def hold(self, seconds: float) -> None:
        """Ask nobody for so long, s; a longer wait that was said before stays."""
        self._held_until = max(self._held_until, _now_s() + seconds)

    @property
    def state(self) -> LimitState:
        """How much is left now."""
        now_s = _now_s()
        self._forget(now_s)
        held_s = max(self._held_until - now_s, 0.0)
        return LimitState(
            most=self._most,
            window_s=self._window_s,
            left=0 if held_s else max(self._most - len(self._begun), 0),
            waiting=self._waiting,
            held_s=held_s,
        )

    def _wait_s(self) -> float:
        now_s = _now_s()
        self._forget(now_s)
        wait_s = self._held_until - now_s
        if len(self._begun) >= self._most:
            wait_s = max(wait_s, self._begun[-self._most] + self._window_s + _JITTER_S - now_s)
        return wait_s

    def _forget(self, now_s: float) -> None:
        while self._begun and self._begun[0] + self._window_s + _JITTER_S <= now_s:
            self._begun.popleft()


def _now_s() -> float:
    return asyncio.get_running_loop().time()
