"""What Toss Securities says, as the examples of its OpenAPI document 1.2.17 have it."""

import datetime as dt
import itertools
from typing import Any, Final

import msgspec

from tests.kit.loopback import Said
from tests.kit.traded_days import SEOUL


def refusal(status: int, code: str, message: str = "", **headers: str) -> Said:
    """Return a refusal in the envelope of all but the token."""
    body = {"error": {"requestId": "01HXYZABCDEFG123456789", "code": code, "message": message}}
    return Said(status=status, headers=headers, body=msgspec.json.encode(body))


REVOKED: Final = refusal(401, "token-revoked", "새로 발급된 토큰으로 대체되어 …")
EXPIRED: Final = refusal(401, "expired-token", "토큰이 만료되었습니다.")
NOT_REGISTERED: Final = refusal(403, "edge-blocked", "허용되지 않은 요청입니다.")
TOO_MANY: Final = refusal(429, "rate-limit-exceeded", **{"Retry-After": "1"})
TOO_MANY_UNSAID: Final = refusal(429, "edge-rate-limit-exceeded")
BROKEN: Final = refusal(500, "internal-error", "처리 중 문제가 생겼어요.")
PAGE: Final = Said(status=502, headers={"Content-Type": "text/html"}, body=b"<html>502</html>")
PAGE_OK: Final = Said(headers={"Content-Type": "text/html"}, body=b"<html>maintenance</html>")
CUT: Final = Said(body=b'{"result":[]}', cut=True)


def stock(symbol: str) -> dict[str, Any]:
    """Return a share as `stocks` has it."""
    return {
        "symbol": symbol,
        "name": f"종목 {symbol}",
        "englishName": f"Share {symbol}",
        "isinCode": f"KR7{symbol}003",
        "market": "KOSPI",
        "securityType": "STOCK",
        "isCommonShare": True,
        "status": "ACTIVE",
        "currency": "KRW",
        "listDate": "1975-06-11",
        "delistDate": None,
        "sharesOutstanding": "5919637922",
        "leverageFactor": None,
        "koreanMarketDetail": {
            "liquidationTrading": False,
            "nxtSupported": True,
            "krxTradingSuspended": False,
            "nxtTradingSuspended": False,
        },
    }


def listed(symbol: str) -> dict[str, Any]:
    """Return a share as `stocks/all` has it."""
    names = ("symbol", "name", "securityType", "isCommonShare", "isinCode")
    whole = stock(symbol)
    return {name: whole[name] for name in names}


def encode(value: object) -> str:
    """Return a value as JSON."""
    return msgspec.json.encode(value).decode()


def iso(ms: int) -> str:
    """Return a time in ms since 1970 UTC as the vendor writes it."""
    return dt.datetime.fromtimestamp(ms / 1_000, SEOUL).isoformat(timespec="milliseconds")


def ms_of(text: str) -> int:
    """Return what the vendor wrote in ms since 1970 UTC."""
    return round(dt.datetime.fromisoformat(text).timestamp() * 1_000)


def candle(ms: int, bar: tuple[float, ...]) -> dict[str, str]:
    """Return a bar by its stamp, ms since 1970 UTC."""
    names = ("openPrice", "highPrice", "lowPrice", "closePrice", "volume")
    values = {name: f"{value:.0f}" for name, value in zip(names, bar, strict=True)}
    at = dt.datetime.fromtimestamp(ms / 1_000, SEOUL).isoformat(timespec="seconds")
    return {"timestamp": at, **values, "currency": "KRW"}


def socket_error(code: str) -> dict[str, Any]:
    """Return a refusal of the websocket."""
    return {"type": "error", "error": {"code": code, "message": ""}}


def weekday(day: dt.date, step: int) -> dt.date:
    """Return the next weekday in a direction."""
    days = (day + dt.timedelta(days=step * n) for n in itertools.count(1))
    return next(d for d in days if d.weekday() < 5)


def market_day(day: dt.date, *, pre_market: bool) -> dict[str, Any]:
    """Return a day of the calendar; holidays are not known."""

    def at(clock: str) -> str:
        return f"{day}T{clock}:00+09:00"

    if day.weekday() >= 5:
        return {"date": str(day), "integrated": None}
    pre = {
        "startTime": at("08:00"),
        "singlePriceAuctionStartTime": at("08:50"),
        "endTime": at("09:00"),
    }
    regular = {
        "startTime": at("09:00"),
        "singlePriceAuctionStartTime": at("15:20"),
        "endTime": at("15:30"),
    }
    after = {
        "startTime": at("15:30"),
        "singlePriceAuctionEndTime": at("15:40"),
        "endTime": at("20:00"),
    }
    hours = {"preMarket": pre if pre_market else None, "regularMarket": regular}
    return {"date": str(day), "integrated": {**hours, "afterMarket": after}}
