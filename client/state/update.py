"""What the net thread hands to the main thread: frozen records, never shared state."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy.typing as npt

from client.state.wish import Wish
from shared.column_arrays import ColumnArrays, CoreColumns
from shared.contract import Int64
from shared.explaining import OfferedMethod
from shared.limits import MAX_BUYS
from shared.protocol.answers import Bars, ModelCard, Universe
from shared.protocol.explanations import Explanation
from shared.protocol.messages import Bar, Heatmap, Status
from shared.protocol.past import PastBuys, PastWindow


@dataclasses.dataclass(frozen=True, kw_only=True)
class RowChanges(CoreColumns):
    """The new values of the rows that changed.

    Attributes:
        index: (k,) int64, rows of the universe, rising, none twice.
        columns: Their k rows of `shared.columns.COLUMNS`.
        coverage: Share of outcomes that the sets are made to hold, in the newest message, even
            where no row changed; 0 when there are no sets.
    """

    index: Int64
    columns: ColumnArrays
    coverage: float

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return the (k, ...) array of one column.

        Raises:
            KeyError: There is no column of that name.
        """
        return self.columns.column(name)


class BuyEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One ticker that entered class 2.

    Attributes:
        symbol: The ticker.
        made_ms: When the server said so, ms since 1970 UTC.
        confidence: Probability of class 2.
        last: Close of the bar that decided, in the market's currency.
        bar_ms: Time of that bar, ms since 1970 UTC.
        late: Whether the server found it after the fact, as it caught up with what it had missed.
    """

    symbol: str
    made_ms: int
    confidence: float
    last: float
    bar_ms: int
    late: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class BuyGap:
    """A place in the buy log where entries are missing, because the server had forgotten them.

    Attributes:
        first: Sequence number of the oldest `buy` that is missing.
        last: Sequence number of the newest `buy` of which entries may be missing.
        after_ms: When the entry before the gap was said, ms since 1970 UTC; None where the log
            begins with the gap.
        before_ms: When the entry after the gap was said, ms since 1970 UTC; None without one.
    """

    first: int
    last: int
    after_ms: int | None
    before_ms: int | None


LoggedBuy = BuyEntry | BuyGap
# A server answers with `MAX_BUYS` entries at most, and it says that it forgot some where there were
# more. Only a desk that keeps more than one such answer has room for the gap and what is behind it.
BUYS_KEPT: Final = 2 * MAX_BUYS


@dataclasses.dataclass(frozen=True, kw_only=True)
class Update:
    """Everything that is new since the last one; apply the fields in the order they stand here.

    Attributes:
        universe: None, or a new universe; the rows of its tickers move there from the one before.
        restarted: Whether it is the first of a run: everything known before it is void.
        rows: The rows that changed, indexed into the newest universe.
        buys: New entries of the buy log, oldest first, none said before, and the gaps between them.
        status: The newest word of the server on itself.
        card: What the model in use is, and what its windows hold; None when not new.
        methods: What its decisions can be explained by, the live one first; empty when not new.
        bars: By symbol, the answers to `GetBars`; each replaces all bars of its ticker.
        live_bars: By symbol, oldest first, what was published since; one entry a bar time.
        histories: By symbol, the decisions on its newest bars, for who shows how they moved.
        heatmaps: By symbol, the newest heatmap, published or asked for.
        refusals: By symbol, why the server cannot answer for it, as a sentence to show.
        explanations: By symbol and wish, the newest answer, or why there is none as a sentence.
        past_buys: By symbol, its newest buys and what came of them; replaces those before.
        past_windows: By symbol, the close of the bar of the past that was asked for last, ms since
            1970 UTC, and the decision on it, or why there is none as a sentence.
    """

    universe: Universe | None
    restarted: bool
    rows: RowChanges
    buys: tuple[LoggedBuy, ...]
    status: Status | None
    card: ModelCard | None
    methods: tuple[OfferedMethod, ...]
    bars: Mapping[str, Bars]
    live_bars: Mapping[str, tuple[Bar, ...]]
    histories: Mapping[str, Bars]
    heatmaps: Mapping[str, Heatmap]
    refusals: Mapping[str, str]
    explanations: Mapping[str, Mapping[Wish, Explanation | str]]
    past_buys: Mapping[str, PastBuys]
    past_windows: Mapping[str, tuple[int, PastWindow | str]]
