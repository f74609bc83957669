"""What a package offers under `tickerlens.feeds`: a kind of feed, declared as one object."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from server.feeds.base import Feed

S = TypeVar("S", bound=msgspec.Struct)


@dataclass(frozen=True, kw_only=True)
class FeedKind(Generic[S]):
    """A kind of feed, chosen by its name: `feed = "NAME"` or `feed = "NAME:ARGUMENT"`.

    Attributes:
        settings: Frozen record of what can be set in the table `[feed.NAME]`. Each field has a
            default, and is `Annotated` with a `msgspec.Meta` whose description says what it is for.
        open: Make a feed of the argument, which is empty where none is given, and the settings. It
            may wait for the source, since nothing is served yet; what it raises stops the start.
    """

    settings: type[S]
    open: Callable[[str, S], Feed]
