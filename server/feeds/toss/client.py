"""Questions to the Open API of Toss Securities, one function each, and what refusals mean."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

import httpx
import msgspec

from models.data.times import to_utc
from server.feeds.live.faults import FaultKind, SourceError
from server.feeds.live.headers import VendorTime, ask, retry_after_s
from server.feeds.live.limiter import RateLimiter
from server.feeds.live.secrets import VendorKey
from server.feeds.live.tokens import SharedToken, VendorToken
from server.feeds.toss.answers import (
    MOST_CANDLES,
    TossAnswer,
    TossCalendar,
    TossCandlePage,
    TossInterval,
    TossListed,
    TossPrice,
    TossRefusal,
    TossStock,
    TossToken,
    TossTokenRefusal,
)

NAME: Final = "toss"
# Questions a second by group, as the vendor's overview says; answers may say otherwise.
GROUPS: Final = {"token": 5, "shares": 5, "lists": 1, "calendar": 3, "prices": 15, "charts": 20}
_TOKEN: Final = "/oauth2/token"  # noqa: S105 - a path
_TOKEN_KINDS: Final[dict[str, FaultKind]] = {
    "invalid_client": "key_refused",
    "unauthorized_client": "key_refused",
    "access_denied": "not_registered",
}
_KINDS: Final[dict[str, FaultKind]] = {
    "expired-token": "key_expired",
    "invalid-token": "key_expired",
    "token-revoked": "key_revoked",
    "login-user-not-found": "key_refused",
    "forbidden": "key_refused",
    "stock-not-found": "unknown_ticker",
}
_STATUS: Final[dict[int, FaultKind]] = {
    401: "key_refused",
    403: "not_registered",
    429: "limited",
}

T = TypeVar("T")


class TossClient:
    """Asks the vendor; keeps the one token that a client may have, and asks for none without need.

    Attributes:
        limiters: By what is asked for; answers move them.
        time: The vendor's.

    Args:
        http: With the vendor's address as its base.
        client_id: Of the client.
        client_secret: Of the client.
        now_ms: The time, ms since 1970 UTC.
        tokens: Folder of the token, as in the settings.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        client_id: VendorKey,
        client_secret: VendorKey,
        now_ms: Callable[[], int],
        tokens: str,
    ) -> None:
        self.limiters = {name: RateLimiter(most) for name, most in GROUPS.items()}
        self.time = VendorTime(now_ms)
        self._http, self._id, self._secret, self._now_ms = http, client_id, client_secret, now_ms
        self._token = SharedToken(tokens, NAME, client_id, now_ms, self._make_token)

    async def candles(
        self, symbol: str, interval: TossInterval, count: int, before_ms: int | None = None
    ) -> TossCandlePage:
        """Return the newest bars of a share, the newest first; one of them may still run.

        Args:
            symbol: The share.
            interval: Length of a bar.
            count: At most this many, 1 to 200.
            before_ms: None stamped later than this, ms since 1970 UTC.

        Raises:
            SourceError: Whatever went wrong.
        """
        query = {"symbol": symbol, "interval": interval, "count": str(min(count, MOST_CANDLES))}
        if before_ms is not None:
            query["before"] = to_utc(before_ms).isoformat()
        return await self._ask("charts", "/api/v1/candles", query, TossAnswer[TossCandlePage])

    async def prices(self, symbols: Sequence[str]) -> tuple[TossPrice, ...]:
        """Return the last prices of at most 200 shares; those that it does not know are left out.

        Raises:
            SourceError: Whatever went wrong.
        """
        query = {"symbols": ",".join(symbols)}
        return await self._ask("prices", "/api/v1/prices", query, TossAnswer[tuple[TossPrice, ...]])

    async def stocks(self, symbols: Sequence[str]) -> tuple[TossStock, ...]:
        """Return at most 200 shares with their names; those that it does not know are left out.

        Raises:
            SourceError: Whatever went wrong.
        """
        query = {"symbols": ",".join(symbols)}
        return await self._ask("shares", "/api/v1/stocks", query, TossAnswer[tuple[TossStock, ...]])

    async def listed(self, market: str) -> tuple[TossListed, ...]:
        """Return all common and preferred shares of a market such as KOSPI, in order of symbols.

        Raises:
            SourceError: Whatever went wrong.
        """
        query = {"market": market, "securityType": "STOCK"}
        return await self._ask(
            "lists", "/api/v1/stocks/all", query, TossAnswer[tuple[TossListed, ...]]
        )

    async def calendar(self) -> TossCalendar:
        """Return the sessions of today, of the session before and of the one after.

        Raises:
            SourceError: Whatever went wrong.
        """
        return await self._ask(
            "calendar", "/api/v1/market-calendar/KR", {}, TossAnswer[TossCalendar]
        )

    async def token(self) -> str:
        """Return the token, a new one only where there is none or it has come to its end.

        Raises:
            SourceError: None is given.
        """
        return await self._token.get()

    async def _make_token(self) -> VendorToken:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._id.reveal(),
            "client_secret": self._secret.reveal(),
        }
        answer = await self._send("token", self._http.build_request("POST", _TOKEN, data=form))
        if answer.status_code != httpx.codes.OK:
            raise self._token_fault(answer)
        token = _decoded(answer, TossToken)
        until_ms = self._now_ms() + 1_000 * token.expires_in
        return VendorToken(value=VendorKey(token.access_token), until_ms=until_ms)

    async def _ask(
        self, group: str, path: str, query: Mapping[str, str], kind: type[TossAnswer[T]]
    ) -> T:
        token = await self.token()
        answer = await self._get(token, group, path, query)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            fault = self._fault(answer)
            self._token.forget(token)
            # A token that has ended is replaced at once, and so is one behind which another program
            # of ours made one; one that a stranger replaced is not, or the two would take it from
            # each other.
            if fault.kind != "key_expired" and not self._token.is_replaced():
                raise fault
            answer = await self._get(await self.token(), group, path, query)
        if answer.status_code != httpx.codes.OK:
            raise self._fault(answer)
        return _decoded(answer, kind).result

    async def _get(
        self, token: str, group: str, path: str, query: Mapping[str, str]
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        request = self._http.build_request("GET", path, params=query, headers=headers)
        return await self._send(group, request)

    async def _send(self, group: str, request: httpx.Request) -> httpx.Response:
        answer = await ask(self._http, request, self.limiters[group], NAME)
        self.time.hear(answer.headers)
        return answer

    def _token_fault(self, answer: httpx.Response) -> SourceError:
        try:
            code = msgspec.json.decode(answer.content, type=TossTokenRefusal).error
        except msgspec.DecodeError:
            return self._fault(answer)
        kind = _TOKEN_KINDS.get(code)
        return SourceError(kind, NAME, code) if kind else self._fault(answer)

    def _fault(self, answer: httpx.Response) -> SourceError:
        status = answer.status_code
        try:
            code = msgspec.json.decode(answer.content, type=TossRefusal).error.code
        except msgspec.DecodeError:
            code = ""
        kind = _KINDS.get(code) or _STATUS.get(status) or _by_class(status)
        detail = f"{status} {code}".strip()
        return SourceError(kind, NAME, detail, retry_s=retry_after_s(answer.headers))


def _by_class(status: int) -> FaultKind:
    return "server_error" if status >= 500 else "nonsense"


def _decoded(answer: httpx.Response, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.DecodeError as e:
        raise SourceError("nonsense", NAME, str(e)) from e
