"""An event loop whose time leaps: where nobody has anything to do, the next timer is due at once.

Client and server of a test run in the same loop and talk over real sockets. As long as bytes are
under way, or a thread works for the loop, its time stands still; so days pass in a moment, and what
happens when depends on no machine.
"""

import asyncio
import selectors
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar, TypeVarTuple, Unpack

from server.feeds.live.calls import THREAD

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class _LeapingSelector(selectors.DefaultSelector):
    # Knows how long the loop would sleep, and tells it instead of sleeping.

    def __init__(self) -> None:
        super().__init__()
        self.leap: Callable[[float | None], bool] = lambda _: False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        ready = super().select(0)
        if ready or self.leap(timeout):
            return ready
        return super().select(timeout if timeout is None else min(timeout, 0.002))


class LeapingLoop(asyncio.SelectorEventLoop):
    """The loop; `start_ms` is what time it is when it is made, ms since 1970 UTC."""

    def __init__(self, start_ms: int = 0) -> None:
        self._start_ms, self._leapt_s, self._working = start_ms, 0.0, 0
        selector = _LeapingSelector()
        super().__init__(selector)
        selector.leap = self._leap

    def time(self) -> float:
        return self._leapt_s

    def now_ms(self) -> int:
        """Return what time it is, ms since 1970 UTC."""
        return self._start_ms + round(self._leapt_s * 1_000)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        self._working += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._done)
        return future

    def _done(self, _: object) -> None:
        self._working -= 1

    def _leap(self, timeout: float | None) -> bool:
        if timeout is None or self._working:
            return False
        if any(thread.name == THREAD for thread in threading.enumerate()):
            return False
        self._leapt_s += timeout
        return True
