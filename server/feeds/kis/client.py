"""Questions to KIS Developers, one function each, and what refusals mean."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import httpx
import msgspec

from server.feeds.kis.answers import (
    ASKED_TOO_SOON,
    DONE,
    TOKEN_EXPIRED,
    TOO_MANY,
    KisAnswer,
    KisApproval,
    KisCalendar,
    KisDay,
    KisDays,
    KisMinute,
    KisMinutes,
    KisRefusal,
    KisToken,
)
from server.feeds.live.faults import FaultKind, SourceError
from server.feeds.live.headers import VendorTime, ask, retry_after_s
from server.feeds.live.limiter import RateLimiter
from server.feeds.live.secrets import VendorKey
from server.feeds.live.tokens import SharedToken, VendorToken

NAME: Final = "kis"
_BASE: Final = "/uapi/domestic-stock/v1/quotations"
_MINUTE_S: Final = 60.0
_KINDS: Final[dict[str, FaultKind]] = {
    **dict.fromkeys(TOKEN_EXPIRED, "key_expired"),
    TOO_MANY: "limited",
    ASKED_TOO_SOON: "limited",
    "EGW00002": "server_error",
    "EGW00103": "key_refused",
    "EGW00105": "key_refused",
    "EGW00207": "not_registered",
    "EGW00303": "not_registered",
    "EGW00304": "key_refused",
    "OPSQ2001": "unknown_ticker",  # of this venue
    "OPSQ2002": "unknown_ticker",  # it has a length that no symbol has
}

A = TypeVar("A", bound=KisAnswer)
T = TypeVar("T")


class KisClient:
    """Asks the vendor; keeps the token of the day.

    Attributes:
        limiters: The one of all questions.
        time: The vendor's.

    Args:
        http: With the vendor's address as its base.
        app_key: Of the client.
        app_secret: Of the client.
        questions: How many may be asked a second.
        now_ms: The time, ms since 1970 UTC.
        tokens: Folder of the token, as in the settings.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        app_key: VendorKey,
        app_secret: VendorKey,
        questions: int,
        now_ms: Callable[[], int],
        tokens: str,
    ) -> None:
        self.limiters = {"questions": RateLimiter(questions)}
        self.time = VendorTime(now_ms)
        self._http, self._key, self._secret, self._now_ms = http, app_key, app_secret, now_ms
        self._token = SharedToken(tokens, NAME, app_key, now_ms, self._make_token)

    async def minutes_today(self, symbol: str, venue: str, until: dt.time) -> tuple[KisMinute, ...]:
        """Return at most 30 minutes of today that began by a time, the newest first.

        Args:
            symbol: The share.
            venue: J for the Korea Exchange, UN for both.
            until: In Seoul; one that lies ahead makes bars of it that are none.

        Raises:
            SourceError: Whatever went wrong.
        """
        query = {
            "FID_COND_MRKT_DIV_CODE": venue,
            "FID_INPUT_ISCD": symbol,
            "FID_INPUT_HOUR_1": f"{until:%H%M%S}",
            "FID_PW_DATA_INCU_YN": "N",
            "FID_ETC_CLS_CODE": "",
        }
        path = "inquire-time-itemchartprice"
        return (await self._ask("FHKST03010200", path, query, KisMinutes)).output2

    async def minutes(self, symbol: str, venue: str, until: dt.datetime) -> tuple[KisMinute, ...]:
        """Return at most 120 minutes of one day that began by a time in Seoul, the newest first.

        Raises:
            SourceError: Whatever went wrong.
        """
        query = {
            "FID_COND_MRKT_DIV_CODE": venue,
            "FID_INPUT_ISCD": symbol,
            "FID_INPUT_HOUR_1": f"{until:%H%M%S}",
            "FID_INPUT_DATE_1": f"{until:%Y%m%d}",
            "FID_PW_DATA_INCU_YN": "N",
            "FID_FAKE_TICK_INCU_YN": "N",
        }
        path = "inquire-time-dailychartprice"
        return (await self._ask("FHKST03010230", path, query, KisMinutes)).output2

    async def days(
        self, symbol: str, venue: str, first: dt.date, last: dt.date
    ) -> tuple[KisDay, ...]:
        """Return at most 100 days, adjusted, the newest first.

        Raises:
            SourceError: Whatever went wrong.
        """
        query = {
            "FID_COND_MRKT_DIV_CODE": venue,
            "FID_INPUT_ISCD": symbol,
            "FID_INPUT_DATE_1": f"{first:%Y%m%d}",
            "FID_INPUT_DATE_2": f"{last:%Y%m%d}",
            "FID_PERIOD_DIV_CODE": "D",
            "FID_ORG_ADJ_PRC": "0",
        }
        path = "inquire-daily-itemchartprice"
        return (await self._ask("FHKST03010100", path, query, KisDays)).output2

    async def calendar(self, first: dt.date) -> KisCalendar:
        """Return on which days from one on the exchange trades; to be asked once a day.

        Raises:
            SourceError: Whatever went wrong.
        """
        query = {"BASS_DT": f"{first:%Y%m%d}", "CTX_AREA_NK": "", "CTX_AREA_FK": ""}
        return await self._ask("CTCA0903R", "chk-holiday", query, KisCalendar)

    async def approval(self) -> str:
        """Return a key of the websocket.

        Raises:
            SourceError: None is given.
        """
        body = {"grant_type": "client_credentials", "appkey": self._key.reveal()}
        body["secretkey"] = self._secret.reveal()
        answer = await self._post("/oauth2/Approval", body)
        return self._decoded(answer, KisApproval).approval_key

    async def token(self) -> str:
        """Return the token, a new one only where there is none or it has come to its end.

        Raises:
            SourceError: None is given.
        """
        return await self._token.get()

    async def _make_token(self) -> VendorToken:
        body = {"grant_type": "client_credentials", "appkey": self._key.reveal()}
        body["appsecret"] = self._secret.reveal()
        token = self._decoded(await self._post("/oauth2/tokenP", body), KisToken)
        until_ms = self._now_ms() + 1_000 * token.expires_in
        return VendorToken(value=VendorKey(token.access_token), until_ms=until_ms)

    async def _ask(self, tr_id: str, path: str, query: Mapping[str, str], kind: type[A]) -> A:
        token = await self.token()
        try:
            return await self._once(token, tr_id, path, query, kind)
        except SourceError as e:
            if e.kind != "key_expired":
                raise
        self._token.forget(token)
        return await self._once(await self.token(), tr_id, path, query, kind)

    async def _once(
        self, token: str, tr_id: str, path: str, query: Mapping[str, str], kind: type[A]
    ) -> A:
        headers = {
            "authorization": f"Bearer {token}",
            "appkey": self._key.reveal(),
            "appsecret": self._secret.reveal(),
            "tr_id": tr_id,
            "custtype": "P",
        }
        request = self._http.build_request("GET", f"{_BASE}/{path}", params=query, headers=headers)
        answer = await self._send(request)
        found = self._decoded(answer, kind)
        if found.rt_cd != DONE:
            raise self._fault(answer)
        return found

    async def _post(self, path: str, body: Mapping[str, str]) -> httpx.Response:
        return await self._send(self._http.build_request("POST", path, json=body))

    async def _send(self, request: httpx.Request) -> httpx.Response:
        answer = await ask(self._http, request, self.limiters["questions"], NAME)
        self.time.hear(answer.headers)
        return answer

    def _decoded(self, answer: httpx.Response, kind: type[T]) -> T:
        if answer.status_code != httpx.codes.OK:
            raise self._fault(answer)
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.DecodeError as e:
            raise SourceError("nonsense", NAME, str(e)) from e

    def _fault(self, answer: httpx.Response) -> SourceError:
        status = answer.status_code
        try:
            code = msgspec.json.decode(answer.content, type=KisRefusal).code
        except msgspec.DecodeError:
            code = ""
        kind = _KINDS.get(code) or ("server_error" if status >= 500 else "nonsense")
        if status == 429:
            kind = "limited"
        retry_s = _MINUTE_S if code == ASKED_TOO_SOON else retry_after_s(answer.headers)
        return SourceError(kind, NAME, f"{status} {code}".strip(), retry_s=retry_s)
