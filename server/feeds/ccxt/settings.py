"""What can be set of the feed `ccxt`."""

from typing import Annotated

from msgspec import Meta

from server.feeds.live.settings import LiveSettings


class CcxtSettings(LiveSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[feed.ccxt]` table."""

    per_second: Annotated[
        float,
        Meta(
            ge=0,
            le=1_000,
            description="requests for bars a second; 0 for what the exchange allows, or half of "
            "what ccxt takes for its limit",
        ),
    ] = 0.0
    rest_url: Annotated[
        str, Meta(description="where requests go, scheme and host; empty for the exchange's own")
    ] = ""
    websocket_url: Annotated[
        str, Meta(description="where the stream is, scheme and host; empty for the exchange's own")
    ] = ""
