"""yfinance, held to our limits, without its files, and with what it logs told as faults.

Its documented way to another network is the session that it is given: ours moves requests to the
address of the settings, counts them, and raises what an answer means before yfinance keeps it for
the life of the process, or asks for new cookies because of it (docs/feeds.md).
"""

import contextlib
import datetime as dt
import functools
import logging
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import curl_cffi.requests
import msgspec
import pandas as pd
import yfinance
from curl_cffi.requests import exceptions as faults

from server.feeds.live.calls import called
from server.feeds.live.faults import FaultKind, SourceError
from server.feeds.live.limiter import RateLimiter

NAME: Final = "yahoo"
_ANSWER_S: Final = 10.0
_CHART: Final = "/v8/finance/chart/"
_COOKIES: Final = "fc.yahoo.com"  # asked before each question while there is no file of cookies
_KINDS: Final[dict[int, FaultKind]] = {
    400: "nonsense",
    404: "unknown_ticker",
    422: "nonsense",
    429: "limited",
}
_OF_ANSWERS: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError)


@dataclass(frozen=True, kw_only=True)
class YahooTable:
    """What yfinance makes of an answer.

    Attributes:
        prices: Open, High, Low, Close, Volume by begin, in the exchange's zone; may be empty.
        timezone: Of the exchange, an IANA name; empty where no bar came.
        has_evening: Whether Yahoo has bars before and after the session.
    """

    prices: pd.DataFrame
    timezone: str = ""
    has_evening: bool = False


class _ChartError(msgspec.Struct):
    description: str


class _ChartOfNothing(msgspec.Struct):
    error: _ChartError


class _ChartRefusal(msgspec.Struct):
    chart: _ChartOfNothing


class YahooSession(curl_cffi.requests.Session[curl_cffi.requests.Response]):
    """The session that yfinance asks through; one question at a time, over one connection.

    Attributes:
        asked: Requests that were made.
        date: What the newest answer said of the time.

    Args:
        url: Scheme and host to ask in place of Yahoo's; empty for Yahoo's own.
    """

    def __init__(self, url: str) -> None:
        super().__init__(impersonate="chrome", use_thread_local_curl=False)
        self.asked = 0
        self.date = ""
        self._url = url.rstrip("/")
        self._turn = threading.Lock()
        self._cookie_answer: curl_cffi.requests.Response | None = None

    def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Any:
        """Ask, as `Session.request` does.

        Raises:
            SourceError: The answer is none that yfinance could make anything of.
        """
        kwargs["timeout"] = min(kwargs.get("timeout") or _ANSWER_S, _ANSWER_S)
        parts = urlsplit(url)
        moved = f"{self._url}{parts.path}" if self._url else url
        with self._turn:
            if parts.netloc == _COOKIES and self._cookie_answer is not None:
                return self._cookie_answer
            self.asked += 1
            answer = super().request(method, moved, *args, **kwargs)
            if parts.netloc == _COOKIES:
                self._cookie_answer = answer
        self.date = answer.headers.get("Date") or ""
        if parts.path.startswith(_CHART):
            _check(answer)
        return answer

    def close(self) -> None:
        """Drop the connection; one that is in use ends with its thread."""
        if self._turn.acquire(blocking=False):
            try:
                super().close()
            finally:
                self._turn.release()


def _check(answer: curl_cffi.requests.Response) -> None:
    status = answer.status_code
    kind = _KINDS.get(status, "server_error" if status >= 500 else None)
    if kind is None and not answer.text.lstrip().startswith("{"):
        kind = "nonsense"
    if kind is None or status in (401, 403):  # for which yfinance has new cookies
        return
    wait = answer.headers.get("Retry-After") or ""
    retry_s = float(wait) if wait.isdigit() else None
    raise SourceError(kind, NAME, _said(answer), retry_s=retry_s)


def _said(answer: curl_cffi.requests.Response) -> str:
    try:
        words = msgspec.json.decode(answer.content, type=_ChartRefusal).chart.error.description
    except msgspec.MsgspecError:
        words = " ".join(answer.text.split())
    return f"{answer.status_code} {words}"


class _NoFiles:
    # In place of what yfinance keeps on disk: cookies, which it unpickles, and time zones, which
    # only tell what a time without a zone means.

    def __init__(self, value: str | None) -> None:
        self._value = value

    def lookup(self, _key: str) -> str | None:
        return self._value

    def store(self, _key: str, _value: object) -> None:
        pass


class YahooClient:
    """Bars of one ticker at a time.

    Args:
        limiter: Whose turn is taken.
        timezone: Of the market.
        url: Scheme and host; empty for Yahoo's own.
    """

    def __init__(self, limiter: RateLimiter, timezone: str, url: str) -> None:
        logging.getLogger("yfinance").setLevel(logging.CRITICAL + 1)
        warnings.filterwarnings("ignore", module=r"yfinance\b")  # of what pandas will have changed
        yfinance.config.debug.hide_exceptions = False
        yfinance.cache._CookieCacheManager._Cookie_cache = _NoFiles(None)
        yfinance.cache._TzCacheManager._tz_cache = _NoFiles(timezone)
        self._limiter, self._session, self._paid = limiter, YahooSession(url), 0

    @property
    def date(self) -> str:
        """What the newest answer said of the time."""
        return self._session.date

    async def table(
        self, symbol: str, interval: str, span_ms: tuple[int, int], *, dividends: bool
    ) -> YahooTable:
        """Return the bars that begin within a span, also of before and after the session.

        Args:
            symbol: As Yahoo writes it.
            interval: As Yahoo writes it.
            span_ms: First and last moment, ms since 1970 UTC; the last is not in it.
            dividends: Whether they are taken out of past prices.

        Raises:
            SourceError: Yahoo does not answer as it should.
        """
        if yfinance.utils.is_isin(symbol):  # it would be looked up somewhere else
            raise SourceError("unknown_ticker", NAME, f"{symbol} is an ISIN")
        # A cookie was asked for as well, the first time: its turns are taken now.
        for _ in range(max(self._session.asked - self._paid, 0) + 1):
            await self._limiter.take()
        self._paid = self._session.asked + 1
        ask = functools.partial(self._asked, symbol, interval, span_ms, dividends=dividends)
        with _told():
            return await called(ask)

    def close(self) -> None:
        """Drop the connection."""
        self._session.close()

    def _asked(
        self, symbol: str, interval: str, span_ms: tuple[int, int], *, dividends: bool
    ) -> YahooTable:
        ticker = yfinance.Ticker(symbol, session=self._session)
        try:
            prices = ticker.history(
                interval=interval,
                start=_utc(span_ms[0]),
                end=_utc(span_ms[1]),
                prepost=True,
                actions=False,
                auto_adjust=dividends,
                timeout=_ANSWER_S,
            )
        except yfinance.exceptions.YFPricesMissingError:
            return YahooTable(prices=pd.DataFrame())  # nothing traded then
        facts = ticker.get_history_metadata()
        return YahooTable(
            prices=prices,
            timezone=str(facts["exchangeTimezoneName"]),
            has_evening=bool(facts.get("hasPrePostMarketData")),
        )


@contextlib.contextmanager
def _told() -> Iterator[None]:
    # Turn what yfinance and what it stands on raise into a `SourceError`.
    try:
        yield
    except yfinance.exceptions.YFRateLimitError as e:
        raise SourceError("limited", NAME, str(e)) from e
    except yfinance.exceptions.YFException as e:
        raise SourceError("server_error", NAME, str(e)) from e
    except (faults.ConnectionError, faults.ProxyError) as e:
        raise SourceError("unreachable", NAME, type(e).__name__) from e
    except faults.Timeout as e:
        raise SourceError("silent", NAME, type(e).__name__) from e
    except _OF_ANSWERS as e:  # that an answer is no JSON is one of them
        raise SourceError("nonsense", NAME, f"{type(e).__name__} {e}") from e
    except faults.RequestException as e:
        raise SourceError("cut", NAME, type(e).__name__) from e


def _utc(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms / 1_000, dt.UTC)
