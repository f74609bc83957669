"""Which buys of one model were found already, so that no second one comes of the same bar."""

import itertools
from collections.abc import Sequence
from typing import Final

import numpy as np

from shared.contract import Bool, Int64

_MOST: Final = 50_000


class KnownBuys:
    """The newest buys of one model, by ticker and bar; the oldest ones are forgotten."""

    def __init__(self) -> None:
        self._of_bar: dict[int, set[str]] = {}
        self._count = 0

    def add(self, symbols: Sequence[str], bar_ms: Int64) -> None:
        """Remember some, oldest first.

        Args:
            symbols: (e,) the tickers.
            bar_ms: (e,) int64, the bars that decided, ms since 1970 UTC.
        """
        for one in np.unique(bar_ms).tolist():
            known = self._of_bar.setdefault(one, set())
            self._count -= len(known)
            known.update(itertools.compress(symbols, (bar_ms == one).tolist()))
            self._count += len(known)
        while self._count > _MOST:
            self._count -= len(self._of_bar.pop(next(iter(self._of_bar))))

    def unknown(self, symbols: Sequence[str], bar_ms: Int64) -> Bool:
        """Return (e,) bool, which of these, as in `add`, are none of them."""
        new = np.ones(len(symbols), np.bool_)
        for one in np.unique(bar_ms).tolist():
            known, here = self._of_bar.get(one), np.flatnonzero(bar_ms == one)
            if known:
                new[here] = [symbols[i] not in known for i in here.tolist()]
        return new
