"""Trades of many tickers as columns, and the memory of those that were counted already."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from shared.contract import Bool, Float64, Int64

_MIX: Final = np.int64(-7046029254386353131)  # 2**64 / golden ratio, odd: rows fall far apart
_SECOND_MS: Final = 1_000


@dataclass(frozen=True, kw_only=True, eq=False)
class TradeBatch:
    """Trades in the order in which they came.

    Attributes:
        rows: (n,) int64 indices of tickers.
        ms: (n,) int64, when each was made, ms since 1970 UTC.
        price: (n,) float64, in currency.
        volume: (n,) float64, in units.
        ids: (n,) int64, by which two trades of a ticker are told apart, or None where the source
            has no such thing: then all that comes counts.
    """

    rows: Int64
    ms: Int64
    price: Float64
    volume: Float64
    ids: Int64 | None = None

    def take(self, chosen: Bool | Int64) -> "TradeBatch":
        """Return the trades that are chosen."""
        return TradeBatch(
            rows=self.rows[chosen],
            ms=self.ms[chosen],
            price=self.price[chosen],
            volume=self.volume[chosen],
            ids=None if self.ids is None else self.ids[chosen],
        )


class SeenTrades:
    """Remembers trades for a while, so that none is counted twice.

    Only one that is not newer than its ticker's newest can have come before: all others are noted
    and not looked up. Two trades are held for the same by 64 bits of ticker and id.

    Args:
        kept_ms: How long a trade is remembered after it was made, ms.
    """

    def __init__(self, kept_ms: int) -> None:
        self._kept_ms = kept_ms
        self._newest_ms = np.zeros(0, np.int64)
        self._keys: dict[int, list[Int64]] = {}  # by the second in which the trades were made

    def are_new(self, trades: TradeBatch, now_ms: int) -> Bool:
        """Return (n,) bool, which trades never came before; they are remembered from now on.

        Args:
            trades: With ids.
            now_ms: The time now; of those that are too old to be remembered none counts as new.
        """
        if trades.ids is None:
            raise ValueError("trades without ids cannot be told apart")
        if len(trades.rows) == 0:
            return np.zeros(0, np.bool_)
        keys = trades.ids ^ (trades.rows * _MIX)
        new = np.zeros(len(keys), np.bool_)
        new[np.unique(keys, return_index=True)[1]] = True
        self._make_room(int(trades.rows.max()) + 1)
        forgotten_ms = self._forget(now_ms)
        new &= trades.ms >= forgotten_ms
        second = trades.ms // _SECOND_MS
        doubtful = np.flatnonzero(new & (trades.ms <= self._newest_ms[trades.rows]))
        for one in np.unique(second[doubtful]).tolist():
            asked = doubtful[second[doubtful] == one]
            new[asked] = ~np.isin(keys[asked], self._known(one))
        for one in np.unique(second[new]).tolist():
            self._keys.setdefault(one, []).append(keys[new & (second == one)])
        np.maximum.at(self._newest_ms, trades.rows[new], trades.ms[new])
        return new

    def _known(self, second: int) -> Int64:
        parts = self._keys.get(second)
        if not parts:
            return np.zeros(0, np.int64)
        if len(parts) > 1:
            parts[:] = [np.concatenate(parts)]
        return parts[0]

    def _forget(self, now_ms: int) -> int:
        first = (now_ms - self._kept_ms) // _SECOND_MS
        for second in [s for s in self._keys if s < first]:
            del self._keys[second]
        return first * _SECOND_MS

    def _make_room(self, tickers: int) -> None:
        missing = tickers - len(self._newest_ms)
        if missing > 0:
            self._newest_ms = np.append(self._newest_ms, np.zeros(missing, np.int64))
