"""What a feed from a file or from imagination is played through, since it has no clock itself."""

import dataclasses
import threading
import time
from collections.abc import Iterator

from server.feeds.base import BarBatch, Feed, FeedEvent, HistoryEnd, Listing, Resumable
from server.feeds.settings import Speed


class PacedFeed:
    """A feed that waits before each of its live batches; history is not waited for.

    Args:
        feed: What to play.
        batch_s: How long to wait before a batch, s; 0 does not wait.
    """

    def __init__(self, feed: Feed, batch_s: float) -> None:
        self._feed, self._batch_s = feed, batch_s
        self._stopped = threading.Event()
        self._known_ms = 0

    @property
    def listing(self) -> Listing:
        """What is played."""
        return self._feed.listing

    def resume(self, known_ms: int) -> None:
        """Play what lies before a moment as history, as `Resumable` says."""
        if isinstance(self._feed, Resumable):
            self._feed.resume(known_ms)
        else:
            self._known_ms = known_ms

    def events(self) -> Iterator[FeedEvent]:
        """Yield the events of the feed, each batch at its time, until `stop`."""
        due = time.monotonic()
        for event in self._resumed():
            if isinstance(event, BarBatch) and not event.history:
                # A taker that was late is not made later still by a burst.
                due = max(due + self._batch_s, time.monotonic())
                if self._stopped.wait(due - time.monotonic()):
                    return
            yield event

    def _resumed(self) -> Iterator[FeedEvent]:
        # A market that goes on where it stopped has its history later: all up to there.
        events = self._feed.events()
        if not self._known_ms:
            yield from events
            return
        for event in events:
            if isinstance(event, HistoryEnd):
                continue
            if self._stopped.is_set():
                return
            if not isinstance(event, BarBatch):
                yield event
            elif event.bar_ms.max(initial=0) > self._known_ms:
                if not event.history:
                    yield HistoryEnd()
                    yield event
                    break
                yield event
            elif event.closed:
                yield dataclasses.replace(event, history=True, loaded=1.0)
        yield from events

    def stop(self) -> None:
        """End the waiting and the feed."""
        self._stopped.set()
        self._feed.stop()

    def close(self) -> None:
        """Close the feed."""
        self._feed.close()


def batch_seconds(speed: Speed, batches: int = 1) -> float:
    """Return how long one batch lasts, s.

    Args:
        speed: Bars a minute; `max` does not wait.
        batches: How many of them make a bar.
    """
    return 0.0 if speed == "max" else 60 / speed / batches
