"""The thread that asks a feed for its events; the main thread takes them one by one."""

import contextlib
import queue
import socket
import threading
import time
from typing import Final, Literal, Self

import numpy as np
import structlog

from server.feeds.base import (
    Attentive,
    BarBatch,
    Feed,
    FeedEvent,
    FeedReport,
    HistoryEnd,
    ListingChange,
    Resumable,
)
from server.feeds.roster import Roster
from shared.contract import Int64
from shared.errors import PluginError, TickerlensError
from shared.plugins import guarded

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

News = BarBatch | ListingChange | FeedReport | Literal["live", "ended"]

STOP_S: Final = 0.7  # what a feed may take to stop, of the two seconds that the server has
_WAITING: Final = 8  # news that may wait to be taken; then the feed waits


class FeedThread:
    """Plays a feed; a context manager that stops it, closes it, and never waits for it for long.

    `_run` and what it calls belong to the thread, all else to the main thread. The thread is a
    daemon and wakes the main thread through a pair of plain sockets: neither the interpreter nor
    ZeroMQ waits at its end for a feed that is stuck in a call of its own.

    Attributes:
        listing: What is played.

    Args:
        name: What the feed is called where it fails.
        feed: What to play; it is closed even if it was never started.
        stop_s: How long the feed may take to stop, s.
    """

    def __init__(self, name: str, feed: Feed, stop_s: float = STOP_S) -> None:
        self.listing = feed.listing
        self._name, self._feed, self._stop_s = name, feed, stop_s
        self._attended: Int64 = np.zeros(0, np.int64)
        self._stopping = threading.Event()
        self._news: queue.Queue[News | TickerlensError] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._ear, self._mouth = socket.socketpair()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        give_up = time.monotonic() + self._stop_s
        if not self._thread.ident:
            self._thread.start()  # it only closes the feed
        # `stop` is the feed's own code too, and may hang as well as `events`.
        asked = threading.Thread(target=self._ask_feed, name="feed-stop", daemon=True)
        asked.start()
        while not self._news.empty():
            self._news.get_nowait()  # so that the thread need not wait to say its last word
        for thread in (self._thread, asked):
            thread.join(max(give_up - time.monotonic(), 0))
        if self._thread.is_alive() or asked.is_alive():
            log.error("the feed does not stop and is left behind", feed=self._name)
        self._ear.close()
        self._mouth.close()

    def start(self, known_ms: int = 0) -> None:
        """Begin to play.

        Args:
            known_ms: Close of the newest bar that an earlier run left, ms since 1970 UTC; a feed
                that can go on from there does.
        """
        if known_ms and isinstance(self._feed, Resumable):
            self._feed.resume(known_ms)
        self._thread.start()

    def attend(self, rows: Int64) -> None:
        """Have a feed that can do so care for some tickers first, (k,) int64."""
        if not isinstance(self._feed, Attentive) or np.array_equal(rows, self._attended):
            return
        self._attended = rows
        try:
            with guarded("tickerlens.feeds", self._name):
                self._feed.attend(rows)
        except TickerlensError as e:
            log.warning("the feed does not care for some tickers first", reason=str(e))

    def fileno(self) -> int:
        """Return the descriptor that is readable as long as there is news to take."""
        return self._ear.fileno()

    def take(self) -> News:
        """Return the oldest news, as the feed gave it, or a word.

        The word is `live` after the last history, `ended` at the end.

        Raises:
            TickerlensError: The feed failed, in place of `ended`.
        """
        self._ear.recv(1)
        news = self._news.get_nowait()
        if isinstance(news, TickerlensError):
            raise news
        return news

    def _run(self) -> None:
        self._hand_over(self._play())
        try:
            with guarded("tickerlens.feeds", self._name):
                self._feed.close()
        except TickerlensError as e:
            log.warning("the feed was not closed", feed=self._name, reason=str(e))

    def _play(self) -> Literal["ended"] | TickerlensError:
        # Return the last word on the feed.
        try:
            with guarded("tickerlens.feeds", self._name):
                self._play_events()
        except TickerlensError as e:
            if isinstance(e, PluginError):
                log.exception("the feed failed", feed=self._name)
            return e
        return "ended"

    def _play_events(self) -> None:
        roster, live = Roster(self.listing), False
        if self._stopping.is_set():
            return
        for event in self._feed.events():
            _check(event, roster)
            # A feed without history need not say that there is no more of it.
            if not live and _is_live(event):
                live = True
                self._hand_over("live")
            if not isinstance(event, HistoryEnd):
                self._hand_over(event)
            if self._stopping.is_set():
                return

    def _hand_over(self, news: News | TickerlensError) -> None:
        if not self._stopping.is_set():
            self._news.put(news)
            with contextlib.suppress(OSError):  # the main thread has left
                self._mouth.send(b"\0")

    def _ask_feed(self) -> None:
        try:
            with guarded("tickerlens.feeds", self._name):
                self._feed.stop()
        except TickerlensError as e:
            log.warning("the feed could not be asked to stop", feed=self._name, reason=str(e))


def _is_live(event: FeedEvent) -> bool:
    return isinstance(event, HistoryEnd) or (isinstance(event, BarBatch) and not event.history)


def _check(event: FeedEvent, roster: Roster) -> None:
    # In this thread, and not where it would hurt: in the main thread, among what others are told.
    match event:
        case BarBatch():
            if event.rows.size and not 0 <= event.rows.min() <= event.rows.max() < len(roster):
                raise ValueError(f"rows must lie within 0..{len(roster) - 1}")
        case ListingChange():
            roster.apply(event)
        case HistoryEnd() | FeedReport():
            pass
        case _:
            raise TypeError(f"that is no event of a feed: {type(event).__name__}")
