"""What one row of the watch-list shows, as values and words."""

from collections.abc import Mapping
from typing import Any

import msgspec

from client.state.glances import Glance


class Row(msgspec.Struct, frozen=True):
    """One row as it is painted.

    Attributes:
        name: What people call the ticker; empty where that is the symbol.
        segment: Its market segment; may be empty.
        stale: Whether it has no bar while others have later ones.
        probabilities: Of down, flat, up; None where undecided.
        words: What its cells say, by their place from the left.
        values: The numbers behind them, by the same place; no texts.
        glance: The newest map; None where none is known, or its columns are not shown.
        late: Whether that is of a decision before the one in the row.
        pinned: Whether it stands at the head of every list.
        muted: Whether it stands at the foot, in grey.
        noted: Whether the user wrote something of it.
        tint: Its share of the full color, whole percent.
    """

    name: str
    segment: str
    stale: bool
    probabilities: tuple[float, float, float] | None
    words: Mapping[int, str]
    values: Mapping[int, Any]
    glance: Glance | None = None
    late: bool = False
    pinned: bool = False
    muted: bool = False
    noted: bool = False
    tint: int = 0
