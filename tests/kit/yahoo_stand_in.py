"""Stands in for Yahoo Finance on loopback: cookie, crumb, and the charts that yfinance asks for.

Yahoo describes none of it. The answers have the form that yfinance 1.7.0 reads
(`yfinance/scrapers/history.py`, `utils.parse_quotes`) and that its issues show:

- the running bar comes at the second of its last price: https://github.com/ranaroussi/yfinance/issues/1678
- minutes without a trade come with nothing in them
- a dividend changes `adjclose` of all days before, and no close
- from the close on stand bars of the evening, without volume
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from aiohttp import web

from models.data.calendars.sessions import Sessions, sessions_of
from shared.contract import Float64, Int64
from shared.markets import MARKETS, Market
from tests.kit.web_stand_in import WebStandIn

MINUTE_MS = 60_000
_EVENING_MS = 4 * 3_600_000
_NOT_FOUND = {
    "chart": {
        "result": None,
        "error": {
            "code": "Not Found",
            "description": "No data found, symbol may be delisted",
        },
    }
}


@dataclass
class YahooStandIn(WebStandIn):
    """The vendor; everything that a test may do to it stands here.

    Attributes:
        symbols: Who is listed.
        market: Where they trade.
        dividends: By ticker, the first moment without it, ms since 1970 UTC, and its share of the
            price.
        others: Questions that were not for bars: cookies and crumbs.
        delay_ms: How late it is.
        has_evening: Whether it has bars from the close on.
    """

    symbols: tuple[str, ...] = ("AAPL", "MSFT")
    market: Market = MARKETS["us"]
    dividends: dict[str, tuple[int, float]] = field(default_factory=dict)
    others: int = 0
    delay_ms: int = 0
    has_evening: bool = True

    @property
    def routes(self) -> dict[str, Any]:
        return {
            "/v8/finance/chart/{symbol}": self._chart,
            "/v1/test/getcrumb": self._crumb,
            "/": self._cookie,
            "": self._cookie,
        }

    @property
    def sessions(self) -> Sessions:
        sessions = sessions_of(self.market)
        assert sessions is not None
        return sessions

    def days(self, symbol: str, from_ms: int, to_ms: int) -> tuple[Int64, Float64]:
        """Return the days that closed within (`from_ms`, `to_ms`], without dividends as of now."""
        sessions = self.sessions
        chosen = (sessions.close_ms > from_ms) & (sessions.close_ms <= to_ms)
        day, close_ms = sessions.day[chosen], sessions.close_ms[chosen]
        bars = _bars(symbol, day)
        bars[:, :4] *= self._left(symbol, close_ms)[:, None]
        traded = (day + sum(symbol.encode())) % 23 != 0
        return close_ms[traded], bars[traded]

    def minutes(self, symbol: str, from_ms: int, to_ms: int) -> tuple[Int64, Float64]:
        """Return the minutes of sessions that closed within (`from_ms`, `to_ms`]."""
        minute = np.arange(from_ms // MINUTE_MS + 1, to_ms // MINUTE_MS + 1)
        bar_ms = minute * MINUTE_MS
        place = self.sessions.of(bar_ms)
        auction = 0 if self.has_evening else MINUTE_MS
        inside = bar_ms <= self.sessions.close_ms[place] + auction
        inside &= (minute + sum(symbol.encode())) % 11 != 0
        return bar_ms[inside], _bars(symbol, minute[inside])

    def _left(self, symbol: str, ms: Int64) -> Float64:
        # What is left of each price once the dividends that are known by now are taken out.
        ex_ms, share = self.dividends.get(symbol, (0, 0.0))
        paid = share if self.loop.now_ms() >= ex_ms else 0.0
        return np.where(ms < ex_ms, 1.0 - paid, 1.0)

    async def _cookie(self, _: web.Request) -> web.Response:
        self.others += 1
        return web.Response(status=404, headers={"Set-Cookie": "A3=d=made; Path=/"})

    async def _crumb(self, _: web.Request) -> web.Response:
        self.others += 1
        return web.Response(text="a.Crumb")

    async def _chart(self, request: web.Request) -> web.Response:
        self.asked += 1
        headers = {"Date": self.date}
        if self.answers:
            status, more, body = self.answers.popleft()
            return web.Response(status=status, headers=headers | more, text=body)
        symbol = request.match_info["symbol"]
        if symbol not in self.symbols:
            return web.json_response(_NOT_FOUND, status=404, headers=headers)
        begin_s, end_s = (int(request.query[name]) for name in ("period1", "period2"))
        daily = request.query["interval"] == "1d"
        rows = (self._daily if daily else self._intraday)(symbol, 1_000 * begin_s, 1_000 * end_s)
        answer = {"chart": {"result": [self._result(symbol, rows, daily=daily)], "error": None}}
        return web.json_response(answer, headers=headers)

    def _daily(self, symbol: str, from_ms: int, to_ms: int) -> list[list[Any]]:
        known_ms, sessions = self.loop.now_ms() - self.delay_ms, self.sessions
        chosen = (sessions.open_ms >= from_ms) & (sessions.open_ms < min(to_ms, known_ms))
        rows: list[list[Any]] = []
        for place in np.flatnonzero(chosen).tolist():
            day, close_ms = int(sessions.day[place]), int(sessions.close_ms[place])
            bar = _bars(symbol, np.array([day]))[0].tolist()
            left = float(self._left(symbol, np.array([close_ms]))[0])
            stamp_ms = int(sessions.open_ms[place])
            if close_ms > known_ms:  # it runs: at the second of its last price
                stamp_ms, bar[3], bar[4] = known_ms, bar[3] - 0.125, bar[4] - 7
            if (day + sum(symbol.encode())) % 23 == 0:
                bar, left = [None] * 5, 1.0
            adjusted = None if bar[3] is None else bar[3] * left
            rows.append([stamp_ms // 1_000, *bar, adjusted])
        return rows

    def _intraday(self, symbol: str, from_ms: int, to_ms: int) -> list[list[Any]]:
        known_ms = self.loop.now_ms() - self.delay_ms
        minute = np.arange(-(-from_ms // MINUTE_MS), -(-min(to_ms, known_ms) // MINUTE_MS))
        place = self.sessions.of(minute * MINUTE_MS + 1)
        after = minute * MINUTE_MS - self.sessions.close_ms[place]
        traded = after < (_EVENING_MS if self.has_evening else MINUTE_MS)
        rows: list[list[Any]] = []
        for n, late in zip(minute[traded].tolist(), after[traded].tolist(), strict=True):
            bar = _bars(symbol, np.array([n + 1]))[0].tolist()
            if late >= 0 and self.has_evening:
                bar[4] = 0
            if (n + 1 + sum(symbol.encode())) % 11 == 0:
                bar = [None] * 5
            rows.append([60 * n, *bar, bar[3]])
        if rows and known_ms < rows[-1][0] * 1_000 + MINUTE_MS:
            rows[-1][0] = known_ms // 1_000
        return rows

    def _result(self, symbol: str, rows: list[list[Any]], *, daily: bool) -> dict[str, Any]:
        columns = dict(
            zip(("open", "high", "low", "close", "volume"), _turned(rows)[1:6], strict=True)
        )
        result: dict[str, Any] = {
            "meta": self._meta(symbol, daily=daily),
            "indicators": {"quote": [columns if rows else {}]},
        }
        if rows:
            result["timestamp"] = [row[0] for row in rows]
        if rows and daily:
            result["indicators"]["adjclose"] = [{"adjclose": [row[6] for row in rows]}]
            result["events"] = self._events(symbol, rows)
        return result

    def _events(self, symbol: str, rows: list[list[Any]]) -> dict[str, Any]:
        ex_ms, share = self.dividends.get(symbol, (0, 0.0))
        at = [row[0] for row in rows if row[0] * 1_000 >= ex_ms and share]
        if not at or self.loop.now_ms() < ex_ms:
            return {}
        return {"dividends": {str(at[0]): {"amount": 100 * share, "date": at[0]}}}

    def _meta(self, symbol: str, *, daily: bool) -> dict[str, Any]:
        zone = ZoneInfo(self.market.timezone)
        now = dt.datetime.fromtimestamp(self.loop.now_ms() / 1_000, zone)
        offset = now.utcoffset() or dt.timedelta()
        place = int(self.sessions.of(np.array([self.loop.now_ms()]))[0])
        opens, closes = int(self.sessions.open_ms[place]), int(self.sessions.close_ms[place])
        zoned = {"timezone": now.tzname(), "gmtoffset": round(offset.total_seconds())}
        spans = {
            "pre": {**zoned, "start": opens // 1_000 - 3_600, "end": opens // 1_000},
            "regular": {**zoned, "start": opens // 1_000, "end": closes // 1_000},
            "post": {**zoned, "start": closes // 1_000, "end": closes // 1_000 + 3_600},
        }
        return {
            "currency": "USD",
            "symbol": symbol,
            "exchangeName": "NMS",
            "instrumentType": "EQUITY",
            "regularMarketTime": self.loop.now_ms() // 1_000,
            "hasPrePostMarketData": self.has_evening,
            "exchangeTimezoneName": self.market.timezone,
            "priceHint": 2,
            "currentTradingPeriod": spans,
            "dataGranularity": "1d" if daily else "1m",
            "range": "",
            "validRanges": ["1d", "5d", "1mo", "max"],
        } | ({} if daily else {"tradingPeriods": {name: [[s]] for name, s in spans.items()}})


def _bars(symbol: str, number: Int64) -> Float64:
    # Numbered bars as they trade.
    close = 100 + sum(symbol.encode()) % 50 + (number % 17) / 4
    return np.column_stack([close - 0.25, close + 0.5, close - 0.5, close, 100 + number % 70])


def _turned(rows: list[list[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(7)]
