"""Several jobs that feed one stream of live events; the first that fails ends them all."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from server.feeds.live.source import LiveEvent

_WAITING: Final = 256  # events; then the jobs wait

Tell = Callable[[LiveEvent], Awaitable[None]]
StreamJob = Callable[[Tell], Awaitable[None]]


async def events_of(*jobs: StreamJob) -> AsyncGenerator[LiveEvent, None]:
    """Yield what the jobs tell, in the order in which they do, until one fails or it is closed.

    Args:
        jobs: Each runs for ever in a task of its own.

    Raises:
        SourceError: What a job raised; the others were ended.
    """
    told: asyncio.Queue[LiveEvent] = asyncio.Queue(_WAITING)
    tasks = [asyncio.ensure_future(job(told.put)) for job in jobs]
    event = asyncio.ensure_future(told.get())
    try:
        while True:
            await asyncio.wait({event, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            if event.done():
                yield event.result()
                event = asyncio.ensure_future(told.get())
                continue
            for task in tasks:
                if task.done():
                    task.result()  # raises; a job has no other end
                    return
    finally:
        event.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(event, *tasks, return_exceptions=True)
