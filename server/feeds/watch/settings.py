"""What can be set of the feed `watch`. Light: `--help` is made from it."""

from typing import Annotated

from msgspec import Meta

from shared.reading import ReadOptions


class WatchSettings(ReadOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[feed.watch]` table; how files are read is set as it is for `tickerlens-models`."""

    interval: Annotated[
        str,
        Meta(
            description="length of a bar, such as 1m, 1d; empty to tell it from the files. With it "
            "and `market` the folder may be empty at first"
        ),
    ] = ""
    look: Annotated[
        float, Meta(ge=0.05, le=3_600, description="from one look at the files to the next, s")
    ] = 1.0
    grace: Annotated[
        float,
        Meta(ge=0, le=3_600, description="how long after a bar's end its row may still change, s"),
    ] = 2.0
