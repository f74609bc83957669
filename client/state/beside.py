"""Another ticker beside one, on the bars of that one; pure functions of bars."""

import dataclasses

import numpy as np

from client.state import text
from client.state.bar_axis import BarRange
from client.state.filter_language import FilterError, parse
from client.state.series import TickerSeries
from client.state.table import Table
from shared.contract import Class, Float32, Float64


@dataclasses.dataclass(frozen=True, eq=False)
class TickerBeside:
    """How another ticker moved since a bar at which both begin.

    Attributes:
        start: Position of that bar.
        closes: (n,) float64, of the one ticker.
        others: (n,) float64, closes of the other at the same bars, NaN where it has none.
    """

    start: int
    closes: Float64
    others: Float64

    def alike(self) -> Float64:
        """Return (n,) float64: what the one would cost, had it moved as the other did."""
        alike: Float64 = self.others * (self.closes[self.start] / self.others[self.start])
        return alike

    def words(self, bar: int, names: tuple[str, str]) -> str:
        """Return how far both moved until a bar.

        Args:
            bar: Its position.
            names: Of the one and the other.
        """
        said = []
        for name, closes in zip(names, (self.closes, self.others), strict=True):
            moved = 100 * (float(closes[bar] / closes[self.start]) - 1)
            said.append(f"{name} {text.NOTHING if np.isnan(moved) else text.signed(moved) + '%'}")
        return "   ".join(said)


def beside(series: TickerSeries, other: TickerSeries, shown: BarRange) -> TickerBeside | None:
    """Return another ticker beside one; None where no bar in sight is of both.

    Args:
        series: The bars of the one.
        other: Those of the other.
        shown: The bars in sight.
    """
    others = np.full(len(series), np.nan)
    _, bars, theirs = np.intersect1d(series.bar_ms, other.bar_ms, return_indices=True)
    others[bars] = other.ohlcv[theirs, 3]
    part, closes = shown.visible(len(series)), series.ohlcv[:, 3]
    both = np.flatnonzero((others[part] > 0) & (closes[part] > 0))
    return TickerBeside(part.start + int(both[0]), closes, others) if len(both) else None


def up_beside(series: TickerSeries, other: TickerSeries) -> Float32:
    """Return (n,) float32: the other's confidence that it goes up at each bar, NaN without one."""
    shares = np.full(len(series), np.nan, np.float32)
    _, bars, said = np.intersect1d(series.bar_ms, other.decision_ms, return_indices=True)
    shares[bars] = other.probabilities[said, Class.UP]
    return shares


def found(line: str, table: Table, but: str) -> str:
    """Return the first ticker that a line of the filter's language finds; empty for none.

    One whose symbol or name is the line itself, or begins with it, goes first.

    Args:
        line: What was typed.
        table: All rows.
        but: The ticker that is not meant.
    """
    if not line.strip():
        return ""
    try:
        fits = parse(line).fits(table)
    except FilterError as e:
        fits = e.rest.fits(table)
    typed = line.strip().casefold()
    rows = [row for row in np.flatnonzero(fits).tolist() if table.symbols[row] != but]
    best = min(rows, key=lambda row: _rank(typed, table, row), default=None)
    return "" if best is None else table.symbols[best]


def _rank(typed: str, table: Table, row: int) -> int:
    names = [n.casefold() for n in (table.symbols[row], table.names[row], table.names_en[row])]
    return 0 if typed in names else 1 if any(name.startswith(typed) for name in names) else 2
