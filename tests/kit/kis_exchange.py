"""KIS Developers as its own samples have it, with its limits and faults, in made time.

Questions, fields and codes follow https://github.com/koreainvestment/open-trading-api
(`kis_auth.py`, `ccnl_krx.py`, `ccnl_total.py`, `inquire_time_itemchartprice.py`,
`inquire_time_dailychartprice.py`, `inquire_daily_itemchartprice.py`, `chk_holiday.py`); the codes
of refusals are those of the vendor's portal. Values are made.
"""

import asyncio
import contextlib
import datetime as dt
import email.utils
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request

from tests.kit.loopback import Asked, Said
from tests.kit.traded_days import MINUTE_MS, SEOUL, Bars, MadeTrades

BASE: Final = "/uapi/domestic-stock/v1/quotations"
TODAY: Final = f"{BASE}/inquire-time-itemchartprice"
MINUTES: Final = f"{BASE}/inquire-time-dailychartprice"
DAYS: Final = f"{BASE}/inquire-daily-itemchartprice"
HOLIDAYS: Final = f"{BASE}/chk-holiday"
KEY: Final = "/oauth2/tokenP"
APPROVAL: Final = "/oauth2/Approval"
A_SECOND: Final = 20
REGISTRATIONS: Final = 41
_FIELDS: Final = 46
_PING_MS: Final = 60_000
_DAY_MS: Final = 86_400_000
_SEOUL_MS: Final = 9 * 3_600_000


def kis_refusal(status: int, code: str, words: str) -> Said:
    """Return a refusal of a question."""
    body = {"rt_cd": "1", "msg_cd": code, "msg1": words}
    return Said(status=status, body=msgspec.json.encode(body))


TOKEN_EXPIRED: Final = kis_refusal(500, "EGW00123", "기간이 만료된 token 입니다.")
TOO_OFTEN: Final = kis_refusal(500, "EGW00201", "초당 거래건수를 초과하였습니다.")
ASKED_TOO_SOON: Final = Said(
    status=403,
    body=msgspec.json.encode(
        {
            "error_code": "EGW00133",
            "error_description": "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)",
        }
    ),
)


@dataclass(kw_only=True)
class KisExchange:
    """The vendor; a test gives it faults, and looks at what was asked.

    Attributes:
        symbols: Its shares.
        trades: What is traded.
        now_ms: Its clock, ms since 1970 UTC.
        faults: By path, what the next questions get in place of an answer.
        asked: How often each path was asked.
        refused: Questions that were too many.
        tokens: How many were given.
        opened: Connections of the websocket there have been.
        echoed: PINGPONG that came back.
        registered: How often a share was registered.
        silent: Whether the websocket says nothing more.
        in_use: Whether another program holds the key of the websocket.
        gone: Between which moments the vendor cannot be reached, ms since 1970 UTC.
        change: What becomes of the frames on their way, such as twice each.
    """

    symbols: Sequence[str]
    trades: MadeTrades
    now_ms: Callable[[], int]
    faults: dict[str, list[Said]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    tokens: int = 0
    opened: int = 0
    echoed: int = 0
    registered: int = 0
    silent: bool = False
    in_use: bool = False
    gone: tuple[int, int] = (0, 0)
    change: Callable[[list[str]], list[str]] = list

    def __post_init__(self) -> None:
        self._left, self._since_ms = float(A_SECOND), self.now_ms()
        self._token_ms = -(1 << 60)
        self._came = asyncio.Event()
        self._sockets: dict[ServerConnection, set[tuple[str, str]]] = {}
        self._truths: dict[tuple[int, str], Bars] = {}
        self._row = {symbol: row for row, symbol in enumerate(self.symbols)}

    # What a test does.

    async def drop_sockets(self) -> None:
        """End all connections."""
        for socket in list(self._sockets):
            await socket.close()

    # What a client sees.

    def answer(self, asked: Asked) -> Said:
        """Answer a question over HTTP."""
        self.asked[asked.path] += 1
        said = self._absent() or self._limited() or self._fault(asked) or self._answer(asked)
        now = dt.datetime.fromtimestamp(self.now_ms() / 1_000, dt.UTC)
        date = email.utils.format_datetime(now.replace(microsecond=0), usegmt=True)
        headers = {"Date": date, "Content-Type": "application/json; charset=utf-8"}
        return Said(
            status=said.status, headers=headers | dict(said.headers), body=said.body, cut=said.cut
        )

    def greet(self, _request: Request) -> int:
        """Let everybody in: the key is looked at with each registration."""
        return 503 if self._absent() else 101

    async def hear(self, socket: ServerConnection) -> None:
        """Talk to one client of the websocket until it leaves."""
        self.opened += 1
        self._sockets[socket] = set()
        self._came.set()
        try:
            async for text in socket:
                await self._hear(socket, str(text))
        finally:
            self._sockets.pop(socket, None)

    async def stream(self) -> None:
        """Tell subscribers what is traded, and ask them each minute whether they are there."""
        told = int(np.searchsorted(self.trades.ms, self.now_ms()))
        while True:
            if not self._sockets:
                self._came.clear()
                await self._came.wait()
                told = int(np.searchsorted(self.trades.ms, self.now_ms()))
            await asyncio.sleep(self._quiet_s(told))
            until = int(np.searchsorted(self.trades.ms, self.now_ms(), side="right"))
            if self._absent():
                await self.drop_sockets()
            elif not self.silent:
                await self._tell(slice(told, until))
            told = until

    def _quiet_s(self, told: int) -> float:
        # Until there is a trade to tell, or somebody to be asked whether he is there.
        ping_ms = _PING_MS - self.now_ms() % _PING_MS
        following = self.trades.ms[told : told + 1]
        trade_ms = int(following[0]) - self.now_ms() + 1_000 if len(following) else ping_ms
        return min(ping_ms, trade_ms) / 1_000

    async def _tell(self, span: slice) -> None:
        ping = self.now_ms() % _PING_MS < 1_000
        for socket, wanted in list(self._sockets.items()):
            frames = [
                f for tr_id, symbol in sorted(wanted) for f in self._frames(tr_id, symbol, span)
            ]
            if ping:
                at = _local(self.now_ms()).strftime("%Y%m%d%H%M%S")
                frames.append(_text({"header": {"tr_id": "PINGPONG", "datetime": at}}))
            for frame in self.change(frames):
                with contextlib.suppress(ConnectionClosed):
                    await socket.send(frame)

    # Within.

    def _absent(self) -> Said | None:
        gone = self.gone[0] <= self.now_ms() < self.gone[1]
        return Said(status=503, body=b"<html>gone</html>") if gone else None

    def _limited(self) -> Said | None:
        elapsed = self.now_ms() - self._since_ms
        self._left = min(A_SECOND, self._left + elapsed / 1_000 * A_SECOND)
        self._since_ms = self.now_ms()
        if self._left < 1:
            self.refused += 1
            return TOO_OFTEN
        self._left -= 1
        return None

    def _fault(self, asked: Asked) -> Said | None:
        waiting = self.faults.get(asked.path)
        return waiting.pop(0) if waiting else None

    def _answer(self, asked: Asked) -> Said:
        if asked.path == KEY:
            return self._give_token(asked)
        if asked.path == APPROVAL:
            body = msgspec.json.decode(asked.body)
            assert body == {"grant_type": "client_credentials", "appkey": "k", "secretkey": "s"}
            return Said(body=msgspec.json.encode({"approval_key": "approval-1"}))
        headers = asked.headers
        if headers.get("authorization") != f"Bearer token-{self.tokens}":
            return kis_refusal(500, "EGW00121", "유효하지 않은 token 입니다.")
        if (headers.get("appkey"), headers.get("appsecret")) != ("k", "s"):
            return kis_refusal(403, "EGW00103", "유효하지 않은 AppKey입니다.")
        wanted = {TODAY: "FHKST03010200", MINUTES: "FHKST03010230", DAYS: "FHKST03010100"}
        assert headers.get("tr_id") == {**wanted, HOLIDAYS: "CTCA0903R"}[asked.path]
        answers = {TODAY: self._today, MINUTES: self._of_day, DAYS: self._days}
        found = {**answers, HOLIDAYS: self._holidays}[asked.path](asked)
        done = {"rt_cd": "0", "msg_cd": "MCA00000", "msg1": "정상처리 되었습니다."}
        return Said(body=msgspec.json.encode({**done, **found}))

    def _give_token(self, asked: Asked) -> Said:
        body = msgspec.json.decode(asked.body)
        assert body == {"grant_type": "client_credentials", "appkey": "k", "appsecret": "s"}
        if self.now_ms() - self._token_ms < 60_000:
            return ASKED_TOO_SOON
        self._token_ms = self.now_ms()
        self.tokens += 1
        until = dt.datetime.fromtimestamp(self.now_ms() / 1_000 + 86_400, SEOUL)
        given = {"access_token": f"token-{self.tokens}", "token_type": "Bearer"}
        given["access_token_token_expired"] = until.strftime("%Y-%m-%d %H:%M:%S")
        return Said(body=msgspec.json.encode({**given, "expires_in": 86_400}))

    def _bars(self, asked: Asked) -> Bars:
        # By their ends, those of the venue that is asked for, as far as the vendor knows.
        row, venue = self._row[asked.query["FID_INPUT_ISCD"]], asked.query["FID_COND_MRKT_DIV_CODE"]
        trades = self.trades.take(self.trades.krx) if venue == "J" else self.trades
        if (row, venue) not in self._truths:
            self._truths[row, venue] = trades.minutes(row)
        return trades.known(row, self._truths[row, venue], self.now_ms())

    def _today(self, asked: Asked) -> dict[str, Any]:
        today = dt.datetime.fromtimestamp(self.now_ms() / 1_000, SEOUL).date()
        return {"output1": {}, "output2": self._page(asked, today, 30)}

    def _of_day(self, asked: Asked) -> dict[str, Any]:
        day = dt.date.fromisoformat(asked.query["FID_INPUT_DATE_1"])
        return {"output1": {}, "output2": self._page(asked, day, 120)}

    def _page(self, asked: Asked, day: dt.date, most: int) -> list[dict[str, str]]:
        until = dt.time.fromisoformat(asked.query["FID_INPUT_HOUR_1"])
        last = int(dt.datetime.combine(day, until, SEOUL).timestamp() * 1_000)
        bars = self._bars(asked)
        found = [end for end in sorted(bars, reverse=True) if end - MINUTE_MS <= last]
        mine = [end for end in found if _local(end - MINUTE_MS).date() == day]
        return [_minute(end - MINUTE_MS, bars[end]) for end in mine[:most]]

    def _days(self, asked: Asked) -> dict[str, Any]:
        days: dict[str, tuple[float, ...]] = {}
        for end, (o, h, low, c, v) in sorted(self._bars(asked).items()):
            begin = _local(end - MINUTE_MS)
            if asked.query["FID_COND_MRKT_DIV_CODE"] == "J" and begin.hour >= 16:
                continue  # its days end with the regular session
            day = begin.strftime("%Y%m%d")
            was = days.get(day)
            days[day] = (
                (o, h, low, c, v)
                if was is None
                else (was[0], max(was[1], h), min(was[2], low), c, was[4] + v)
            )
        first, last = asked.query["FID_INPUT_DATE_1"], asked.query["FID_INPUT_DATE_2"]
        found = [day for day in sorted(days, reverse=True) if first <= day <= last]
        return {"output1": {}, "output2": [_day(day, days[day]) for day in found[:100]]}

    def _holidays(self, asked: Asked) -> dict[str, Any]:
        first = dt.date.fromisoformat(asked.query["BASS_DT"])
        days = [first + dt.timedelta(days=n) for n in range(25)]
        return {
            "output": [
                {
                    "bass_dt": f"{day:%Y%m%d}",
                    "wday_dvsn_cd": f"0{(day.weekday() + 1) % 7 + 1}",
                    "bzdy_yn": "Y" if day.weekday() < 5 else "N",
                    "tr_day_yn": "Y" if day.weekday() < 5 else "N",
                    "opnd_yn": "Y" if day.weekday() < 5 else "N",
                    "sttl_day_yn": "Y" if day.weekday() < 5 else "N",
                }
                for day in days
            ]
        }

    async def _hear(self, socket: ServerConnection, text: str) -> None:
        said = msgspec.json.decode(text)
        if said["header"].get("tr_id") == "PINGPONG":
            self.echoed += 1
            return
        wanted = said["body"]["input"]
        key = (wanted["tr_id"], wanted["tr_key"])
        code, words = self._register(socket, said["header"]["approval_key"], key)
        head = {"tr_id": key[0], "tr_key": key[1], "encrypt": "N"}
        done = code == "OPSP0000"
        body: dict[str, Any] = {"rt_cd": "0" if done else "1", "msg_cd": code, "msg1": words}
        if done:
            body["output"] = {"iv": "0123456789abcdef", "key": "a" * 32}
        await socket.send(_text({"header": head, "body": body}))

    def _register(
        self, socket: ServerConnection, approval: str, key: tuple[str, str]
    ) -> tuple[str, str]:
        if self.in_use:
            return "OPSP8996", "ALREADY IN USE appkey"
        if approval != "approval-1":
            return "OPSP0011", "invalid approval : NOT FOUND"
        mine = self._sockets[socket]
        if key in mine:
            return "OPSP0002", "ALREADY IN SUBSCRIBE"
        if len(mine) >= REGISTRATIONS:
            return "OPSP0008", "MAX SUBSCRIBE OVER"
        self.registered += 1
        mine.add(key)
        return "OPSP0000", "SUBSCRIBE SUCCESS"

    def _frames(self, tr_id: str, symbol: str, span: slice) -> Iterator[str]:
        row, trades = self._row[symbol], self.trades
        on_venue = trades.krx if tr_id == "H0STCNT0" else np.ones(len(trades.ms), np.bool_)
        mine = np.flatnonzero((trades.row[span] == row) & on_venue[span]) + span.start
        if len(mine) == 0:
            return
        midnight = int(trades.ms[mine[0]] + _SEOUL_MS) // _DAY_MS * _DAY_MS - _SEOUL_MS
        before = slice(int(np.searchsorted(trades.ms, midnight)), int(mine[0]))
        earlier = (trades.row[before] == row) & on_venue[before]
        total = int(trades.volume[before][earlier].sum())
        records = []
        for n in mine.tolist():
            total += int(trades.volume[n])
            records.append(self._record(n, total))
        for begin in range(0, len(records), 4):
            part = records[begin : begin + 4]
            yield f"0|{tr_id}|{len(part):03d}|{'^'.join(part)}"

    def _record(self, n: int, total: int) -> str:
        at = _local(int(self.trades.ms[n]))
        fields = ["0"] * _FIELDS
        fields[0] = self.symbols[int(self.trades.row[n])]
        fields[1] = at.strftime("%H%M%S")
        fields[2] = f"{self.trades.price[n]:.0f}"
        fields[12], fields[13] = f"{self.trades.volume[n]:.0f}", str(total)
        fields[33] = at.strftime("%Y%m%d")
        return "^".join(fields)


def _local(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms / 1_000, SEOUL)


def _minute(begin_ms: int, bar: tuple[float, ...]) -> dict[str, str]:
    at = _local(begin_ms)
    names = ("stck_oprc", "stck_hgpr", "stck_lwpr", "stck_prpr", "cntg_vol")
    values = {name: f"{value:.0f}" for name, value in zip(names, bar, strict=True)}
    stamp = {"stck_bsop_date": at.strftime("%Y%m%d"), "stck_cntg_hour": at.strftime("%H%M%S")}
    return {**stamp, **values, "acml_tr_pbmn": "0"}


def _day(day: str, bar: tuple[float, ...]) -> dict[str, str]:
    names = ("stck_oprc", "stck_hgpr", "stck_lwpr", "stck_clpr", "acml_vol")
    values = {name: f"{value:.0f}" for name, value in zip(names, bar, strict=True)}
    return {"stck_bsop_date": day, **values, "mod_yn": "N"}


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
