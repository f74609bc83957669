"""What was said under `buy`, so that a desk that was away can ask for what it missed."""

import itertools
from collections import deque
from typing import NamedTuple

import numpy as np

from shared.limits import MAX_BUYS
from shared.protocol.answers import BuyLog
from shared.protocol.envelope import Stamp
from shared.protocol.messages import Buy


class Remembered(NamedTuple):
    """One entry of the log.

    Attributes:
        sequence: Number of the `buy` that said it.
        made_ms: When it was found, ms since 1970 UTC.
        symbol: The ticker.
        confidence: Probability of class 2.
        last: Close of the bar that decided.
        bar_ms: Its time, ms since 1970 UTC.
        late: Whether the market was elsewhere by then.
    """

    sequence: int
    made_ms: int
    symbol: str
    confidence: float
    last: float
    bar_ms: int
    late: bool


class BuyMemory:
    """The newest entries of `buy`, oldest first.

    Args:
        kept: How many entries are kept.
    """

    def __init__(self, kept: int = MAX_BUYS) -> None:
        self._entries: deque[Remembered] = deque(maxlen=kept)
        self._forgotten = 0  # sequence number of the newest entry that is no longer here
        self._newest = 0

    def recall(self, entries: list[Remembered], sequence: int, *, complete: bool) -> None:
        """Begin with what earlier runs said, all of it under one number.

        Args:
            entries: The newest of it, oldest first, at least one; their own numbers do not count.
            sequence: The number that stands for all of them.
            complete: Whether that is all that was ever said.
        """
        self._newest = sequence
        # By columns: entry by entry it holds up a model that takes over, and so a cycle.
        _, *others = zip(*entries, strict=True)
        numbered = zip(itertools.repeat(sequence, len(entries)), *others, strict=True)
        self._entries.extend(map(Remembered._make, numbered))
        if not complete or len(entries) > len(self._entries):
            self._forgotten = sequence

    @property
    def newest(self) -> int:
        """Return the number of the newest `buy`; 0 before the first."""
        return self._newest

    def carried_over(self) -> "BuyMemory":
        """Return what another run remembers of this one: all of it under one number."""
        found = BuyMemory(self._entries.maxlen or MAX_BUYS)
        if self._entries:
            found.recall(list(self._entries), 1, complete=self._forgotten == 0)
        return found

    def add(self, buy: Buy, *, late: bool = False) -> None:
        """Remember every ticker of a message."""
        self._newest = buy.stamp.sequence
        columns = (buy.symbols, buy.confidence.tolist(), buy.last.tolist(), buy.bar_ms.tolist())
        for entry in zip(*columns, strict=True):
            if len(self._entries) == self._entries.maxlen:
                self._forgotten = self._entries[0].sequence
            self._entries.append(Remembered(buy.stamp.sequence, buy.stamp.made_ms, *entry, late))

    def after(self, sequence: int, stamp: Stamp) -> BuyLog:
        """Return every entry said after the `buy` with number `sequence`."""
        found = [entry for entry in self._entries if entry.sequence > sequence]
        return BuyLog(
            stamp=stamp,
            symbols=tuple(entry.symbol for entry in found),
            complete=sequence >= self._forgotten,
            buy_sequence=self._newest,
            late=tuple(place for place, entry in enumerate(found) if entry.late),
            sequence=np.array([entry.sequence for entry in found], dtype=np.int64),
            made_ms=np.array([entry.made_ms for entry in found], dtype=np.int64),
            confidence=np.array([entry.confidence for entry in found], dtype=np.float32),
            last=np.array([entry.last for entry in found], dtype=np.float64),
            bar_ms=np.array([entry.bar_ms for entry in found], dtype=np.int64),
        )
