"""What can be set of the feed `push`. Light: `--help` is made from it."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


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
    interval: Annotated[str, Meta(description="length of a bar, such as 1m, 5m, 1d")] = "1m"
    session: Annotated[
        Literal["regular", "extended"],
        Meta(
            description="leave out bars outside of the regular session, or take them too",
        ),
    ] = "regular"
    no_trade: Annotated[
        Literal["skip", "flat"],
        Meta(
            description="what stands for a time without a trade: no bar, or one at the last price "
            "with no volume, where live bars are made of trades alone; as the model was trained"
        ),
    ] = "skip"
    grace: Annotated[
        float,
        Meta(ge=0, le=60, description="how long trades may take after a bar's end, seconds"),
    ] = 1.0
