"""alpaca-py, held to our limits: left alone it asks again by itself, and waits without end.

Its stream is taken in its steps, because the whole of it retries for ever and says so in its log
alone (docs/feeds.md).
"""

import asyncio
import contextlib
import datetime as dt
import functools
import warnings
from collections.abc import AsyncGenerator, Iterator
from typing import Any, Final

import requests

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it uses a part of websockets that goes some day
    from alpaca.common.exceptions import APIError
    from alpaca.data.enums import Adjustment, DataFeed
    from alpaca.data.historical import StockHistoricalDataClient
    from alpaca.data.live import StockDataStream
    from alpaca.data.models import Bar
    from alpaca.data.requests import StockBarsRequest
    from alpaca.data.timeframe import TimeFrame, TimeFrameUnit

import websockets

from server.feeds.live.calls import called
from server.feeds.live.faults import FaultKind, SourceError
from server.feeds.live.limiter import RateLimiter
from server.feeds.live.secrets import VendorKey

NAME: Final = "alpaca"
MOST_BARS: Final = 10_000  # in one answer
_ANSWER_S: Final = 10.0
_KINDS: Final[dict[int, FaultKind]] = {
    400: "unknown_ticker",
    401: "key_refused",
    403: "key_refused",
    422: "unknown_ticker",
    429: "limited",
}
TIMEFRAMES: Final = {
    "1m": TimeFrame(1, TimeFrameUnit.Minute),
    "5m": TimeFrame(5, TimeFrameUnit.Minute),
    "15m": TimeFrame(15, TimeFrameUnit.Minute),
    "1h": TimeFrame(1, TimeFrameUnit.Hour),
    "1d": TimeFrame(1, TimeFrameUnit.Day),
}


class _Patient(requests.adapters.HTTPAdapter):
    # alpaca-py waits for an answer without end.

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        return super().send(request, stream, timeout or _ANSWER_S, verify, cert, proxies)


class AlpacaRest:
    """History over REST.

    Args:
        key: Of the account.
        secret: Of the account.
        limiter: Whose turn is taken.
        data: Of which exchange.
        url: Scheme and host; empty for the vendor's own.
    """

    def __init__(
        self, key: VendorKey, secret: VendorKey, limiter: RateLimiter, data: str, url: str
    ) -> None:
        self._limiter, self._data = limiter, DataFeed(data)
        self._client = StockHistoricalDataClient(
            key.reveal(), secret.reveal(), raw_data=True, url_override=url or None
        )
        self.date = ""
        self._client._retry = 0  # it would ask again past the limiter
        session = self._client._session
        session.hooks["response"].append(self._hear)
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Patient())
        self._headers: dict[str, str] = {}

    async def bars(
        self, symbol: str, interval: str, from_ms: int, to_ms: int
    ) -> list[dict[str, Any]]:
        """Return raw bars that begin within [`from_ms`, `to_ms`), the oldest `MOST_BARS` of them.

        Raises:
            SourceError: The vendor does not answer as it should.
        """
        request = StockBarsRequest(
            symbol_or_symbols=symbol,
            timeframe=TIMEFRAMES[interval],
            start=_utc(from_ms),
            end=_utc(to_ms - 1),
            limit=MOST_BARS,
            feed=self._data,
            adjustment=Adjustment.SPLIT,
        )
        await self._limiter.take()
        with told(self._headers):
            answer = await called(functools.partial(self._client.get_stock_bars, request))
            self._follow_limit()
            bars: list[dict[str, Any]] = dict(answer).get(symbol, [])
            return bars

    def close(self) -> None:
        """Drop the connection."""
        self._client._session.close()

    def _hear(self, response: requests.Response, *_: object, **__: object) -> None:
        self._headers.clear()
        self._headers.update({name.lower(): value for name, value in response.headers.items()})
        self.date = response.headers.get("Date", "")

    def _follow_limit(self) -> None:
        left = self._headers.get("x-ratelimit-remaining", "")
        most = self._headers.get("x-ratelimit-limit", "")
        self._limiter.told(
            most=int(most) if most.isdigit() else None,
            left=int(left) if left.isdigit() else None,
            reset_s=5.0,
        )


async def stream_messages(
    key: VendorKey, secret: VendorKey, data: str, url: str, symbols: list[str]
) -> AsyncGenerator[dict[str, Any] | None, None]:
    """Yield None once all is subscribed to, then raw bars and updated bars as they come.

    Raises:
        SourceError: The stream cannot be had, or broke off.
    """
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def hear(message: Bar | dict[str, Any]) -> None:
        heard.put_nowait(dict(message))

    stream = StockDataStream(
        key.reveal(),
        secret.reveal(),
        raw_data=True,
        feed=DataFeed(data),
        url_override=f"{url}/v2/{data}" if url else None,
    )
    stream.subscribe_bars(hear, *symbols)
    stream.subscribe_updated_bars(hear, *symbols)
    consuming: asyncio.Task[bool] | None = None
    try:
        with told({}):
            async with asyncio.timeout(_ANSWER_S):
                await stream._start_ws()
                await stream._send_subscribe_msg()
            consuming = asyncio.create_task(stream._consume())
            yield None
            async for message in _until_end(heard, consuming):
                yield message
    finally:
        if consuming is not None:
            consuming.cancel()
            await asyncio.wait({consuming})
        with contextlib.suppress(Exception):  # whatever its half-open socket says
            await stream.close()


async def _until_end(
    heard: "asyncio.Queue[dict[str, Any]]", consuming: "asyncio.Task[bool]"
) -> AsyncGenerator[dict[str, Any], None]:
    while True:
        taking = asyncio.create_task(heard.get())
        try:
            await asyncio.wait({taking, consuming}, return_when=asyncio.FIRST_COMPLETED)
            if not taking.done():
                consuming.result()
                raise SourceError("cut", NAME)
            yield taking.result()
        finally:
            taking.cancel()


@contextlib.contextmanager
def told(headers: dict[str, str]) -> Iterator[None]:
    """Turn what alpaca-py and what it stands on raise into a `SourceError`."""
    try:
        yield
    except APIError as e:
        code = e.status_code or 0
        kind = _KINDS.get(code, "server_error" if code >= 500 else "nonsense")
        wait = headers.get("retry-after", "")
        retry_s = float(wait) if wait.isdigit() else None
        raise SourceError(kind, NAME, f"{code} {e}", retry_s=retry_s) from e
    except requests.exceptions.JSONDecodeError as e:
        raise SourceError("nonsense", NAME, str(e)) from e
    except (requests.exceptions.Timeout, TimeoutError) as e:
        raise SourceError("silent", NAME, str(e)) from e
    except websockets.ConnectionClosed as e:
        raise SourceError("cut", NAME, str(e)) from e
    except (requests.exceptions.RequestException, OSError, websockets.WebSocketException) as e:
        raise SourceError("unreachable", NAME, type(e).__name__) from e
    except ValueError as e:  # by which its stream says that it is not let in
        raise SourceError("key_refused", NAME, str(e)) from e


def _utc(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms / 1_000, dt.UTC)
