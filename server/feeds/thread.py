"""The thread that paces a feed; the main thread takes its batches one by one."""

import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal, Self

import zmq

from server.feeds.base import BarBatch, Feed

News = BarBatch | Literal["live", "ended"]

_WAITING: Final = 8  # batches that may wait to be taken; then the feed waits
_ADDRESS: Final = "inproc://feed"


class FeedThread:
    """Plays a feed at its speed; a context manager that stops the thread at once.

    Only `_play` runs in the thread; all else belongs to the main thread.

    Attributes:
        socket: Becomes readable once for each news.

    Args:
        context: Of ZeroMQ.
        feed: What to play.
        bar_s: How long one bar lasts, s; 0 does not wait.
    """

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], feed: Feed, bar_s: float) -> None:
        self._context, self._feed, self._bar_s = context, feed, bar_s
        self._stop = threading.Event()
        self._news: queue.Queue[News] = queue.Queue(_WAITING)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="feed")
        self.socket = context.socket(zmq.PULL)
        self.socket.bind(_ADDRESS)

    def __enter__(self) -> Self:
        self._played = self._executor.submit(self._play)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        while not self._news.empty():
            self._news.get_nowait()  # so that the thread need not wait to say its last word
        self._executor.shutdown()
        self.socket.close()

    def take(self) -> News:
        """Return the oldest news: a batch, `live` after the last history, `ended` at the end.

        Raises:
            TickerlensError: The feed failed.
        """
        self.socket.recv()
        news = self._news.get_nowait()
        if news == "ended":
            self._played.result()
        return news

    def _play(self) -> None:
        with self._context.socket(zmq.PUSH) as wake:
            wake.linger = 0
            wake.connect(_ADDRESS)
            try:
                self._play_batches(wake)
            finally:
                self._hand_over("ended", wake)

    def _play_batches(self, wake: zmq.Socket[bytes]) -> None:
        due, live = time.monotonic(), False
        for batch in self._feed.batches():
            if not (live or batch.history):
                live = True
                self._hand_over("live", wake)
            # A main thread that was late is not made later still by a burst.
            due = max(due + batch.wait * self._bar_s, time.monotonic())
            if self._stop.wait(due - time.monotonic()):
                return
            self._hand_over(batch, wake)

    def _hand_over(self, news: News, wake: zmq.Socket[bytes]) -> None:
        self._news.put(news)
        wake.send(b"")
