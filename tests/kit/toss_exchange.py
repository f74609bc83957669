"""Toss Securities as its own description has it, with its limits and faults, in made time.

Answers follow the examples of the vendor's OpenAPI document 1.2.17 (2026-09-17) and of its
`overview.md`; the limits are those of the overview's table. The data of a trade on the websocket
(`trade:kr`) is as four public programs read it, for its own document is not in the package.
"""

import asyncio
import contextlib
import datetime as dt
import email.utils
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
import numpy as np
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request

from tests.kit.loopback import Asked, Said
from tests.kit.toss_answers import (
    EXPIRED,
    REVOKED,
    TOO_MANY,
    candle,
    encode,
    iso,
    listed,
    market_day,
    ms_of,
    refusal,
    socket_error,
    stock,
    weekday,
)
from tests.kit.traded_days import DAY, MINUTE_MS, SEOUL, Bars, MadeTrades, seoul_ms

# Questions a second by group, from the table "Rate Limits" of the overview.
LIMITS: Final = {"AUTH": 5, "STOCK": 5, "STOCK_ALL": 1, "MARKET_INFO": 3, "MARKET_DATA": 15}
LIMITS["MARKET_DATA_CHART"] = 20
_GROUP: Final = {
    "/oauth2/token": "AUTH",
    "/api/v1/prices": "MARKET_DATA",
    "/api/v1/candles": "MARKET_DATA_CHART",
    "/api/v1/stocks": "STOCK",
    "/api/v1/stocks/all": "STOCK_ALL",
    "/api/v1/market-calendar/KR": "MARKET_INFO",
}
DECLARATIONS: Final = 100  # subscriptions a connection
CONNECTIONS: Final = 2  # an account


@dataclass(kw_only=True)
class TossExchange:
    """The vendor; a test gives it faults, and looks at what was asked.

    Attributes:
        symbols: Its shares, all of KOSPI.
        trades: What is traded.
        now_ms: Its clock, ms since 1970 UTC.
        off_ms: How far the clock of its answers is off.
        faults: By path, what the next questions get in place of an answer.
        asked: How often each path was asked.
        refused: Questions that were too many for a limit.
        tokens: How many were given.
        unknown: Symbols that the websocket does not know.
        gone: Between which moments the vendor cannot be reached, ms since 1970 UTC.
        greets: What a handshake of the websocket is answered where all is well otherwise.
        silent: Whether the websocket says nothing more.
        change: What becomes of the frames on their way, such as twice each.
        opened: Connections of the websocket there have been.
        pings: Texts `PING` that came.
        declared: All declarations, in order.
        pre_market: Whether Nextrade opens before the session.
        strict: Whether one share that is not known has a whole question for prices refused; the
            document lists the refusal and does not say when.
        limits: Questions a second by group, where they are others than `LIMITS`.
    """

    symbols: Sequence[str]
    trades: MadeTrades
    now_ms: Callable[[], int]
    off_ms: int = 0
    faults: dict[str, list[Said]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    tokens: int = 0
    unknown: frozenset[str] = frozenset()
    gone: tuple[int, int] = (0, 0)
    greets: int = 101
    silent: bool = False
    change: Callable[[list[str]], list[str]] = list
    opened: int = 0
    pings: int = 0
    declared: list[list[str]] = field(default_factory=list)
    pre_market: bool = True
    strict: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._limits = LIMITS | dict(self.limits)
        self._buckets = {g: (float(n), self.now_ms()) for g, n in self._limits.items()}
        self._sockets: dict[ServerConnection, list[str]] = {}
        self._expires_ms = 0
        self._came = asyncio.Event()
        self._truths: dict[int, Bars] = {}
        self._row = {symbol: row for row, symbol in enumerate(self.symbols)}
        order = np.argsort(self.trades.row, kind="stable")
        counts = np.bincount(self.trades.row, minlength=len(self.symbols))
        self._mine = np.split(order, np.cumsum(counts)[:-1])

    # What a test does.

    async def drop_sockets(self, *, told: bool = False) -> None:
        """End all connections; `told` says first that the server shuts down."""
        for socket in list(self._sockets):
            if told:
                await socket.send(encode(socket_error("server-shutdown")))
            await socket.close()

    def revoke(self) -> None:
        """Let another program of the same client have a token of its own."""
        self.tokens += 1

    # What a client sees.

    def answer(self, asked: Asked) -> Said:
        """Answer a question over HTTP."""
        self.asked[asked.path] += 1
        said = self._absent() or self._limited(asked) or self._fault(asked) or self._answer(asked)
        now = dt.datetime.fromtimestamp((self.now_ms() + self.off_ms) / 1_000, dt.UTC)
        date = email.utils.format_datetime(now.replace(microsecond=0), usegmt=True)
        headers = {"Date": date, **self._limit_headers(asked.path), **said.headers}
        return Said(status=said.status, headers=headers, body=said.body, cut=said.cut)

    def greet(self, request: Request) -> int:
        """Return the status with which a handshake of the websocket is answered."""
        if self._absent():
            return 503
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return 401
        return self.greets

    async def hear(self, socket: ServerConnection) -> None:
        """Talk to one client of the websocket until it leaves."""
        self.opened += 1
        while len(self._sockets) >= CONNECTIONS:
            oldest = next(iter(self._sockets))
            del self._sockets[oldest]
            await oldest.close()
        self._sockets[socket] = []
        self._came.set()
        try:
            async for text in socket:
                await self._hear(socket, str(text))
        finally:
            self._sockets.pop(socket, None)

    async def stream(self) -> None:
        """Tell subscribers what is traded."""
        told = self.now_ms()
        while True:
            if not self._sockets:
                self._came.clear()
                await self._came.wait()
                told = self.now_ms()
            begin = int(np.searchsorted(self.trades.ms, told))
            if begin == len(self.trades.ms):
                await asyncio.Event().wait()
            await asyncio.sleep((int(self.trades.ms[begin]) + 1 - self.now_ms()) / 1_000)
            told = self.now_ms()
            if self._absent():
                await self.drop_sockets()
            elif not self.silent:
                await self._tell(begin, int(np.searchsorted(self.trades.ms, told)))

    async def _tell(self, begin: int, end: int) -> None:
        for socket, topics in list(self._sockets.items()):
            for frame in self.change(list(self._ticks(begin, end, set(topics)))):
                with contextlib.suppress(ConnectionClosed):
                    await socket.send(frame)

    # Within.

    @property
    def _token(self) -> str:
        return f"token-{self.tokens}"

    def _absent(self) -> Said | None:
        gone = self.gone[0] <= self.now_ms() < self.gone[1]
        return Said(status=503, body=b"<html>gone</html>") if gone else None

    def _limited(self, asked: Asked) -> Said | None:
        group = _GROUP.get(asked.path)
        if group is None:
            return refusal(404, "edge-blocked")
        left, since_ms = self._buckets[group]
        limit = self._limits[group]
        left = min(limit, left + (self.now_ms() - since_ms) / 1_000 * limit)
        if left < 1:
            self.refused += 1
            return TOO_MANY
        self._buckets[group] = (left - 1, self.now_ms())
        return None

    def _limit_headers(self, path: str) -> dict[str, str]:
        if (group := _GROUP.get(path)) is None:
            return {}
        left = int(self._buckets[group][0])
        return {
            "X-RateLimit-Limit": str(self._limits[group]),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": "1",
        }

    def _fault(self, asked: Asked) -> Said | None:
        waiting = self.faults.get(asked.path)
        return waiting.pop(0) if waiting else None

    def _answer(self, asked: Asked) -> Said:
        if asked.path == "/oauth2/token":
            return self._give_token(asked)
        if asked.headers.get("authorization") != f"Bearer {self._token}":
            return REVOKED if "authorization" in asked.headers else refusal(401, "edge-blocked")
        if self.now_ms() >= self._expires_ms:
            return EXPIRED
        answers: dict[str, Callable[[Asked], Any]] = {
            "/api/v1/prices": self._prices,
            "/api/v1/candles": self._candles,
            "/api/v1/stocks": self._stocks,
            "/api/v1/stocks/all": self._all,
            "/api/v1/market-calendar/KR": self._calendar,
        }
        result = answers[asked.path](asked)
        if isinstance(result, Said):
            return result
        return Said(body=encode({"result": result}).encode())

    def _give_token(self, asked: Asked) -> Said:
        form = {k: v[0] for k, v in parse_qs(asked.body.decode()).items()}
        wanted = {"grant_type": "client_credentials", "client_id": "c_1", "client_secret": "s_1"}
        if form != wanted:
            no = {"error": "invalid_client", "error_description": "Client authentication failed."}
            return Said(status=401, body=encode(no).encode())
        self.tokens += 1
        self._expires_ms = self.now_ms() + 86_400_000
        given = {"access_token": self._token, "token_type": "Bearer", "expires_in": 86_400}
        return Said(body=encode(given).encode())

    def _chosen(self, asked: Asked) -> list[str]:
        return asked.query["symbols"].split(",")

    def _prices(self, asked: Asked) -> Said | list[dict[str, Any]]:
        wanted = self._chosen(asked)
        if not 1 <= len(wanted) <= 200:
            return refusal(400, "invalid-request")
        if self.strict and any(symbol not in self._row for symbol in wanted):
            return refusal(404, "stock-not-found", "종목을 찾을 수 없습니다.")
        return [self._price(symbol) for symbol in wanted if symbol in self._row]

    def _price(self, symbol: str) -> dict[str, Any]:
        mine = self._mine[self._row[symbol]]
        known = int(np.searchsorted(self.trades.ms[mine], self.now_ms()))
        price = {"symbol": symbol, "timestamp": None, "lastPrice": "70000", "currency": "KRW"}
        if known:
            last = int(mine[known - 1])
            price["timestamp"] = iso(int(self.trades.ms[last]))
            price["lastPrice"] = f"{self.trades.price[last]:.0f}"
        return price

    def _candles(self, asked: Asked) -> Said | dict[str, Any]:
        query = asked.query
        count = int(query.get("count", "100"))
        symbol = query["symbol"]
        if not 1 <= count <= 200 or query["interval"] not in {"1m", "1d"}:
            return refusal(400, "invalid-request")
        if symbol not in self._row:
            return refusal(404, "stock-not-found", "종목을 찾을 수 없습니다.")
        before = ms_of(query["before"]) if "before" in query else 1 << 62
        bars = self._minutes(symbol) if query["interval"] == "1m" else self._days(symbol)
        found = [ms for ms in sorted(bars, reverse=True) if ms <= before]
        page = found[:count]
        more = len(found) > count
        return {
            "candles": [candle(ms, bars[ms]) for ms in page],
            "nextBefore": iso(page[-1]) if more else None,
        }

    def _minutes(self, symbol: str) -> Bars:
        # The running minute stands among them; from 15:20 to the auction minutes are filled.
        now_ms = self.now_ms()
        row = self._row[symbol]
        bars = self.trades.known(row, self._truth(row), now_ms)
        filled = range(seoul_ms(DAY, "15:21"), seoul_ms(DAY, "15:31"), MINUTE_MS)
        if now_ms >= filled[0] and bars:
            close = bars[max(ms for ms in bars if ms < filled[0])][3]
            bars.update({end: (close,) * 4 + (0.0,) for end in filled if end <= now_ms})
        return bars

    def _truth(self, row: int) -> Bars:
        if row not in self._truths:
            self._truths[row] = self.trades.minutes(row)
        return self._truths[row]

    def _days(self, symbol: str) -> Bars:
        days: Bars = {}
        for end, (o, h, low, c, v) in sorted(self._minutes(symbol).items()):
            day = dt.datetime.fromtimestamp((end - MINUTE_MS) / 1_000, SEOUL).date()
            midnight = seoul_ms(day, "00:00")
            was = days.get(midnight)
            days[midnight] = (
                (o, h, low, c, v)
                if was is None
                else (was[0], max(was[1], h), min(was[2], low), c, was[4] + v)
            )
        return days

    def _stocks(self, asked: Asked) -> list[dict[str, Any]]:
        return [stock(symbol) for symbol in self._chosen(asked) if symbol in self._row]

    def _all(self, asked: Asked) -> list[dict[str, Any]]:
        if asked.query["market"] != "KOSPI":
            return []
        return [listed(symbol) for symbol in sorted(self.symbols)]

    def _calendar(self, _asked: Asked) -> dict[str, Any]:
        today = dt.datetime.fromtimestamp(self.now_ms() / 1_000, SEOUL).date()
        return {
            "today": market_day(today, pre_market=self.pre_market),
            "previousBusinessDay": market_day(weekday(today, -1), pre_market=True),
            "nextBusinessDay": market_day(weekday(today, 1), pre_market=True),
        }

    async def _hear(self, socket: ServerConnection, text: str) -> None:
        if text == "PING":
            self.pings += 1
            if not self.silent:
                await socket.send(encode({"type": "pong"}))
            return
        topics = [
            f"{part['type']}:{code}"
            for part in msgspec.json.decode(text)
            if "type" in part
            for code in part["codes"]
        ]
        self.declared.append(topics)
        if len(topics) > DECLARATIONS:
            await socket.send(encode(socket_error("too-many-topics")))
            return
        known = [t for t in topics if t.rpartition(":")[2] not in self.unknown]
        self._sockets[socket] = known
        rejected = [{"target": t, "code": "stock-not-found"} for t in topics if t not in known]
        ack = {"type": "subscriptions", "subscribed": known, "rejected": rejected}
        await socket.send(encode(ack))

    def _ticks(self, begin: int, end: int, topics: set[str]) -> Iterator[str]:
        trades = self.trades
        for n in range(begin, end):
            topic = f"trade:kr:{self.symbols[int(trades.row[n])]}"
            if topic in topics:
                data = {"price": f"{trades.price[n]:.0f}", "volume": f"{trades.volume[n]:.0f}"}
                data |= {"timestamp": iso(int(trades.ms[n])), "currency": "KRW"}
                yield encode({"type": "message", "topic": topic, "data": data})
