import asyncio

import numpy as np
import pytest

from server.feeds.live.limiter import RateLimiter
from tests.kit.leaping_loop import LeapingLoop


def begun(limiter_of: tuple[int, float], wanted: int, told_left: int | None = None) -> list[float]:
    """Return when each of `wanted` requests, all asked for at once, was let go."""
    times: list[float] = []

    async def ask(limiter: RateLimiter) -> None:
        await limiter.take()
        times.append(asyncio.get_running_loop().time())
        if told_left is not None and len(times) == 1:
            limiter.told(left=told_left, reset_s=7)

    async def main() -> None:
        limiter = RateLimiter(*limiter_of)
        await asyncio.gather(*(ask(limiter) for _ in range(wanted)))

    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        runner.run(main())
    return times


def test_no_stretch_of_the_window_has_more_requests_than_allowed() -> None:
    times = np.array(begun((10, 1.0), 45))
    assert (times[10:] - times[:-10] >= 1.0).all()
    assert times[-1] == pytest.approx(4 * 1.15)  # no later than the way there makes necessary


def test_nobody_is_asked_once_the_answer_says_that_nothing_is_left() -> None:
    times = begun((1, 1.0), 3, told_left=0)
    assert times == pytest.approx([0.0, 7.0, 8.15])


def test_a_lower_limit_that_an_answer_tells_is_kept() -> None:
    async def main() -> None:
        limiter = RateLimiter(10)
        limiter.told(most=2)
        for _ in range(2):
            await limiter.take()
        assert (limiter.state.left, limiter.state.most) == (0, 2)
        limiter.hold(5)
        await limiter.take()
        assert asyncio.get_running_loop().time() == 5

    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        runner.run(main())
