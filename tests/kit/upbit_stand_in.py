"""Stands in for Upbit: REST and websocket on loopback, as its documents describe them.

- candles: https://docs.upbit.com/kr/reference/list-candles-minutes (`to` exclusive, newest first,
  at most 200, none where nothing traded); up to a minute after its end the newest one still lacks
  trades (seen, docs/feeds.md)
- limits: https://docs.upbit.com/kr/reference/rate-limits (`Remaining-Req`, 429)
- trades: https://docs.upbit.com/kr/reference/websocket-trade (SNAPSHOT, then REALTIME)
"""

import asyncio
import datetime as dt
import json
from collections import deque
from dataclasses import dataclass
from typing import Any

import aiohttp
import numpy as np
from aiohttp import web

from shared.contract import Float64, Int64
from tests.kit.web_stand_in import WebStandIn

MINUTE_MS = 60_000
_SETTLES_MS = 60_000
_PER_SECOND = 10
_OFFSETS_MS = (0, 13_250, 41_000, 59_900)  # of a minute; one is exactly at its beginning

UpbitTrade = tuple[int, float, float, int]


@dataclass
class UpbitStandIn(WebStandIn):
    """The exchange; everything that a test may do to it stands here.

    Attributes:
        codes: Its markets, such as KRW-BTC.
        refused: Questions that were answered by 429 because they came too fast.
        dumb: While it is set, the websocket says nothing.
        twice: While it is set, each frame is sent twice, and every other one late.
    """

    codes: tuple[str, ...] = ("KRW-BTC", "KRW-ETH", "KRW-XRP")
    refused: int = 0
    dumb: bool = False
    twice: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._begun: deque[int] = deque()

    @property
    def routes(self) -> dict[str, Any]:
        return {
            "/v1/market/all": self._markets,
            "/v1/ticker/all": self._tickers,
            "/v1/candles/minutes/{unit}": self._candles,
            "/websocket/v1": self._websocket,
        }

    def trades(self, code: str, from_ms: int, to_ms: int) -> list[UpbitTrade]:
        """Return the truth: time, price, volume and id of trades within [`from_ms`, `to_ms`)."""
        seed = sum(code.encode())
        found = []
        for minute in range(from_ms // MINUTE_MS, -(-to_ms // MINUTE_MS)):
            if (minute + seed) % 4 == 0:  # nothing trades
                continue
            for nth, offset in enumerate(_OFFSETS_MS):
                ms = minute * MINUTE_MS + offset
                if from_ms <= ms < to_ms and (minute + nth) % 5:
                    price = 1_000.0 * seed + (minute * 7 + nth * 3) % 50
                    volume = 0.25 * (1 + (minute + nth) % 9)
                    found.append((ms, price, volume, ms * 10_000 + nth))
        return found

    def bars(
        self, code: str, from_ms: int, to_ms: int, unit: int = 1, until_ms: int = 1 << 62
    ) -> tuple[Int64, Float64]:
        """Return closes and bars that closed within (`from_ms`, `to_ms`], made of the trades.

        Args:
            code: The market, or ccxt's symbol.
            from_ms: ms since 1970 UTC.
            to_ms: ms since 1970 UTC.
            unit: Minutes of a bar.
            until_ms: Trades from then on are not there yet.
        """
        if "/" in code:
            code = "-".join(reversed(code.split("/")))
        length = unit * MINUTE_MS
        times, rows = [], []
        for close in range((from_ms // length + 1) * length, to_ms + 1, length):
            trades = self.trades(code, close - length, min(close, until_ms))
            if trades:
                prices = [t[1] for t in trades]
                times.append(close)
                rows.append(
                    [
                        *(prices[0], max(prices), min(prices), prices[-1]),
                        sum(t[2] for t in trades),
                    ]
                )
        return np.array(times, np.int64), np.array(rows, np.float64).reshape(-1, 5)

    def _stamped(self, body: object, status: int = 200, **headers: str) -> web.Response:
        headers["Date"] = self.date
        return web.json_response(body, status=status, headers=headers)

    async def _markets(self, _: web.Request) -> web.Response:
        return self._stamped(
            [
                {"market": c, "korean_name": f"한글 {c[4:]}", "english_name": c[4:]}
                for c in (*self.codes, "BTC-ETH")
            ]
        )

    async def _tickers(self, _: web.Request) -> web.Response:
        return self._stamped(
            [
                {
                    "market": code,
                    "trade_price": 1.0,
                    "acc_trade_price_24h": 1e9 - nth,
                    "timestamp": self.loop.now_ms(),
                }
                for nth, code in enumerate(self.codes)
            ]
        )

    async def _candles(self, request: web.Request) -> web.Response:
        now_ms = self.loop.now_ms()
        self.asked += 1
        while self._begun and self._begun[0] <= now_ms - 1_000:
            self._begun.popleft()
        if len(self._begun) >= _PER_SECOND:
            self.refused += 1
            return self._stamped({"name": "too_many_requests"}, 429)
        self._begun.append(now_ms)
        if self.answers:
            status, headers, body = self.answers.popleft()
            return web.Response(status=status, headers=headers, text=body)
        unit, code = int(request.match_info["unit"]), request.query["market"]
        length, count = unit * MINUTE_MS, int(request.query.get("count", "1"))
        to = request.query.get("to")
        to_ms = now_ms + 1 if to is None else _ms(to)
        first_ms = to_ms - 30 * count * length
        bar_ms, ohlcv = self.bars(code, first_ms, to_ms + length, unit, now_ms)
        inside = bar_ms - length < to_ms  # `to` is exclusive, of opens
        bar_ms, ohlcv = bar_ms[inside][-count:], ohlcv[inside][-count:]
        fresh = bar_ms > now_ms - _SETTLES_MS
        ohlcv[fresh, 4] *= 0.5  # not all of it is there yet
        left = _PER_SECOND - len(self._begun)
        candles = [
            _candle(code, ms - length, bar, unit)
            for ms, bar in zip(bar_ms.tolist(), ohlcv.tolist(), strict=True)
        ]
        requirement = {"Remaining-Req": f"group=candles; min=600; sec={left}"}
        return self._stamped(candles[::-1], 200, **requirement)

    async def _websocket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        self.connected += 1
        self.sockets.add(socket)
        sender: asyncio.Task[None] | None = None
        try:
            async for message in socket:
                if message.type == aiohttp.WSMsgType.TEXT:
                    if sender is not None:
                        sender.cancel()
                    wanted = json.loads(message.data)
                    codes = {
                        c for part in wanted if part.get("type") == "trade" for c in part["codes"]
                    }
                    sender = asyncio.create_task(self._send(socket, sorted(codes)))
        finally:
            self.sockets.discard(socket)
            if sender is not None:
                sender.cancel()
        return socket

    async def _send(self, socket: web.WebSocketResponse, codes: list[str]) -> None:
        begun_ms = sent_ms = self.loop.now_ms()
        for code in codes:
            last = self.trades(code, begun_ms - 60 * MINUTE_MS, begun_ms)[-1]
            await self._frame(socket, code, last, "SNAPSHOT")
        while True:
            next_ms = min(
                t[0] for c in codes for t in self.trades(c, sent_ms, sent_ms + 6 * MINUTE_MS)[:1]
            )
            await asyncio.sleep((next_ms + 150 - self.loop.now_ms()) / 1_000)
            for code in codes:
                for trade in self.trades(code, sent_ms, next_ms + 1):
                    if not self.dumb:
                        for _ in range(1 + self.twice):
                            await self._frame(socket, code, trade, "REALTIME")
            sent_ms = next_ms + 1

    async def _frame(
        self,
        socket: web.WebSocketResponse,
        code: str,
        trade: tuple[int, float, float, int],
        kind: str,
    ) -> None:
        ms, price, volume, sequential = trade
        frame: dict[str, Any] = {
            "type": "trade",
            "code": code,
            "timestamp": self.loop.now_ms(),
            "trade_timestamp": ms,
            "trade_price": price,
            "trade_volume": volume,
            "ask_bid": "BID",
            "sequential_id": sequential,
            "stream_type": kind,
        }
        await socket.send_bytes(json.dumps(frame).encode())


def _ms(text: str) -> int:
    then = dt.datetime.fromisoformat(text)
    return round(then.replace(tzinfo=then.tzinfo or dt.UTC).timestamp() * 1_000)


def _candle(code: str, open_ms: int, bar: list[float], unit: int) -> dict[str, Any]:
    utc = dt.datetime.fromtimestamp(open_ms / 1_000, dt.UTC)
    return {
        "market": code,
        "candle_date_time_utc": f"{utc:%Y-%m-%dT%H:%M:%S}",
        "candle_date_time_kst": f"{utc + dt.timedelta(hours=9):%Y-%m-%dT%H:%M:%S}",
        "opening_price": bar[0],
        "high_price": bar[1],
        "low_price": bar[2],
        "trade_price": bar[3],
        "timestamp": open_ms,
        "candle_acc_trade_price": bar[3] * bar[4],
        "candle_acc_trade_volume": bar[4],
        "unit": unit,
    }
