"""The buy log as the desk keeps it; main thread only."""

import dataclasses
from collections import deque

from client.state.update import BuyEntry, Update
from shared.protocol.envelope import MAX_BUYS


@dataclasses.dataclass(frozen=True, kw_only=True)
class NamedBuy:
    """An entry of the buy log with what people call the ticker.

    Attributes:
        entry: The entry.
        name: The ticker's name; the symbol itself where the universe has none.
    """

    entry: BuyEntry
    name: str


class Buys:
    """The newest entries of the buy log.

    Attributes:
        rows: Newest first, at most `MAX_BUYS`.
    """

    rows: deque[NamedBuy]

    def __init__(self) -> None:
        self.rows = deque(maxlen=MAX_BUYS)
        self._names: dict[str, str] = {}

    def apply(self, update: Update) -> int:
        """Take over the entries of `update` and return how many were added at the front.

        A new universe empties the log first.
        """
        universe = update.universe
        if universe is not None:
            self.rows.clear()
            self._names = dict(zip(universe.symbols, universe.names, strict=True))
        for entry in update.buys:
            name = self._names.get(entry.symbol, entry.symbol)
            self.rows.appendleft(NamedBuy(entry=entry, name=name))
        return len(update.buys)
