"""Stands in for Alpaca's market data: REST and websocket on loopback, as its documents describe.

- bars: https://docs.alpaca.markets/reference/stockbars (the oldest first, `limit` in all,
  `X-RateLimit-*`, 401, 429)
- stream: https://docs.alpaca.markets/docs/real-time-stock-pricing-data (MessagePack; `b` at the end
  of a minute, `u` half a minute later where late trades changed it)
"""

import asyncio
import datetime as dt
import math
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgpack
import numpy as np
from aiohttp import web

from models.data.calendars.sessions import sessions_of
from shared.contract import Float64, Int64
from shared.markets import MARKETS
from tests.kit.web_stand_in import WebStandIn

MINUTE_MS = 60_000
KEYS = ("the-key", "the-secret")
_FIELDS = ("o", "h", "l", "c", "v")


@dataclass
class AlpacaStandIn(WebStandIn):
    """The vendor; everything that a test may do to it stands here.

    Attributes:
        halted: Tickers and spans, ms since 1970 UTC, in which they do not trade.
        refuses: Whether no key is let in.
        down: Whether nobody can connect to the websocket.
    """

    halted: dict[str, tuple[int, int]] = field(default_factory=dict)
    refuses: bool = False
    down: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        sessions = sessions_of(MARKETS["us"])
        assert sessions is not None
        self._opens, self._closes = sessions.open_ms, sessions.close_ms

    @property
    def routes(self) -> dict[str, Any]:
        return {"/v2/stocks/bars": self._bars, "/v2/iex": self._stream}

    def truth(self, symbol: str, from_ms: int, to_ms: int) -> tuple[Int64, Float64]:
        """Return the bars of the regular session that closed within (`from_ms`, `to_ms`].

        The minute that begins with its end is one of them: the closing auction prints in it.
        """
        bar_ms, ohlcv = self.bars(symbol, from_ms, to_ms)
        place = np.searchsorted(self._opens, bar_ms - 1, side="right") - 1
        inside = bar_ms <= self._closes[place] + MINUTE_MS
        return bar_ms[inside], ohlcv[inside]

    def bars(self, symbol: str, from_ms: int, to_ms: int) -> tuple[Int64, Float64]:
        """Return all bars that closed then, from five hours before the session to three after."""
        minute = np.arange(from_ms // MINUTE_MS + 1, to_ms // MINUTE_MS + 1)
        bar_ms = minute * MINUTE_MS
        place = np.searchsorted(self._opens - 5 * 3_600_000, bar_ms - 1, side="right") - 1
        traded = bar_ms <= self._closes[place] + 3 * 3_600_000
        seed = sum(symbol.encode())
        traded &= (minute + seed) % 11 != 0
        if symbol in self.halted:
            since, until = self.halted[symbol]
            traded &= (bar_ms <= since) | (bar_ms > until)
        minute, bar_ms = minute[traded], bar_ms[traded]
        close = 100 + seed % 50 + (minute % 17) / 4
        ohlcv = np.column_stack([close - 0.25, close + 0.5, close - 0.5, close, 100 + minute % 70])
        return bar_ms, ohlcv

    def is_corrected(self, symbol: str, bar_ms: int) -> bool:
        """Return whether the first that the stream says of a bar is not all of it."""
        return (bar_ms // MINUTE_MS + len(symbol)) % 5 == 0

    async def _bars(self, request: web.Request) -> web.Response:
        self.asked += 1
        headers = {
            "Date": self.date,
            "X-RateLimit-Limit": "200",
            "X-RateLimit-Remaining": "150",
        }
        told = request.headers.get("APCA-API-KEY-ID"), request.headers.get("APCA-API-SECRET-KEY")
        if self.refuses or told != KEYS:
            return web.json_response({"message": "forbidden."}, status=401, headers=headers)
        if self.answers:
            status, more, body = self.answers.popleft()
            return web.Response(status=status, headers=headers | more, text=body)
        symbol = request.query["symbols"]
        begin, end = (_ms(request.query[name]) for name in ("start", "end"))
        end = min(end, self.loop.now_ms() - MINUTE_MS)
        bar_ms, ohlcv = self.bars(symbol, begin + MINUTE_MS - 1, end + MINUTE_MS)
        bars = [
            _bar(ms, bar, _stamp(ms - MINUTE_MS))
            for ms, bar in zip(bar_ms.tolist(), ohlcv.tolist(), strict=True)
        ]
        bars = bars[: int(request.query["limit"])]
        answer = {"bars": {symbol: bars} if bars else {}, "next_page_token": None}
        return web.json_response(answer, headers=headers)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connected += 1
        self.sockets.add(socket)
        sender: asyncio.Task[None] | None = None
        try:
            await _say(socket, {"T": "success", "msg": "connected"})
            async for message in socket:
                if message.type != aiohttp.WSMsgType.BINARY:
                    continue
                asked = msgpack.unpackb(message.data)
                if asked["action"] == "auth":
                    good = (asked["key"], asked["secret"]) == KEYS and not self.refuses
                    bad = {"T": "error", "code": 402, "msg": "auth failed"}
                    await _say(socket, {"T": "success", "msg": "authenticated"} if good else bad)
                elif asked["action"] == "subscribe":
                    await _say(socket, {"T": "subscription", "bars": asked["bars"]})
                    sender = asyncio.create_task(self._send(socket, asked["bars"]))
        finally:
            self.sockets.discard(socket)
            if sender is not None:
                sender.cancel()
        return socket

    async def _send(self, socket: web.WebSocketResponse, symbols: list[str]) -> None:
        while True:
            now_ms = self.loop.now_ms()
            close_ms = now_ms // MINUTE_MS * MINUTE_MS + MINUTE_MS
            await asyncio.sleep((close_ms + 300 - now_ms) / 1_000)
            late = []
            for symbol in symbols:
                for bar in self.bars(symbol, close_ms - 1, close_ms)[1].tolist():
                    first = list(bar)
                    if self.is_corrected(symbol, close_ms):
                        first[4] -= 40
                        late.append((symbol, bar))
                    await self._tell(socket, "b", symbol, close_ms, first)
            if late:
                await asyncio.sleep(30)
                for symbol, bar in late:
                    await self._tell(socket, "u", symbol, close_ms, bar)

    async def _tell(
        self, socket: web.WebSocketResponse, kind: str, symbol: str, ms: int, bar: list[float]
    ) -> None:
        stamp = msgpack.Timestamp.from_unix_nano((ms - MINUTE_MS) * 1_000_000)
        await _say(socket, {"T": kind, "S": symbol, **_bar(ms, bar, stamp)})


async def _say(socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
    await socket.send_bytes(msgpack.packb([message]))


def _bar(ms: int, bar: list[float], stamp: object) -> dict[str, Any]:
    return {"t": stamp, **dict(zip(_FIELDS, bar, strict=True)), "n": 3, "vw": bar[3]}


def _stamp(ms: int) -> str:
    return dt.datetime.fromtimestamp(ms / 1_000, dt.UTC).isoformat().replace("+00:00", "Z")


def _ms(text: str) -> int:
    return math.ceil(dt.datetime.fromisoformat(text).timestamp() * 1_000)
