"""What a window asks the server to explain."""

import dataclasses
from collections.abc import Mapping

from shared.contract import Class


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wish:
    """One explanation of the newest window of a ticker.

    Attributes:
        method: One of the names that the server knows.
        target: The class to explain; None is the winner, whichever that is.
    """

    method: str
    target: Class | None = None


Wished = Mapping[str, tuple[Wish, ...]]  # of each ticker that is followed
