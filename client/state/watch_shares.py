"""Shares one link between windows, several of which may look at the same ticker."""

from collections import defaultdict
from typing import Final

from client.state.watcher import Watcher
from client.state.wish import Wish


class WatchShares:
    """Counts who looks at what; the link hears of a ticker's first and last look alone.

    Args:
        link: Who is told.
    """

    def __init__(self, link: Watcher) -> None:
        self.link: Final = link
        self.looks: Final[defaultdict[str, list[WatchShare]]] = defaultdict(list)

    def share(self) -> "WatchShare":
        """Return a watcher for one more window, which acts as if it were alone."""
        return WatchShare(self)


class WatchShare:
    """A `Watcher` of one window.

    Args:
        among: All that share a link.
    """

    def __init__(self, among: WatchShares) -> None:
        self._among = among
        self._wishes: dict[str, tuple[Wish, ...]] = {}
        self._recalled: dict[str, int] = {}

    def watch(self, symbol: str) -> None:
        """Follow a ticker; what is known of it is asked for anew."""
        self._among.looks[symbol].append(self)
        self._among.link.watch(symbol)

    def unwatch(self, symbol: str) -> None:
        """Stop following it; others go on."""
        looks = self._among.looks[symbol]
        looks.remove(self)
        wished = self._wishes.pop(symbol, ())
        self._recalled.pop(symbol, None)
        if not looks:
            del self._among.looks[symbol]
            self._among.link.unwatch(symbol)
        elif wished:
            self._among.link.explain(symbol, self._wished(symbol))

    def explain(self, symbol: str, wishes: tuple[Wish, ...]) -> None:
        """Have `wishes` explained, beside those of others."""
        before = self._wishes.get(symbol, ())
        new = [wish for wish in wishes if wish not in before]
        self._wishes[symbol] = ()
        others = self._wished(symbol)
        # The answer to what another window wishes as well came there, and nobody kept it.
        if any(wish in others for wish in new):
            held = (*before, *others)
            self._among.link.explain(symbol, tuple(w for w in held if w not in new))
        self._wishes[symbol] = wishes
        self._among.link.explain(symbol, self._wished(symbol))

    def recall(self, symbol: str, bar_ms: int | None) -> None:
        """Have the decision on one bar; the newest question of all windows is the one asked."""
        self._recalled.pop(symbol, None)
        if bar_ms is not None:
            self._recalled[symbol] = bar_ms
        others = (look._recalled.get(symbol) for look in self._among.looks.get(symbol, ()))
        rest = next((bar for bar in others if bar is not None), None)
        self._among.link.recall(symbol, rest if bar_ms is None else bar_ms)

    def _wished(self, symbol: str) -> tuple[Wish, ...]:
        looks = self._among.looks.get(symbol, ())
        return tuple(dict.fromkeys(w for look in looks for w in look._wishes.get(symbol, ())))
