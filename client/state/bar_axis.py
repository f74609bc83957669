"""Which bars a chart shows, and where ticks stand; pure functions of bar positions.

A bar's position is its index, so that nights and holidays take no room; bar i fills i - 0.5 to
i + 0.5.
"""

import bisect
import dataclasses
import datetime
import math
from collections.abc import Callable, Sequence
from typing import Final

from client.state import text

USUAL_BARS: Final = 80
_FEWEST_BARS: Final = 12
_MARGIN: Final = 1.5  # bars of empty room after the newest
_SPARSE: Final = 3  # labels are few while there would be room for this many times as many


@dataclasses.dataclass(frozen=True)
class BarRange:
    """The part of the bar axis that is shown.

    Attributes:
        first: Position of the left edge.
        last: Position of the right edge.
    """

    first: float
    last: float

    @property
    def width(self) -> float:
        """How many bars fit."""
        return self.last - self.first

    def zoomed(self, factor: float, anchor: float, count: int) -> "BarRange":
        """Return the range `factor` times as wide, with position `anchor` where it was."""
        widest = max(count + 2 * _MARGIN, _FEWEST_BARS)
        factor = min(max(factor, _FEWEST_BARS / self.width), widest / self.width)
        first = anchor - (anchor - self.first) * factor
        return BarRange(first, first + self.width * factor).within(count)

    def panned(self, bars: float) -> "BarRange":
        """Return the range moved right by `bars`."""
        return BarRange(self.first + bars, self.last + bars)

    def within(self, count: int) -> "BarRange":
        """Return the range moved so that it does not leave the `count` bars there are."""
        high, low = count - 1 + _MARGIN, -_MARGIN
        if self.last > high or self.width >= high - low:
            return self.panned(high - self.last)
        return self.panned(max(low - self.first, 0.0))

    def shows_latest(self, count: int) -> bool:
        """Return whether the newest of `count` bars is in sight."""
        return self.first <= count - 1 <= self.last

    def visible(self, count: int) -> slice:
        """Return which of `count` bars are in sight, in whole or in part."""
        return slice(max(math.floor(self.first + 0.5), 0), min(math.ceil(self.last + 0.5), count))


def latest(count: int, bars: float = USUAL_BARS) -> BarRange:
    """Return the range of the newest `bars` of `count` bars."""
    last = count - 1 + _MARGIN
    return BarRange(last - bars, last)


def follow(shown: BarRange, before: int, after: int) -> BarRange:
    """Return the range once `before` bars have become `after`.

    Who looks at the newest bar keeps looking at it; a view of older bars stays where it is.
    """
    return shown.panned(after - before) if shown.shows_latest(before) else shown


def price_ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most `most` round values within `low` to `high`, 1, 2 or 5 times a power of 10."""
    if not low < high or most < 1:
        return []
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= rough * (1 - 1e-9))
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


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
