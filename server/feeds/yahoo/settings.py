"""What can be set of the feed `yahoo`."""

from typing import Annotated, Literal

from msgspec import Meta

from server.feeds.live.settings import LiveSettings


class YahooSettings(LiveSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[feed.yahoo]` table."""

    market: Annotated[
        str,
        Meta(
            description="where all tickers of the universe trade: us, krx, crypto, or a code of "
            "exchange_calendars such as XTKS"
        ),
    ] = "us"
    suffix: Annotated[
        str,
        Meta(
            description="what Yahoo writes behind each symbol of the universe, such as .KS of "
            "KOSPI; empty where they are written as there"
        ),
    ] = ""
    adjust: Annotated[
        Literal["dividends", "splits"],
        Meta(
            description="what rewrites past prices: dividends and splits, or splits alone; as the "
            "model was trained"
        ),
    ] = "dividends"
    delay_minutes: Annotated[
        int,
        Meta(
            ge=-1,
            le=1_440,
            description="how old its bars are when they come; −1 for what docs/feeds.md says",
        ),
    ] = -1
    per_minute: Annotated[
        int, Meta(ge=1, le=6_000, description="requests a minute; Yahoo publishes no limit")
    ] = 60
    rest_url: Annotated[
        str, Meta(description="where requests go, scheme and host; empty for the vendor's own")
    ] = ""
