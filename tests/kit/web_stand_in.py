"""What the stand-ins on aiohttp share: where they listen, and what they say of each answer."""

import abc
import datetime as dt
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.kit.leaping_loop import LeapingLoop


@dataclass
class WebStandIn(abc.ABC):
    """A vendor on loopback, REST and websocket.

    Attributes:
        loop: What time it is.
        answers: What the next questions get instead: status, headers, body.
        asked: Questions for bars.
        connected: How often the websocket was connected to.
        sockets: Its connections that are open.
        url: Where it listens, once it has begun.
    """

    loop: LeapingLoop
    answers: deque[tuple[int, dict[str, str], str]] = field(default_factory=deque)
    asked: int = 0
    connected: int = 0
    sockets: set[web.WebSocketResponse] = field(default_factory=set)
    url: str = ""

    def __post_init__(self) -> None:
        app = web.Application()
        for path, handler in self.routes.items():
            app.router.add_get(path, handler)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    @property
    @abc.abstractmethod
    def routes(self) -> dict[str, Any]:
        """Return who answers which path."""

    @property
    def date(self) -> str:
        """Return the time as the header of an answer has it."""
        now = dt.datetime.fromtimestamp(self.loop.now_ms() / 1_000, dt.UTC)
        return f"{now:%a, %d %b %Y %H:%M:%S} GMT"

    async def begin(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def end(self) -> None:
        await self.cut()
        await self._runner.cleanup()

    async def cut(self) -> None:
        """Drop all connections of the websocket, without a word."""
        for socket in list(self.sockets):
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()
