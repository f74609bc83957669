"""The buy log as the desk keeps it; main thread only."""

import datetime
from collections import deque

import msgspec

from client.state import text
from client.state.update import BUYS_KEPT, BuyEntry, BuyGap, LoggedBuy, Update


class NamedBuy(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An entry of the buy log with what people call the ticker.

    Attributes:
        entry: The entry.
        name: The ticker's name; the symbol itself where the universe has none.
    """

    entry: BuyEntry
    name: str


class Buys:
    """The newest entries of the buy log, and what is missing between them.

    Attributes:
        rows: Newest first, at most `BUYS_KEPT`.
    """

    rows: deque[NamedBuy | BuyGap]

    def __init__(self) -> None:
        self.rows = deque(maxlen=BUYS_KEPT)
        self._names: dict[str, str] = {}

    def apply(self, update: Update) -> int:
        """Take over the entries of `update` and return how many rows were added at the front.

        A new run empties the log first; what was said before a ticker got another name stays so.
        """
        universe = update.universe
        if update.restarted:
            self.rows.clear()
        if universe is not None:
            self._names = dict(zip(universe.symbols, universe.names, strict=True))
        self.rows.extendleft(self._named(buy) for buy in update.buys)
        return len(update.buys)

    def _named(self, buy: LoggedBuy) -> NamedBuy | BuyGap:
        if isinstance(buy, BuyGap):
            return buy
        return NamedBuy(entry=buy, name=self._names.get(buy.symbol, buy.symbol))


def gap_words(gap: BuyGap, now_ms: int, zone: datetime.tzinfo) -> str:
    """Return what is missing where, as a sentence without a full stop.

    A log that begins later than the run is not called incomplete: who joins late reads what the
    server still has. A hole between two entries is a loss.
    """
    after, before = (
        "" if ms is None else text.moment(ms, now_ms, zone) for ms in (gap.after_ms, gap.before_ms)
    )
    if not after:
        when = f" before {before}" if before else ""
        return f"The server no longer knows the buys{when}"
    when = f"between {after} and {before}" if before else f"after {after}"
    return f"Buys {when} are missing: the server no longer had them"
