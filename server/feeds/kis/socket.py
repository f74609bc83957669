"""The one websocket of KIS: registrations, PINGPONG, and never a storm of connections.

The vendor blocks a key whose program connects and leaves in a loop (its notice of 2026-02-24), so
a connection is kept over everything that is not its own fault, and a new one waits the longer the
shorter the ones before it lived.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from server.feeds.kis.answers import (
    ALREADY_REGISTERED,
    DONE,
    KEY_IN_USE,
    KEY_UNKNOWN,
    KisSocketAnswer,
    KisSocketBody,
    registration,
)
from server.feeds.kis.frames import KisTrade, trades_in
from server.feeds.live.faults import FaultKind, SourceError
from shared.errors import WireError

NAME: Final = "kis"
_OPEN_S: Final = 20.0
_SILENT_S: Final = 120.0  # PINGPONG comes more often
_BETWEEN_S: Final = 0.05  # two registrations
_FIRST_WAIT_S: Final = 10.0
_MOST_WAIT_S: Final = 900.0
_LIVED_S: Final = 600.0  # a connection that lived so long was none of a storm
_PINGPONG: Final = "PINGPONG"
_FATAL: Final[dict[str, FaultKind]] = {KEY_IN_USE: "key_revoked", KEY_UNKNOWN: "key_refused"}


class ConnectPace:
    """How long to wait before connecting, by how the connections before went."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._short = 0

    async def wait(self) -> None:
        """Wait until a connection may be made, and count it."""
        loop = asyncio.get_running_loop()
        if self._since_s is not None:
            lived_s = loop.time() - self._since_s
            self._short = 0 if lived_s >= _LIVED_S else self._short + 1
            most_s = min(_FIRST_WAIT_S * 2**self._short, _MOST_WAIT_S)
            await asyncio.sleep(max(most_s - lived_s, 0.0) if self._short else 0.0)
        self._since_s = loop.time()


class KisSocket:
    """The connection, and what is registered over it.

    Args:
        address: Of the websocket.
        tr_id: The kind of trades.
        pace: Of connecting; shared by all connections of a key.
    """

    def __init__(self, address: str, tr_id: str, pace: ConnectPace) -> None:
        self._address, self._tr_id, self._pace = address, tr_id, pace
        self._connection: ClientConnection | None = None
        self._registered: tuple[str, ...] = ()

    def has(self, symbols: Sequence[str]) -> bool:
        """Return whether it is open and has exactly these tickers registered."""
        return self._connection is not None and self._registered == tuple(symbols)

    async def open(self, approval: Callable[[], Awaitable[str]], symbols: Sequence[str]) -> None:
        """Connect, and register tickers.

        Args:
            approval: Returns a key of the websocket, and is asked once it may be used.
            symbols: Whom to register.

        Raises:
            SourceError: It cannot be reached.
        """
        await self.close()
        await self._pace.wait()
        approval_key = await approval()
        try:
            # It has a heartbeat of its own.
            self._connection = await connect(
                self._address, open_timeout=_OPEN_S, ping_interval=None, max_size=1 << 20
            )
            for symbol in symbols:
                await self._connection.send(registration(approval_key, self._tr_id, symbol))
                await asyncio.sleep(_BETWEEN_S)
        except (OSError, TimeoutError, InvalidHandshake) as e:
            await self.close()
            raise SourceError("unreachable", NAME, f"websocket {type(e).__name__}") from e
        except WebSocketException as e:
            await self.close()
            raise SourceError("cut", NAME, f"websocket {type(e).__name__}") from e
        self._registered = tuple(symbols)

    async def close(self) -> None:
        """Leave."""
        connection, self._connection, self._registered = self._connection, None, ()
        if connection is not None:
            await connection.close()

    async def frames(self) -> AsyncGenerator[list[KisTrade] | KisSocketAnswer, None]:
        """Yield trades, and what became of registrations that were refused.

        Raises:
            SourceError: The connection is of no use any more; it is closed.
        """
        while True:
            text = await self._receive()
            if text[:1] == "0":
                yield await self._trades(text)
            elif text[:1] != "1":  # of encrypted frames none is asked for
                answer = await self._answer(text)
                if answer is not None:
                    yield answer

    async def _receive(self) -> str:
        connection = self._connection
        if connection is None:
            raise SourceError("cut", NAME, "websocket is not open")
        try:
            async with asyncio.timeout(_SILENT_S):
                return str(await connection.recv())
        except TimeoutError as e:
            await self.close()
            raise SourceError("silent", NAME, "websocket") from e
        except (WebSocketException, OSError) as e:
            await self.close()
            raise SourceError("cut", NAME, f"websocket {type(e).__name__}") from e

    async def _trades(self, text: str) -> list[KisTrade]:
        try:
            return trades_in(text)
        except WireError as e:
            await self.close()
            raise SourceError("nonsense", NAME, str(e)) from e

    async def _answer(self, text: str) -> KisSocketAnswer | None:
        # What was refused; None where nothing was.
        try:
            answer = msgspec.json.decode(text, type=KisSocketAnswer)
        except msgspec.DecodeError as e:
            await self.close()
            raise SourceError("nonsense", NAME, str(e)) from e
        if answer.header.tr_id == _PINGPONG:
            await self._echo(text)
            return None
        body = answer.body or KisSocketBody()
        if body.rt_cd == DONE or body.msg_cd == ALREADY_REGISTERED:
            return None
        if body.msg_cd in _FATAL:
            await self.close()
            raise SourceError(_FATAL[body.msg_cd], NAME, f"{body.msg_cd} {body.msg1}")
        return answer

    async def _echo(self, text: str) -> None:
        if self._connection is not None:
            try:
                await self._connection.send(text)
            except WebSocketException as e:
                await self.close()
                raise SourceError("cut", NAME, f"websocket {type(e).__name__}") from e
