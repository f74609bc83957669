"""The small protocol that every alert speaks, and what it is told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import msgspec

from shared.protocol.messages import Phase

S = TypeVar("S", bound=msgspec.Struct)


class BuyEvent(msgspec.Struct, frozen=True, kw_only=True, tag="buy"):
    """A ticker entered class 2; it is not told again while it stays there, nor is history told.

    Attributes:
        symbol: The ticker.
        name: What people call it.
        confidence: Probability of class 2.
        last: Close of the bar that decided, in the market's currency.
        bar_ms: Time of that bar, ms since 1970 UTC.
        made_ms: When the server said so, ms since 1970 UTC.
        model_id: Name and first 8 digits of the weights' hash.
        simulated: True when no bar is of a real market.
    """

    symbol: str
    name: str
    confidence: float
    last: float
    bar_ms: int
    made_ms: int
    model_id: str
    simulated: bool


class ServerEvent(msgspec.Struct, frozen=True, kw_only=True, tag="server"):
    """The server is at something else than before.

    Attributes:
        phase: `live` when history is loaded, `ended` or `failed` when no more bars will come,
            `goodbye` when it stops.
        feed: What the bars come from, for people.
        sentence: Why the feed broke off; empty if it did not.
        made_ms: When that was, ms since 1970 UTC.
    """

    phase: Phase
    feed: str
    sentence: str
    made_ms: int


AlertEvent = BuyEvent | ServerEvent


class Alert(Protocol):
    """Somebody who is told what happens, one event after the other, in a thread of its own.

    What it raises is counted and logged under its name, and it is told the next event all the same.
    One that is slow misses events once too many wait; nobody waits for it.
    """

    def tell(self, event: AlertEvent) -> None:
        """Take an event."""

    def close(self) -> None:
        """Let go of what is held; called once, after the last event, in the thread of `tell`."""


@dataclass(frozen=True, kw_only=True)
class AlertKind(Generic[S]):
    """What a package offers under `tickerlens.alerts`: a kind of alert, chosen by its name.

    Attributes:
        settings: Frozen record of what can be set in the table `[alert.NAME]`. Each field has a
            default, and is `Annotated` with a `msgspec.Meta` whose description says what it is for.
        open: Make an alert of the settings; what it raises stops the start.
    """

    settings: type[S]
    open: Callable[[S], Alert]
