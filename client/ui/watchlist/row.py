"""What one row of the watch-list shows, as values and words."""

import dataclasses

from client.state import text
from shared.contract import Class


@dataclasses.dataclass(frozen=True)
class Row:
    """One row as it is shown.

    Attributes:
        symbol: The ticker.
        name: What people call it; empty where that is the symbol.
        segment: Its market segment; may be empty.
        last: The price as text.
        change: Last over the close before it, minus 1.
        probabilities: Of down, flat, up; None where undecided.
        changed: When it last changed, as text.
        age: How long ago, as text.
    """

    symbol: str
    name: str
    segment: str
    last: str
    change: float
    probabilities: tuple[float, float, float] | None
    changed: str
    age: str

    def share(self, part: Class) -> str:
        """Return a confidence as text."""
        return (
            text.NOTHING if self.probabilities is None else text.percent(self.probabilities[part])
        )

    def winner(self) -> Class | None:
        """Return the class with the highest probability; None where undecided."""
        shares = self.probabilities
        return None if shares is None else max(Class, key=lambda c: shares[c])
