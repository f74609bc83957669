"""What can be set of the feed of Toss Securities. Light: `--help` is made from it."""

from typing import Annotated

from msgspec import Meta

from server.feeds.live.settings import LiveSettings, TokenFolder


class TossSettings(LiveSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[feed.toss]` table; keys are never set here, docs/feeds.md says where."""

    address: Annotated[str, Meta(description="of the vendor's REST interface")] = (
        "https://openapi.tossinvest.com"
    )
    socket: Annotated[str, Meta(description="of the vendor's websocket")] = (
        "wss://openapi-ws.tossinvest.com/ws/v1"
    )
    connections: Annotated[
        int,
        Meta(
            ge=0,
            le=2,
            description="of the websocket, 100 tickers each; an account has 2 in all, and one more "
            "closes the oldest, so leave those that another program of yours needs",
        ),
    ] = 1
    sweep: Annotated[
        float,
        Meta(
            ge=1,
            le=60,
            description="from one look at all prices to the next, s; bars form by it",
        ),
    ] = 1.0
    tokens: TokenFolder = ""
