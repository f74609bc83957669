"""What can be set of the feed `push`. Light: `--help` is made from it."""

from typing import Annotated

import msgspec
from msgspec import Meta

from server.feeds.live.settings import Length, SilentTime, TakenSession


class PushSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[feed.push]` table."""

    market: Annotated[
        str,
        Meta(
            description="where the tickers trade, which tells when bars close: krx, us, crypto, or "
            "a code such as XTKS"
        ),
    ] = ""
    universe: Annotated[
        str,
        Meta(
            description="who is watched from the start: a CSV file with the column `symbol` and, "
            "as you like, `name`, `name_en`, `market`, `sector`, `from`, `to`; others are announced"
        ),
    ] = ""
    interval: Length = "1m"
    session: TakenSession = "regular"
    no_trade: SilentTime = "skip"
    grace: Annotated[
        float,
        Meta(ge=0, le=60, description="how long trades may take after a bar's end, seconds"),
    ] = 1.0
