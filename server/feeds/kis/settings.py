"""What can be set of the feed of KIS. Light: `--help` is made from it."""

from typing import Annotated, Literal

from msgspec import Meta

from server.feeds.live.settings import LiveSettings, TokenFolder


class KisSettings(LiveSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[feed.kis]` table; keys are never set here, docs/feeds.md says where."""

    address: Annotated[str, Meta(description="of the vendor's REST interface")] = (
        "https://openapi.koreainvestment.com:9443"
    )
    socket: Annotated[str, Meta(description="of the vendor's websocket")] = (
        "ws://ops.koreainvestment.com:21000"
    )
    venue: Annotated[
        Literal["krx", "both"],
        Meta(description="the Korea Exchange alone, or Nextrade with it"),
    ] = "krx"
    questions: Annotated[
        int, Meta(ge=1, le=20, description="to the vendor a second; 2 for an account on paper")
    ] = 18
    registrations: Annotated[
        int,
        Meta(
            ge=0,
            le=41,
            description="of tickers at the websocket; a key has 41 in all and one connection, and "
            "0 leaves both to another program",
        ),
    ] = 41
    tokens: TokenFolder = ""
