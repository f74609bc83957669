"""What a caller may say about files of bars; the rest is told from the files, or refused.

The words of an option stand in its type; flags, settings and tables are made from there.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

StampMeaning = Literal["auto", "open", "close"]


class ReadOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to read files of bars; what each option is for is said in its type."""

    source: Annotated[
        str, Meta(description="name of a shape in docs/sources.md, or `auto` to recognize it")
    ] = "auto"
    market: Annotated[
        str,
        Meta(
            description="`krx`, `us`, `crypto`, or a code of exchange_calendars such as `XTKS`; "
            "`auto` tells it from the symbols"
        ),
    ] = "auto"
    timezone: Annotated[
        str,
        Meta(
            description="IANA zone of times that carry none; empty for that of the source or the "
            "market"
        ),
    ] = ""
    stamp: Annotated[
        StampMeaning,
        Meta(
            description="whether bars carry the time at which they open or close; `auto` tells it "
            "from the source and the sessions"
        ),
    ] = "auto"
    time_format: Annotated[
        str,
        Meta(description="how times are written, in the letters of strptime; empty to tell it"),
    ] = ""
    session: Annotated[
        Literal["regular", "extended"],
        Meta(description="leave out bars outside of the regular session, or take them too"),
    ] = "regular"
    no_session: Annotated[
        Literal["keep", "drop"],
        Meta(description="what to do with bars of days on which the market did not trade"),
    ] = "keep"
    drop_limit: Annotated[
        float,
        Meta(
            gt=0,
            le=1,
            description="the share of a ticker's rows that may be unusable; more is refused, "
            "because dropping joins what was apart",
        ),
    ] = 0.05
    strict: Annotated[
        bool, Meta(description="refuse a folder in which any file or ticker cannot be used")
    ] = False


DEFAULT = ReadOptions()


def read_options(settings: ReadOptions) -> ReadOptions:
    """Return how to read files, of settings that say more than that."""
    names = ReadOptions.__struct_fields__
    return ReadOptions(**{name: getattr(settings, name) for name in names})
