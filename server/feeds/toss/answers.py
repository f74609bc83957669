"""What the Open API of Toss Securities answers, as frozen records; what else comes is ignored.

From the vendor's OpenAPI document 1.2.17 (2026-09-17) and its `overview.md`. Numbers come as texts,
and stay texts until they are laid into arrays. The frames of the websocket are those of the
overview; the data of a trade is as it was seen (docs/feeds.md), for its own document is elsewhere.
"""

from datetime import date, datetime
from typing import Annotated, Final, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

DecimalText = Annotated[str, Meta(pattern=r"^[0-9]{1,20}(\.[0-9]{1,10})?$")]
AwareTime = Annotated[datetime, Meta(tz=True)]
TossInterval = Literal["1m", "1d"]

MOST_CANDLES: Final = 200  # in one answer
MOST_SYMBOLS: Final = 200  # in one question for prices or shares

T = TypeVar("T")


class TossToken(Struct, frozen=True):
    """What `POST /oauth2/token` gives; it makes the token before it worthless.

    Attributes:
        access_token: Goes with every question; never shown.
        expires_in: s.
    """

    access_token: Annotated[str, Meta(min_length=1, max_length=8192)]
    expires_in: Annotated[int, Meta(ge=1)]

    def __repr__(self) -> str:
        return "TossToken(***)"


class TossTokenRefusal(Struct, frozen=True):
    """Why no token was given, in the words of OAuth 2.0.

    Attributes:
        error: Such as `invalid_client`.
    """

    error: str


class TossReason(Struct, frozen=True):
    """Why something was refused.

    Attributes:
        code: Such as `token-revoked`; more may come.
        message: In Korean, may be empty.
    """

    code: str
    message: str = ""


class TossRefusal(Struct, frozen=True):
    """The envelope of all refusals but those of the token."""

    error: TossReason


class TossAnswer(Struct, Generic[T], frozen=True):
    """The envelope of all that is no refusal."""

    result: T


class TossCandle(Struct, frozen=True, rename="camel"):
    """A bar.

    Attributes:
        timestamp: End of a minute, [timestamp − 1 min, timestamp); midnight that begins a day.
        open_price: In its currency, as the others.
        high_price: Highest.
        low_price: Lowest.
        close_price: Last.
        volume: Shares.
    """

    timestamp: AwareTime
    open_price: DecimalText
    high_price: DecimalText
    low_price: DecimalText
    close_price: DecimalText
    volume: DecimalText


class TossCandlePage(Struct, frozen=True, rename="camel"):
    """Bars, the newest first.

    Attributes:
        candles: At most 200.
        next_before: Ask with `before` = this for the next page, whose first bar may be the last one
            of this page; None at the end.
    """

    candles: tuple[TossCandle, ...]
    next_before: AwareTime | None = None


class TossPrice(Struct, frozen=True, rename="camel"):
    """The last price of a share; there is no volume in it.

    Attributes:
        symbol: Of the share.
        last_price: In its currency.
        timestamp: When it traded; None where it has not.
    """

    symbol: str
    last_price: DecimalText
    timestamp: AwareTime | None = None


class TossListed(Struct, frozen=True, rename="camel"):
    """A share of a market's list.

    Attributes:
        symbol: Six digits or letters.
        name: In Korean.
    """

    symbol: str
    name: str


class TossKoreanDetail(Struct, frozen=True, rename="camel"):
    """What Korean shares have besides.

    Attributes:
        krx_trading_suspended: The Korea Exchange has halted it.
        nxt_supported: It trades on Nextrade too.
    """

    krx_trading_suspended: bool
    nxt_supported: bool


class TossStock(Struct, frozen=True, rename="camel"):
    """A share.

    Attributes:
        symbol: Six digits or letters.
        name: In Korean.
        english_name: In English; may be missing.
        market: Segment, such as KOSPI.
        status: SCHEDULED, ACTIVE or DELISTED.
        korean_market_detail: None for foreign shares.
    """

    symbol: str
    name: str
    market: str
    status: str
    english_name: str = ""
    korean_market_detail: TossKoreanDetail | None = None


class TossSession(Struct, frozen=True, rename="camel"):
    """One session of a day.

    Attributes:
        start_time: When it opens.
        end_time: When it closes.
    """

    start_time: AwareTime
    end_time: AwareTime


class TossSessions(Struct, frozen=True, rename="camel"):
    """The sessions of a day, of both venues together; None for one that is not held."""

    pre_market: TossSession | None = None
    regular_market: TossSession | None = None
    after_market: TossSession | None = None


class TossDay(Struct, frozen=True):
    """A day of the calendar.

    Attributes:
        date: In Seoul.
        integrated: None where neither venue trades.
    """

    date: date
    integrated: TossSessions | None = None


class TossCalendar(Struct, frozen=True, rename="camel"):
    """A day, the session before and the session after it."""

    today: TossDay
    previous_business_day: TossDay
    next_business_day: TossDay


class TossRejected(Struct, frozen=True):
    """A subscription that will be refused as long as it is asked for.

    Attributes:
        target: Such as `trade:kr:005930`.
        code: Such as `stock-not-found`.
    """

    target: str
    code: str


class TossSubscribed(Struct, frozen=True, tag="subscriptions"):
    """All that is subscribed to from now on."""

    subscribed: tuple[str, ...] = ()
    rejected: tuple[TossRejected, ...] = ()


class TossTrade(Struct, frozen=True):
    """A trade of one share on either venue.

    Attributes:
        price: In its currency.
        volume: Shares.
        timestamp: Of the exchange.
    """

    price: DecimalText
    volume: DecimalText
    timestamp: AwareTime


class TossTick(Struct, frozen=True, tag="message"):
    """A trade, by its topic such as `trade:kr:005930`."""

    topic: str
    data: TossTrade


class TossSocketRefusal(Struct, frozen=True, tag="error"):
    """A declaration that was refused whole, or the word before the server closes."""

    error: TossReason


class TossPong(Struct, frozen=True, tag="pong"):
    """The answer to `PING`."""


TossFrame = TossSubscribed | TossTick | TossSocketRefusal | TossPong


def declaration(symbols: tuple[str, ...]) -> str:
    """Return the text that subscribes to the trades of these Korean shares, and to nothing else."""
    if not symbols:
        return "[]"
    return msgspec.json.encode([{"type": "trade:kr", "codes": list(symbols)}]).decode()
