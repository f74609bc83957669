"""Which bars charts show, and where dates stand; pure functions of bar positions.

A bar's position is its index, so that nights and holidays take no room; bar i fills i - 0.5 to
i + 0.5.
"""

import bisect
import datetime
import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from client.state import text
from shared.contract import Int64

NO_BAR: Final = -1
FEWEST_BARS: Final = 12
_USUAL_BARS: Final = 80
_MARGIN: Final = 1.5  # bars of empty room before the oldest and after the newest
_SPARSE: Final = 3  # labels are few while there would be room for this many times as many


class BarRange(NamedTuple):
    """A part of the bar axis.

    Attributes:
        first: Position of the left edge.
        last: Position of the right edge.
    """

    first: float
    last: float

    def shifted(self, bars: float) -> "BarRange":
        """Return the range moved right by `bars`."""
        return BarRange(self.first + bars, self.last + bars)

    def visible(self, count: int) -> slice:
        """Return which of `count` bars are in the range, in whole or in part."""
        return slice(max(math.floor(self.first + 0.5), 0), min(math.ceil(self.last + 0.5), count))


def latest(count: int) -> BarRange:
    """Return the range of the newest of `count` bars, as many as one usually looks at."""
    last = count - 1 + _MARGIN
    return BarRange(last - _USUAL_BARS, last)


def whole(count: int) -> BarRange:
    """Return the range that a view never leaves: all of `count` bars, and what `latest` shows."""
    shown = latest(count)
    return BarRange(min(-_MARGIN, shown.first), shown.last)


def kept(shown: BarRange, before: Int64, after: Int64) -> BarRange:
    """Return what to show once bars that closed at `before` have become those at `after`.

    Who looks at the newest bar keeps looking at the newest; a view of older bars stays with these
    bars while they exist. The width, which is the user's zoom, is kept in both cases.

    Args:
        shown: What was shown of `before`.
        before: (n,) int64, rising, ms since 1970 UTC.
        after: (m,) int64, rising, ms since 1970 UTC.
    """
    newest = len(before) - 1
    if newest < 0:
        return latest(len(after))
    if shown.first <= newest <= shown.last:
        return shown.shifted(len(after) - len(before))
    bar = min(max(round(sum(shown) / 2), 0), newest)
    place = int(np.searchsorted(after, before[bar]))
    if place == len(after) or after[place] != before[bar]:
        return latest(len(after))
    return shown.shifted(place - bar)


_Level = tuple[Callable[[datetime.datetime], object], Callable[[datetime.datetime], str]]


def _hour_minute(time: datetime.datetime) -> str:
    return f"{time:%H:%M}"


# From coarse to fine: what must change between two bars, and what the tick then says.
_LEVELS: Final[tuple[_Level, ...]] = (
    (lambda t: t.year, lambda t: str(t.year)),
    (lambda t: t.month, text.month),
    (lambda t: t.date(), text.day),
    (lambda t: t.hour, _hour_minute),
    (lambda t: t.minute // 15, _hour_minute),
    (lambda t: t.minute // 5, _hour_minute),
    (lambda t: t.minute, _hour_minute),
)


def time_ticks(times: Sequence[datetime.datetime], apart: int) -> list[tuple[int, str]]:
    """Return positions in `times` and their labels, at least `apart` bars from each other.

    The start of a year goes before that of a month, that before a day, and so on; finer starts are
    taken only while labels are few.
    """
    ticks: dict[int, str] = {}
    taken: list[int] = []
    for key, label in _LEVELS:
        if len(ticks) * apart * _SPARSE >= len(times):
            break
        keys = [key(time) for time in times]
        for i in range(1, len(times)):
            if keys[i] != keys[i - 1] and _is_free(taken, i, apart):
                bisect.insort(taken, i)
                ticks[i] = label(times[i])
    return sorted(ticks.items())


def _is_free(taken: Sequence[int], place: int, apart: int) -> bool:
    after = bisect.bisect(taken, place)
    neighbors = taken[max(after - 1, 0) : after + 1]
    return all(abs(place - neighbor) >= apart for neighbor in neighbors)
