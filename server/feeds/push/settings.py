"""What can be set of the feed `push`. Light: `--help` is made from it."""

from typing import Annotated

from msgspec import Meta

from server.feeds.live.settings import LiveSettings


class PushSettings(LiveSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[feed.push]` table."""

    universe: Annotated[
        str,
        Meta(
            description="who is watched from the start: a CSV file with the column `symbol` and, "
            "as you like, `name`, `name_en`, `market`, `sector`, `from`, `to`; others are announced"
        ),
    ] = ""
    history: Annotated[
        int, Meta(ge=30, le=600, description="bars of each ticker that a start takes from `cache`")
    ] = 300
    cache: Annotated[
        str,
        Meta(
            description="folder that keeps bars for the next start; empty for the user's own, but "
            "for the port `*`, which is another one at each start, none"
        ),
    ] = ""
    market: Annotated[
        str,
        Meta(
            description="where the tickers trade, which tells when bars close: krx, us, crypto, or "
            "a code such as XTKS"
        ),
    ] = ""
    sender_keys: Annotated[
        str,
        Meta(
            description="folder of the keys of those that may send, apart from the desks', made by "
            "`tickerlens-server keys --keys FOLDER`; empty lets in all of this machine alone"
        ),
    ] = ""
    grace: Annotated[
        float,
        Meta(ge=0, le=60, description="how long trades may take after a bar's end, seconds"),
    ] = 1.0
