"""A link that goes nowhere, for windows."""

import dataclasses
from collections.abc import Iterable

from client.state.health import Health, State
from client.state.wish import Wish


@dataclasses.dataclass
class FakeLink:
    """Has the methods of a link, and remembers what was asked of it."""

    state: State = "live"
    watched: list[str] = dataclasses.field(default_factory=list)
    unwatched: list[str] = dataclasses.field(default_factory=list)
    in_sight: list[tuple[str, ...]] = dataclasses.field(default_factory=list)
    refreshed: int = 0
    wished: list[tuple[Wish, ...]] = dataclasses.field(default_factory=list)
    recalled: list[int | None] = dataclasses.field(default_factory=list)

    def watch(self, symbol: str) -> None:
        self.watched.append(symbol)

    def unwatch(self, symbol: str) -> None:
        self.unwatched.append(symbol)

    def explain(self, symbol: str, wishes: tuple[Wish, ...]) -> None:
        self.wished.append(wishes)

    def recall(self, symbol: str, bar_ms: int | None) -> None:
        self.recalled.append(bar_ms)

    def glance(self, symbols: Iterable[str]) -> None:
        self.in_sight.append(tuple(symbols))

    def refresh(self) -> None:
        self.refreshed += 1

    def health(self) -> Health:
        silent = self.state in ("late", "lost")
        return Health(
            state=self.state,
            age_ms=None if self.state == "connecting" else 9_000 if silent else 300,
            sentence="nothing heard" if silent else self.state,
            endpoint="tcp://127.0.0.1:5555",
            local=False,
        )
