"""Which tickers are looked at, from the prefixes that subscribers named."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import numpy as np

from server.market.subscribed import Subscribed
from shared.contract import Bool, Int64
from shared.protocol.wire import topic

# Prefixes that are no topic of a ticker are kept up to this many: one subscriber may name
# anything. Those of tickers are as many as there are tickers, and always kept.
MAX_OTHERS: Final = 4_096

_KINDS: Final = ("heatmap", "bar")
_AFTER_ALL: Final = b"\xff"  # topics are ASCII, so all that begin with a prefix lie before this


class Subscriptions:
    """What subscribers look at; a prefix costs the same however many tickers there are.

    Attributes:
        ignored: How many prefixes were one too many.

    Args:
        symbols: (n,) the tickers, in the order of their rows.
    """

    def __init__(self, symbols: tuple[str, ...]) -> None:
        self.ignored = 0
        self._named: set[bytes] = set()  # topics of tickers
        self._others: set[bytes] = set()
        self.follow(symbols)

    def __len__(self) -> int:
        """Return how many prefixes are kept."""
        return len(self._named) + len(self._others)

    def follow(self, symbols: tuple[str, ...]) -> None:
        """Look for other tickers; who subscribed to one before it came has it from now on."""
        kept = self._named | self._others
        topics = {kind: [topic(kind, symbol) for symbol in symbols] for kind in _KINDS}
        self._looks = {kind: _Looks(topics[kind]) for kind in _KINDS}
        self._topics = {one for kind in _KINDS for one in topics[kind]}
        self._named, self._others = kept & self._topics, kept - self._topics
        for prefix in kept:
            self._count(prefix, 1)

    def note(self, frame: bytes) -> None:
        """Take a frame of an XPUB socket: 1 or 0, then the prefix that is wanted or no longer is.

        ZeroMQ says so once for each prefix, however many subscribers share it.
        """
        step, prefix = {b"\1": 1, b"\0": -1}.get(frame[:1]), frame[1:]
        kept = self._named if prefix in self._topics else self._others
        if step is None or (prefix in kept) == (step == 1):
            return  # a peer may send any other frame, which means nothing
        if step == 1 and kept is self._others and len(kept) >= MAX_OTHERS:
            self.ignored += 1
            return
        kept ^= {prefix}
        self._count(prefix, step)

    @property
    def wanted(self) -> Subscribed:
        """Return the tickers that at least one prefix names."""
        return Subscribed(heatmap=self._looks["heatmap"].seen, bar=self._looks["bar"].seen)

    def _count(self, prefix: bytes, step: int) -> None:
        for kind, looks in self._looks.items():
            start = topic(kind)
            if start.startswith(prefix) or prefix.startswith(start):
                looks.count(prefix, step)


class _Looks:
    # How many prefixes name each of (n,) topics. Those that begin with one prefix stand together
    # where topics are sorted, so that a prefix is two numbers: +1 where they begin, -1 behind them.

    def __init__(self, topics: Sequence[bytes]) -> None:
        order = sorted(range(len(topics)), key=topics.__getitem__)
        self._order: Int64 = np.array(order, dtype=np.int64)
        self._topics = [topics[i] for i in order]
        self._steps = np.zeros(len(topics) + 1, dtype=np.int64)
        self._seen: Bool | None = None

    def count(self, prefix: bytes, step: int) -> None:
        first = bisect_left(self._topics, prefix)
        self._steps[first] += step
        self._steps[bisect_left(self._topics, prefix + _AFTER_ALL, lo=first)] -= step
        self._seen = None

    @property
    def seen(self) -> Bool:
        # Added up when somebody asks, once a batch, and not with each prefix.
        if self._seen is None:
            self._seen = np.zeros(len(self._order), dtype=np.bool_)
            self._seen[self._order] = np.cumsum(self._steps[:-1]) > 0
        return self._seen
