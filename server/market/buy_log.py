"""What was said under `buy`, so that a desk that was away can ask for what it missed."""

from collections import deque
from typing import NamedTuple

import numpy as np

from shared.limits import MAX_BUYS
from shared.protocol.answers import BuyLog
from shared.protocol.envelope import Stamp
from shared.protocol.messages import Buy


class _Entry(NamedTuple):
    sequence: int
    made_ms: int
    symbol: str
    confidence: float
    last: float
    bar_ms: int


class BuyMemory:
    """The newest entries of `buy`, oldest first.

    Args:
        kept: How many entries are kept.
    """

    def __init__(self, kept: int = MAX_BUYS) -> None:
        self._entries: deque[_Entry] = deque(maxlen=kept)
        self._forgotten = 0  # sequence number of the newest entry that is no longer here
        self._newest = 0

    def add(self, buy: Buy) -> None:
        """Remember every ticker of a message."""
        self._newest = buy.stamp.sequence
        columns = (buy.symbols, buy.confidence.tolist(), buy.last.tolist(), buy.bar_ms.tolist())
        for entry in zip(*columns, strict=True):
            if len(self._entries) == self._entries.maxlen:
                self._forgotten = self._entries[0].sequence
            self._entries.append(_Entry(buy.stamp.sequence, buy.stamp.made_ms, *entry))

    def after(self, sequence: int, stamp: Stamp) -> BuyLog:
        """Return every entry said after the `buy` with number `sequence`."""
        found = [entry for entry in self._entries if entry.sequence > sequence]
        return BuyLog(
            stamp=stamp,
            symbols=tuple(entry.symbol for entry in found),
            complete=sequence >= self._forgotten,
            buy_sequence=self._newest,
            sequence=np.array([entry.sequence for entry in found], dtype=np.int64),
            made_ms=np.array([entry.made_ms for entry in found], dtype=np.int64),
            confidence=np.array([entry.confidence for entry in found], dtype=np.float32),
            last=np.array([entry.last for entry in found], dtype=np.float64),
            bar_ms=np.array([entry.bar_ms for entry in found], dtype=np.int64),
        )
