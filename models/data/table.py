"""Bars of many tickers in time order, as one table of numpy columns."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.data.bars import Rules
from models.data.rules import rules_for
from models.data.times import instant
from shared.contract import Float64, Int64, interval_seconds
from shared.markets import Market

Int32 = npt.NDArray[np.int32]


@dataclass(frozen=True, kw_only=True, eq=False)
class BarTable:
    """Bars as they were read: dirt is still in them, for `models.data.bars.validate`.

    Attributes:
        symbols: The tickers, sorted.
        row: (m,) int32, index into `symbols`.
        bar_ms: (m,) int64, close of the bar, ms since 1970 UTC, ascending; bars of the same time
            keep the order of the file.
        ohlcv: (m, 5) float64, open, high, low, close in currency, volume in units.
        interval: Length of a bar, such as 1d.
        market: Where the tickers trade.
        repaired: Rows that were reordered, or dropped for want of a time, by `Reason`.
    """

    symbols: tuple[str, ...]
    row: Int32
    bar_ms: Int64
    ohlcv: Float64
    interval: str
    market: Market
    repaired: dict[str, int]

    def fingerprint(self) -> str:
        """Return the SHA-256 of symbols and interval, one a line, then row, bar_ms and ohlcv.

        The arrays count row by row and little-endian: it is the same on every machine.
        """
        digest = hashlib.sha256("\n".join((*self.symbols, self.interval, "")).encode())
        for array in (self.row.astype("<i4"), self.bar_ms.astype("<i8"), self.ohlcv.astype("<f8")):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def rules(self, jump_limit: float) -> Rules:
        """Return what is a jump and what is a gap among these bars."""
        return rules_for(self.market, interval_seconds(self.interval), jump_limit)

    def until(self, end: str) -> "BarTable":
        """Return the bars that close up to `end`, as `instant` reads it; a date counts whole.

        Raises:
            SettingsError: `end` is not a date or time.
        """
        kept = self.bar_ms <= instant(end, self.market, last=True)
        return replace(self, row=self.row[kept], bar_ms=self.bar_ms[kept], ohlcv=self.ohlcv[kept])
