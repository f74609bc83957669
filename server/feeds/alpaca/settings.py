"""What can be set of the feed `alpaca`."""

from typing import Annotated, Literal

from msgspec import Meta

from server.feeds.live.settings import LiveSettings


class AlpacaSettings(LiveSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[feed.alpaca]` table."""

    data: Annotated[
        Literal["iex", "sip"],
        Meta(description="`iex` is free and has a few percent of the market, `sip` has all of it"),
    ] = "iex"
    per_minute: Annotated[
        int, Meta(ge=1, le=100_000, description="requests a minute that the account allows")
    ] = 200
    rest_url: Annotated[
        str, Meta(description="where requests go, scheme and host; empty for the vendor's own")
    ] = ""
    websocket_url: Annotated[
        str, Meta(description="where the stream is, scheme and host; empty for the vendor's own")
    ] = ""
