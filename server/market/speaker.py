"""Makes the numbered messages that say what a state knows."""

from dataclasses import dataclass

from server.feeds.roster import Roster
from server.market.changes import Changes
from server.market.finding import heatmaps_of
from server.market.state import MarketState
from server.protocol.sequencer import Sequencer
from shared.contract import Int64
from shared.protocol.envelope import Stamp
from shared.protocol.heatmaps import Heatmaps
from shared.protocol.messages import Bar, Confidence


@dataclass(frozen=True)
class Speaker:
    """Says what is known between two batches.

    Attributes:
        state: What is known.
        roster: Who is listed.
        stamps: Numbers the messages.
    """

    state: MarketState
    roster: Roster
    stamps: Sequencer

    def confidence(self, rows: Int64, made_ms: int) -> Confidence:
        """Return what is known of some tickers, (k,) int64, k at least 1."""
        newest_ms = int(self.state.bar_ms[rows].max())
        return Confidence(
            stamp=self.stamps.published("confidence", newest_ms, made_ms),
            symbols=self.roster.symbols(rows),
            columns=self.state.rows.take(rows),
            coverage=self.state.coverage,
        )

    def heatmaps(self, rows: Int64, stamp: Stamp) -> Heatmaps:
        """Return why the model decided as it did on tickers, (k,) int64.

        Args:
            rows: Tickers that are decided on.
            stamp: Of the first.
        """
        return heatmaps_of(self.state, rows, self.roster.symbols(rows), stamp)

    def bar(self, changes: Changes, i: int, made_ms: int, *, closed: bool) -> Bar:
        """Return bar `i` of those that changed something."""
        bars = changes.bars
        return Bar(
            stamp=self.stamps.published("bar", int(bars.bar_ms[i]), made_ms),
            symbol=self.roster.symbols(bars.rows[i : i + 1])[0],
            closed=closed,
            ohlcv=bars.ohlcv[i].copy(),
        )
