import asyncio

import pytest

from server.feeds.live.faults import SourceError
from server.feeds.live.jobs import Tell, events_of
from server.feeds.live.source import Alive
from tests.kit.leaping_loop import LeapingLoop
from tests.kit.made_vendors import play


def test_the_first_job_that_fails_ends_all_and_what_was_told_is_not_lost() -> None:
    ended = []

    async def heartbeat(tell: Tell) -> None:
        try:
            while True:
                await tell(Alive())
                await asyncio.sleep(1)
        finally:
            ended.append("heartbeat")

    async def failing(_: Tell) -> None:
        await asyncio.sleep(2.5)
        raise SourceError("cut", "made")

    async def work(_: LeapingLoop) -> int:
        told = []

        async def take() -> None:
            async for event in events_of(heartbeat, failing):
                told.append(event)  # noqa: PERF401 - what came before the end counts

        with pytest.raises(SourceError):
            await take()
        assert len(asyncio.all_tasks()) == 1  # none is left behind
        return len(told)

    assert play(0, work) == 3
    assert ended == ["heartbeat"]


def test_closing_the_stream_ends_its_jobs() -> None:
    async def waiting(_: Tell) -> None:
        await asyncio.Event().wait()

    async def work(_: LeapingLoop) -> int:
        events = events_of(waiting, waiting)
        first = asyncio.ensure_future(anext(events))
        await asyncio.sleep(1)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await events.aclose()
        return len(asyncio.all_tasks())

    assert play(0, work) == 1
