"""Feeds that a test scripts, and one that is stuck."""

import threading
from collections.abc import Iterator

from server.feeds.base import FeedEvent, Listing


class MadeFeed:
    """Plays what a test made, then fails if it is told to.

    Attributes:
        listing: What is played.
        given: How many events were asked for.
        stopped: Set by `stop`.
        closed: How often it was closed.
    """

    def __init__(
        self, listing: Listing, *events: FeedEvent, error: Exception | None = None
    ) -> None:
        self.listing = listing
        self.given = 0
        self.stopped = threading.Event()
        self.closed = 0
        self._events, self._error = events, error

    def events(self) -> Iterator[FeedEvent]:
        for event in self._events:
            self.given += 1
            yield event
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        self.stopped.set()

    def close(self) -> None:
        self.closed += 1


class WaitingFeed(MadeFeed):
    """Plays its events and then waits for a source that says nothing, until it is stopped."""

    def events(self) -> Iterator[FeedEvent]:
        yield from super().events()
        self.stopped.wait()


class StuckFeed(MadeFeed):
    """Waits in a call of its own that no `stop` reaches, until a test lets it go.

    Attributes:
        waiting: Set when it is stuck.
        freed: Set it when the test is over.
    """

    def __init__(
        self, listing: Listing, *events: FeedEvent, error: Exception | None = None
    ) -> None:
        super().__init__(listing, *events, error=error)
        self.waiting, self.freed = threading.Event(), threading.Event()

    def events(self) -> Iterator[FeedEvent]:
        yield from super().events()
        self.waiting.set()
        self.freed.wait()
