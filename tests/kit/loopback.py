"""A vendor on loopback: HTTP and a websocket in the event loop of the test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a client asked over HTTP."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the vendor answers; `cut` ends the connection in the middle of the body."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False


class Vendor(Protocol):
    """What speaks through the ports."""

    def answer(self, asked: Asked) -> Said:
        """Answer a question over HTTP."""

    def greet(self, request: Request) -> int:
        """Return the status with which a handshake of the websocket is answered; 101 lets in."""

    async def hear(self, socket: ServerConnection) -> None:
        """Talk to one client of the websocket until it leaves."""

    async def stream(self) -> None:
        """Tell subscribers what happens, as time goes by, for ever."""


@contextlib.asynccontextmanager
async def on_loopback(vendor: Vendor) -> AsyncIterator[tuple[str, str]]:
    """Let a vendor speak; the context gives the addresses of its HTTP and of its websocket."""

    def greet(connection: ServerConnection, request: Request) -> Response | None:
        status = vendor.greet(request)
        return None if status == 101 else connection.respond(HTTPStatus(status), "")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await _talk(vendor, reader, writer):
                pass
        writer.close()

    http = await asyncio.start_server(talk, "127.0.0.1", 0)
    sockets = await serve(vendor.hear, "127.0.0.1", 0, process_request=greet, ping_interval=None)
    streaming = asyncio.ensure_future(vendor.stream())
    try:
        yield f"http://{_address(http)}", f"ws://{_address(sockets.server)}"
    finally:
        streaming.cancel()
        await asyncio.gather(streaming, return_exceptions=True)
        sockets.close()
        await sockets.wait_closed()
        http.close()


def _address(server: asyncio.Server) -> str:
    host, port = server.sockets[0].getsockname()[:2]
    return f"{host}:{port}"


async def _talk(vendor: Vendor, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    # One question; whether another may follow.
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *lines = head.split("\r\n")
    method, target, _ = line.split(" ")
    headers = {k.lower(): v.strip() for k, _, v in (one.partition(":") for one in lines if one)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    url = urlsplit(target)
    query = {k: v[0] for k, v in parse_qs(url.query, keep_blank_values=True).items()}
    said = vendor.answer(
        Asked(method=method, path=url.path, query=query, headers=headers, body=body)
    )
    told = {**said.headers, "Content-Length": str(len(said.body))}
    text = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    writer.write(f"HTTP/1.1 {said.status} {HTTPStatus(said.status).phrase}\r\n{text}\r\n".encode())
    writer.write(said.body[: len(said.body) // 2] if said.cut else said.body)
    await writer.drain()
    return not said.cut
