"""From what ccxt raises to faults of a source."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Final

import ccxt
import ccxt.pro

from server.feeds.live.faults import FaultKind, SourceError

# The first that fits: ccxt's errors form a tree.
_KINDS: Final[tuple[tuple[type[Exception], FaultKind], ...]] = (
    (ccxt.BadSymbol, "unknown_ticker"),
    (ccxt.PermissionDenied, "not_registered"),
    (ccxt.AuthenticationError, "key_refused"),
    (ccxt.InvalidNonce, "clock_off"),
    (ccxt.RateLimitExceeded, "limited"),
    (ccxt.DDoSProtection, "limited"),
    (ccxt.RequestTimeout, "silent"),
    (ccxt.ExchangeNotAvailable, "server_error"),
    (ccxt.NetworkError, "unreachable"),
    (ccxt.NullResponse, "nonsense"),
    (ccxt.BadResponse, "nonsense"),
    (ccxt.ExchangeError, "server_error"),
    (ccxt.BaseError, "nonsense"),
)
_OF_ANSWERS: Final = (TypeError, KeyError, AttributeError, ValueError, IndexError)


@contextlib.contextmanager
def told(source: str, headers: Mapping[str, str] | None = None) -> Iterator[None]:
    """Turn what ccxt raises into a `SourceError`.

    Args:
        source: The name that the sentence has.
        headers: Of the newest answer, where there is one: it may say how long to wait.

    Raises:
        SourceError: ccxt raised something, or could make nothing of an answer.
    """
    try:
        yield
    except ccxt.BaseError as e:
        kind = next(kind for error, kind in _KINDS if isinstance(e, error))
        detail = " ".join(str(e).split())
        if kind == "server_error" and "<html" in detail.lower():
            kind = "nonsense"
        raise SourceError(kind, source, detail, retry_s=retry_s(headers or {})) from e
    except _OF_ANSWERS as e:
        raise SourceError("nonsense", source, f"{type(e).__name__}: {e}") from e


def refuse_no_json(exchange: ccxt.pro.Exchange) -> None:
    """Have an exchange raise `BadResponse` for what is no JSON although its status is well.

    ccxt takes a page of HTML with status 200 for an empty list of bars: minutes without a trade.
    """
    look = exchange.handle_http_status_code

    def look_closer(code: int, reason: str, url: str, method: str, body: str) -> None:
        look(code, reason, url, method, body)
        if exchange.parse_json(body) is None:
            raise ccxt.BadResponse(f"no JSON but {body[:60]!r}")

    exchange.handle_http_status_code = look_closer


def retry_s(headers: Mapping[str, str]) -> float | None:
    """Return what `Retry-After` says, s; None where it does not, or says a date."""
    value = {name.lower(): v for name, v in headers.items()}.get("retry-after", "")
    return float(value) if value.replace(".", "", 1).isdigit() else None
