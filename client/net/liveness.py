"""Whether a server is heard on both of its sockets, and when sockets are to be made anew."""

from typing import Final

from client.state.health import LOST_MS

PING_MS: Final = 500  # twice as often as a status comes
# A server that is heard on one socket is there, and so is the way to it: what stays silent on the
# other was damaged on its way, and will never be whole again.
ONE_SIDED_MS: Final = 1_500
_LATELY_MS: Final = 1_250  # a status comes each second
# Sockets whose connection is over are made anew after so long, later each time it happens again.
FIRST_PAUSE_MS: Final = 100
LONGEST_PAUSE_MS: Final = 1_000
# Those that are merely silent may be in order, with a server that is away: they get more time.
LONGEST_SILENCE_MS: Final = 30_000


class Liveness:
    """What proves that both streams are alive; knows no socket and no clock.

    Status comes each second on one, an answer to a ping on the other. Without either for a while
    the sockets are made anew, and sooner where the other stream is heard: a stream may be dead
    though its connection stands, and libzmq gives a socket up for good whose stream was damaged
    once.

    Args:
        now_ms: The time, on a clock that only rises.
    """

    def __init__(self, now_ms: int) -> None:
        self._published_ms: int | None = None
        self._answered_ms: int | None = None
        self._made_ms = now_ms
        self._tries = 0  # sockets that were made since both streams were last heard
        self._pinged_ms = now_ms - PING_MS

    @property
    def newest_ms(self) -> int | None:
        """Return since when one of the streams that were ever heard is silent; None before."""
        known = [ms for ms in (self._published_ms, self._answered_ms) if ms is not None]
        return min(known, default=None)

    def heard_publication(self, now_ms: int) -> None:
        """Note that something published came."""
        self._published_ms = now_ms
        self._rest()

    def heard_answer(self, now_ms: int) -> None:
        """Note that an answer came."""
        self._answered_ms = now_ms
        self._rest()

    def is_ping_due(self, now_ms: int) -> bool:
        """Return whether to ask for a sign of life now, twice each second."""
        if now_ms - self._pinged_ms < PING_MS:
            return False
        self._pinged_ms = now_ms
        return True

    def must_renew(self, now_ms: int, *, are_over: bool) -> bool:
        """Return whether the sockets are to be made anew.

        Args:
            now_ms: The time.
            are_over: Whether the connection of one of them is gone for good.
        """
        first, longest = FIRST_PAUSE_MS, LONGEST_PAUSE_MS
        if not are_over:
            first, longest = LOST_MS, LONGEST_SILENCE_MS
        # Later each time, lest a server that is away costs sockets without an end. The exponent is
        # bounded only so that a desk that waits for months makes no number of a thousand digits.
        patience_ms = min(first << min(self._tries, 16), longest)
        since_ms = self._made_ms if are_over else self._silent_since_ms()
        return now_ms - since_ms >= patience_ms or self._is_one_sided(now_ms)

    def renewed(self, now_ms: int) -> None:
        """Note that the sockets were made anew."""
        self._made_ms = now_ms
        self._tries += 1

    def are_requests_late(self, now_ms: int, late_ms: int) -> bool:
        """Return whether only what is published is heard, and no answer came for `late_ms`."""
        answered_ms = self._answered_ms if self._answered_ms is not None else self._made_ms
        heard = self._published_ms is not None and now_ms - self._published_ms < late_ms
        return heard and now_ms - answered_ms >= late_ms

    def _is_one_sided(self, now_ms: int) -> bool:
        heard = (self._published_ms, self._answered_ms)
        known = [ms for ms in heard if ms is not None and ms >= self._made_ms]
        # New sockets had no time to prove anything.
        went_silent = len(known) == 2 and now_ms - min(known) >= ONE_SIDED_MS
        return went_silent and now_ms - max(known) < _LATELY_MS

    def _silent_since_ms(self) -> int:
        # Of the stream that is silent for longer; sockets that are new had no time to say anything.
        return max(min(self._published_ms or 0, self._answered_ms or 0), self._made_ms)

    def _rest(self) -> None:
        heard = (self._published_ms, self._answered_ms)
        if all(ms is not None and ms >= self._made_ms for ms in heard):
            self._tries = 0
