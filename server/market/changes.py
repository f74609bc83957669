"""What a batch changed in the state of the market, and that state as it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.calibration.adaptive import AdaptiveState
from models.data.accepted import Accepted
from models.data.growth import Arrays
from shared.contract import Int64


@dataclass(frozen=True, kw_only=True, eq=False)
class Changes:
    """What one batch changed.

    Attributes:
        bars: The bars that were accepted.
        rows: (k,) int64, tickers of which anything that `confidence` says changed.
        explained: (m,) int64, tickers with a full window that were decided on.
        entered: (e,) int64, tickers that entered class 2.
        turned: (t,) int64, tickers of which another class wins than before, or none any more.
        was: (t,) int64, the class that won before; -1 where none did.
    """

    bars: Accepted
    rows: Int64
    explained: Int64
    entered: Int64
    turned: Int64
    was: Int64

    @classmethod
    def of_none(cls) -> "Changes":
        """Return that nothing changed."""
        none, no_bars = np.zeros(0, np.int64), np.zeros(0, np.bool_)
        bars = Accepted(
            rows=none,
            bar_ms=none,
            ohlcv=np.zeros((0, 5)),
            change=np.zeros(0, np.float32),
            interrupts=no_bars,
            jumps=no_bars,
            corrects=no_bars,
        )
        return cls(bars=bars, rows=none, explained=none, entered=none, turned=none, was=none)


@dataclass(frozen=True, kw_only=True, eq=False)
class SavedState:
    """All that a state knows, as it was at one moment: another state goes on from it alike.

    Attributes:
        arrays: With a row for each ticker, by the part that keeps them and their name there.
        adaptive: What the recalibrator knows; None without one.
        accepted: Closed bars that were taken.
        reasons: Bars that were dropped or mended, by reason.
    """

    arrays: Arrays
    adaptive: AdaptiveState | None
    accepted: int
    reasons: Mapping[str, int]

    def part(self, name: str) -> Arrays:
        """Return the arrays of one part, by their name there."""
        start = f"{name}."
        found = self.arrays.items()
        return {key.removeprefix(start): array for key, array in found if key.startswith(start)}
