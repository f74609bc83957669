"""Stands in for an exchange that streams bars: Binance US, spot, as Binance's documents describe.

- https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints
  (`klines`, by the open, oldest first, the running one too)
- https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams (`kline`, again and
  again while a bar runs; the final one, with `x`, may come after the first of the next bar)
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import aiohttp
import numpy as np
from aiohttp import web

from shared.contract import Float64, Int64
from tests.kit.web_stand_in import WebStandIn

MINUTE_MS = 60_000


@dataclass
class BinanceStandIn(WebStandIn):
    """The exchange.

    Attributes:
        codes: Its markets.
        contract: What its stream counts as one, in coins.
    """

    codes: tuple[str, ...] = ("BTCUSDT", "ETHUSDT", "XRPUSDT")
    contract: float = 1.0

    @property
    def routes(self) -> dict[str, Any]:
        return {
            "/api/v3/exchangeInfo": self._markets,
            "/api/v3/klines": self._klines,
            "/ws/{n}": self._stream,
        }

    def bars(self, code: str, from_ms: int, to_ms: int) -> tuple[Int64, Float64]:
        """Return closes and bars that closed within (`from_ms`, `to_ms`], of a code or a symbol."""
        seed = sum(code.replace("/", "").encode())
        minute = np.arange(from_ms // MINUTE_MS + 1, to_ms // MINUTE_MS + 1)
        minute = minute[(minute + seed) % 7 != 0]
        close = 1_000.0 + seed + (minute * 5) % 40
        columns = (close - 1, close + 2, close - 3, close, 10.0 + minute % 13)
        return minute * MINUTE_MS, np.column_stack(columns)

    async def _markets(self, _: web.Request) -> web.Response:
        self.asked += 1
        symbols = [
            {
                "symbol": code,
                "status": "TRADING",
                "baseAsset": code[:-4],
                "quoteAsset": code[-4:],
                "isSpotTradingAllowed": True,
                "permissions": ["SPOT"],
                "filters": [],
            }
            for code in self.codes
        ]
        return web.json_response({"symbols": symbols}, headers={"Date": self.date})

    async def _klines(self, request: web.Request) -> web.Response:
        self.asked += 1
        begin_ms, now_ms = int(request.query["startTime"]), self.loop.now_ms()
        bar_ms, ohlcv = self.bars(
            request.query["symbol"], begin_ms + MINUTE_MS - 1, now_ms + MINUTE_MS
        )
        rows = [
            [ms - MINUTE_MS, *map(str, bar), ms - 1, "0", 3, "0", "0", "0"]
            for ms, bar in zip(bar_ms.tolist(), ohlcv.tolist(), strict=True)
        ]
        answer = rows[: int(request.query["limit"])]
        return web.json_response(answer, headers={"Date": self.date})

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connected += 1
        self.sockets.add(socket)
        sender: asyncio.Task[None] | None = None
        try:
            async for message in socket:
                if message.type != aiohttp.WSMsgType.TEXT:
                    continue
                asked = json.loads(message.data)
                await socket.send_json({"result": None, "id": asked["id"]})
                codes = [stream.partition("@")[0].upper() for stream in asked["params"]]
                sender = asyncio.create_task(self._send(socket, codes))
        finally:
            self.sockets.discard(socket)
            if sender is not None:
                sender.cancel()
        return socket

    async def _send(self, socket: web.WebSocketResponse, codes: list[str]) -> None:
        while True:
            now_ms = self.loop.now_ms()
            running_ms = now_ms // MINUTE_MS * MINUTE_MS + MINUTE_MS
            for code in codes:
                await self._frame(socket, code, running_ms, is_final=False)
                if now_ms % MINUTE_MS < 5_000:
                    await self._frame(socket, code, running_ms - MINUTE_MS, is_final=True)
            await asyncio.sleep(5 - now_ms % 5_000 / 1_000)

    async def _frame(
        self, socket: web.WebSocketResponse, code: str, close_ms: int, *, is_final: bool
    ) -> None:
        for bar in self.bars(code, close_ms - 1, close_ms)[1].tolist():
            if not is_final:
                bar[3], bar[4] = bar[3] - 1, bar[4] - 2
            kline = {
                "t": close_ms - MINUTE_MS,
                "T": close_ms - 1,
                "s": code,
                "i": "1m",
                **dict(zip("ohlc", map(str, bar[:4]), strict=True)),
                "v": str(bar[4] / self.contract),
                "x": is_final,
            }
            await socket.send_json({"e": "kline", "E": self.loop.now_ms(), "s": code, "k": kline})
