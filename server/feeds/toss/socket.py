"""The websocket of Toss: what is declared, what comes, and how it is kept alive; no clock of ours.

A declaration replaces all earlier ones. The token is looked at when the connection is made, and
never again. The server closes after 180 s in which nothing was sent to it, whatever it sent
itself.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException

from server.feeds.live.faults import FaultKind, SourceError
from server.feeds.toss.answers import (
    TossFrame,
    TossPong,
    TossSocketRefusal,
    TossSubscribed,
    TossTick,
    declaration,
)

NAME: Final = "toss"
MOST_TOPICS: Final = 100  # a connection
PING_S: Final = 60.0
_SILENT_S: Final = 150.0  # two pings without an answer, and a half
_OPEN_S: Final = 20.0
_HANDSHAKE: Final[dict[int, FaultKind]] = {
    401: "key_revoked",
    403: "not_registered",
    503: "server_error",
}


class TossSocket:
    """One connection and what is subscribed to over it.

    Attributes:
        symbols: What was declared.

    Args:
        address: Of the websocket.
        symbols: At most 100.
    """

    def __init__(self, address: str, symbols: Sequence[str]) -> None:
        self.symbols = tuple(symbols)[:MOST_TOPICS]
        self._address = address
        self._connection: ClientConnection | None = None

    async def open(self, token: str) -> None:
        """Connect.

        Raises:
            SourceError: It cannot be reached, or refuses.
        """
        headers = {"Authorization": f"Bearer {token}"}
        try:
            # It has a heartbeat of its own.
            self._connection = await connect(
                self._address,
                additional_headers=headers,
                open_timeout=_OPEN_S,
                ping_interval=None,
                max_size=1 << 20,
            )
        except InvalidStatus as e:
            status = e.response.status_code
            raise SourceError(_HANDSHAKE.get(status, "cut"), NAME, f"websocket {status}") from e
        except (OSError, TimeoutError, InvalidHandshake) as e:
            raise SourceError("unreachable", NAME, f"websocket {type(e).__name__}") from e

    async def close(self) -> None:
        """Leave."""
        if self._connection is not None:
            await self._connection.close()

    async def frames(self) -> AsyncGenerator[TossSubscribed | TossTick, None]:
        """Declare what is wanted, and yield what comes; `PING` is sent and answered within.

        Raises:
            SourceError: It was cut, says nothing, or refused the declaration.
        """
        connection = self._connection
        if connection is None:
            raise SourceError("cut", NAME, "websocket is not open")
        pings = asyncio.create_task(_ping(connection))
        try:
            await connection.send(declaration(self.symbols))
            while True:
                async with asyncio.timeout(_SILENT_S):
                    text = await connection.recv()
                for frame in told(text):
                    yield frame
        except TimeoutError as e:
            raise SourceError("silent", NAME, "websocket") from e
        except (WebSocketException, OSError) as e:
            raise SourceError("cut", NAME, f"websocket {type(e).__name__}") from e
        finally:
            pings.cancel()
            await asyncio.gather(pings, return_exceptions=True)


async def _ping(connection: ClientConnection) -> None:
    while True:
        await asyncio.sleep(PING_S)
        await connection.send("PING")


def told(text: str | bytes) -> Iterator[TossSubscribed | TossTick]:
    """Yield what a frame says that concerns us.

    Raises:
        SourceError: It says that the declaration is refused or that the server leaves, or is none.
    """
    try:
        frame = msgspec.json.decode(text, type=TossFrame)
    except msgspec.DecodeError as e:
        if _is_foreign(text):
            return  # of a kind that came later
        raise SourceError("nonsense", NAME, str(e)) from e
    match frame:
        case TossSocketRefusal():
            code = frame.error.code
            kind: FaultKind = "limited" if code == "rate-limit-exceeded" else "cut"
            raise SourceError(kind, NAME, f"websocket {code}", retry_s=1.0)
        case TossPong():
            return
        case _:
            yield frame


class _AnyFrame(msgspec.Struct, frozen=True):
    type: str


def _is_foreign(text: str | bytes) -> bool:
    try:
        kind = msgspec.json.decode(text, type=_AnyFrame).type
    except msgspec.DecodeError:
        return False
    return kind not in {"subscriptions", "message", "error", "pong"}
