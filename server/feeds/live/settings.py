"""What can be set of every live feed; each source adds its own. Light: `--help` is made from it."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

TokenFolder = Annotated[
    str,
    Meta(
        description="folder that keeps the token for the next start and for your other programs, "
        "readable by you alone; empty for the user's own, `off` for none"
    ),
]

# What other feeds of now can be told in the same words.
Length = Annotated[str, Meta(description="length of a bar, such as 1m, 5m, 1d")]
TakenSession = Annotated[
    Literal["regular", "extended"],
    Meta(description="leave out bars outside of the regular session, or take them too"),
]
SilentTime = Annotated[
    Literal["skip", "flat"],
    Meta(
        description="what stands for a time without a trade: no bar, or one at the last price "
        "with no volume, where live bars are made of trades alone; as the model was trained"
    ),
]


class LiveSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The part of a `[feed.NAME]` table that all live feeds have."""

    universe: Annotated[
        str,
        Meta(
            description="who is watched: a CSV file with the column `symbol` and, as you like, "
            "`name`, `name_en`, `market`, `sector`, `from`, `to`; or a list that the source has, "
            "such as krw-top-100"
        ),
    ] = ""
    interval: Length = "1m"
    history: Annotated[
        int, Meta(ge=30, le=600, description="bars of each ticker before the first live one")
    ] = 300
    session: TakenSession = "regular"
    no_trade: SilentTime = "skip"
    cache: Annotated[
        str,
        Meta(description="folder that keeps bars for the next start; empty for the user's own"),
    ] = ""
