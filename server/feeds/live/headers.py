"""What the headers of a vendor's answer say of time and of limits, and a question over HTTP."""

import email.utils
from collections.abc import Callable, Mapping
from typing import Final

import httpx

from models.data.times import to_ms
from server.feeds.live.faults import SourceError
from server.feeds.live.limiter import RateLimiter

_LONGEST_S: Final = 3_600.0  # nobody is believed who says to wait longer
_ROUNDED_MS: Final = 3_000  # less is the way and the second


class VendorTime:
    """The vendor's time by the headers of its answers, whatever this machine's clock shows.

    Args:
        now_ms: The time of this machine, ms since 1970 UTC.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._here_ms, self._off_ms = now_ms, 0
        self._is_told = False

    def hear(self, headers: Mapping[str, str]) -> None:
        """Read `Date`, which is told to the second."""
        if (there_ms := date_ms(headers)) is None:
            return
        self._is_told = True
        off_ms = there_ms - self._here_ms()
        self._off_ms = off_ms if abs(off_ms) > _ROUNDED_MS else 0

    def now_ms(self) -> int:
        """Return what time it is there, to some seconds, ms since 1970 UTC."""
        return self._here_ms() + self._off_ms

    @property
    def told_ms(self) -> int | None:
        """What time it is there, ms since 1970 UTC; None while no answer told it."""
        return self.now_ms() if self._is_told else None


async def ask(
    http: httpx.AsyncClient, request: httpx.Request, limiter: RateLimiter, source: str
) -> httpx.Response:
    """Return the answer of a vendor, whatever its status, when the limiter gives a turn.

    Raises:
        SourceError: There is no answer, or half of one.
    """
    await limiter.take()
    try:
        answer = await http.send(request)
    except (httpx.ConnectError, httpx.TimeoutException) as e:
        raise SourceError("unreachable", source, type(e).__name__) from e
    except httpx.TransportError as e:
        raise SourceError("cut", source, type(e).__name__) from e
    follow_limits(limiter, answer.headers)
    return answer


def follow_limits(limiter: RateLimiter, headers: Mapping[str, str]) -> None:
    """Have a limiter follow `X-RateLimit-*`; a header that is no number says nothing."""
    most, left = _number(headers, "x-ratelimit-limit"), _number(headers, "x-ratelimit-remaining")
    limiter.told(
        most=None if most is None else int(most),
        left=None if left is None else int(left),
        reset_s=_number(headers, "x-ratelimit-reset"),
    )


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return what `Retry-After` says to wait, s; None where it does not say."""
    return _number(headers, "retry-after")


def date_ms(headers: Mapping[str, str]) -> int | None:
    """Return the vendor's time from `Date`, to the second, ms since 1970 UTC."""
    try:
        return to_ms(email.utils.parsedate_to_datetime(headers["date"]))
    except (KeyError, ValueError):
        return None


def _number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        value = float(headers[name])
    except (KeyError, ValueError):
        return None
    return min(value, _LONGEST_S) if value >= 0 else None
