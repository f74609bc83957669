"""What a ticker's window needs of a link."""

from typing import Protocol

from client.state.wish import Wish


class Watcher(Protocol):
    """Who is told which tickers are looked at: a `Link`."""

    def watch(self, symbol: str) -> None:
        """Follow a ticker."""

    def unwatch(self, symbol: str) -> None:
        """Stop following it."""

    def explain(self, symbol: str, wishes: tuple[Wish, ...]) -> None:
        """Have `wishes` explained of a ticker that is followed, and nothing else."""

    def recall(self, symbol: str, bar_ms: int | None) -> None:
        """Have the decision on one bar of a ticker that is followed; None wants it no more."""
