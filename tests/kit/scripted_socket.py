"""A socket of `push` in time that leaps."""

from collections.abc import Callable

from tests.kit.traded_days import MINUTE_MS


class ScriptedSocket:
    """A socket from which come the frames of a script, each at its time; it leaps to the next.

    Attributes:
        now_ms: What time it is, ms since 1970 UTC.
        endpoint: Where it would listen.
        refused: Senders whose keys were not let in.

    Args:
        frames: When each comes, ms since 1970 UTC, and what it holds.
        stop: What is called behind the last one.
        begin_ms: When it begins.
    """

    def __init__(
        self, frames: list[tuple[int, bytes]], stop: Callable[[], None], begin_ms: int
    ) -> None:
        self.now_ms = begin_ms
        self._frames, self._stop = sorted(frames, key=lambda frame: frame[0])[::-1], stop
        self.endpoint = "tcp://127.0.0.1:5560"
        self.refused = 0
        self._quiet_ms = 0  # since when nothing came

    def take(self, wait_ms: int) -> bytes | None:
        if wait_ms and self._frames:
            # Bars close and form while little comes; nobody waits for hours without a trade.
            next_ms = self._frames[-1][0]
            soon = self.now_ms - self._quiet_ms < 2 * MINUTE_MS
            self.now_ms = max(self.now_ms, min(next_ms, self.now_ms + 10_000 if soon else next_ms))
        if self._frames and self._frames[-1][0] <= self.now_ms:
            self._quiet_ms = self.now_ms
            return self._frames.pop()[1]
        if not self._frames:
            self._stop()
        return None

    def close(self) -> None:
        """Do nothing."""
