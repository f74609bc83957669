"""How long the bars of a set are, told from the times between them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.data.blocks import blocks
from models.data.sources.columnar import is_ordered, ordered
from models.data.sources.merge import Merged
from models.data.sources.part import Part
from models.data.table import Int32
from shared.contract import Bool, Int64, interval_name
from shared.errors import DataError

_DAY_S: Final = 86_400
_SAMPLE: Final = 200_000  # steps, of which the usual length is told
_COMMON: Final = 3  # lengths


@dataclass(frozen=True, kw_only=True, eq=False)
class _BarSteps:
    # From each row to the next, by ticker and time; `real` are those that are a step, because no
    # ticker ends there and no time stands twice. The others are few, and all are left in place.
    times: Int64  # of the rows, one more than steps
    row: Int32  # the ticker of each
    real: Bool
    count: int  # of the real ones

    def ms(self, places: Int64) -> Int64:
        return self.times[places + 1] - self.times[places]

    def sample(self) -> Iterator[Int64]:
        # Every so many of the real ones.
        every = max(self.count // _SAMPLE, 1)
        if every == 1:
            for own in blocks(len(self.times), beyond=1):
                steps = np.diff(self.times[own])
                steps = steps[self.real[own][: len(steps)]]
                if len(steps):
                    yield steps
            return
        chosen, none = np.arange(0, self.count, every), np.flatnonzero(~self.real)
        before = np.searchsorted(none - np.arange(len(none)), chosen, side="right")
        yield self.ms(chosen + before)

    def of(self, ticker: int) -> Int64:
        return self.ms(np.flatnonzero((self.row == ticker) & self.real))

    def unlike(self, ms: int) -> Int64:
        # The places of the real ones that are not as long as this.
        others = _where(self.times, lambda before, after: after - before != ms)
        return others[self.real[others]]

    def by_ticker(self, n: int) -> Int64:
        # (n,) how many each ticker has; the rows of one stand together.
        bounds = np.searchsorted(self.row, np.arange(n + 1, dtype=self.row.dtype))
        return np.diff(bounds) - np.bincount(self.row[~self.real], minlength=n)


def interval_of(merged: Merged, parts: Sequence[Part]) -> int:
    """Return the length of the bars, s.

    Raises:
        DataError: No ticker has two bars, bars of several lengths stand together, or their times
            are not evenly spaced.
    """
    steps = _steps(merged)
    if steps.count == 0:
        raise DataError(f"{parts[0].label}: no ticker has two bars, so their length cannot be told")
    seconds = _usual(steps.sample)
    unlike = steps.unlike(1_000 * seconds)
    if seconds < _DAY_S:
        _refuse_uneven(steps, unlike, seconds, parts[0].label)
    _refuse_lengths(steps, unlike, seconds, merged, parts)
    return seconds


def _steps(merged: Merged) -> _BarSteps:
    row, times = merged.row, merged.moments.utc_ms
    if not is_ordered(row, times):
        places = ordered(row, times)
        row, times = row[places], times[places]
    real = row[1:] == row[:-1]
    real[_where(times, lambda before, after: after <= before)] = False
    return _BarSteps(times=times, row=row[1:], real=real, count=int(np.count_nonzero(real)))


def _where(times: Int64, odd: Callable[[Int64, Int64], Bool]) -> Int64:
    # The places of rows that are odd beside the next one.
    found = [np.zeros(0, np.int64)]
    for own in blocks(len(times), beyond=1):
        some = times[own]
        found.append(own.start + np.flatnonzero(odd(some[:-1], some[1:])))
    return np.concatenate(found)


def _usual(sample: Callable[[], Iterable[Int64]]) -> int:
    # The length that most have, the smallest one of several. That which more than half have is
    # told without a count of the others.
    likely = _most(_counted(next(iter(sample()))))
    alike = [(np.count_nonzero(steps == likely), len(steps)) for steps in sample()]
    same, count = map(sum, zip(*alike, strict=True))
    if 2 * same > count:
        return rounded(likely // 1_000)
    found: Counter[int] = Counter()
    for steps in sample():
        found.update(_counted(steps))
    return rounded(_most(found) // 1_000)


def _most(counts: Mapping[int, int]) -> int:
    return max(sorted(counts), key=counts.__getitem__)


def _counted(steps: Int64) -> dict[int, int]:
    # Most are of a few lengths: these are taken out one after the other, and only the rest sorted.
    found: dict[int, int] = {}
    for _ in range(_COMMON):
        if len(steps) == 0:
            return found
        length = int(steps[0])
        others = steps[steps != length]
        found[length], steps = len(steps) - len(others), others
    lengths, counts = np.unique(steps, return_counts=True)
    return found | dict(zip(lengths.tolist(), counts.tolist(), strict=True))


def rounded(seconds: int) -> int:
    """Return a length in whole days where it is about that: clocks that change make 23 hours.

    A month is 30 days, whichever it is.
    """
    if seconds < _DAY_S - 3_600:
        return seconds
    days = max(round(seconds / _DAY_S), 1)
    return (30 if 28 <= days <= 31 else days) * _DAY_S


def _refuse_uneven(steps: _BarSteps, unlike: Int64, seconds: int, label: str) -> None:
    even = 0.0
    if seconds:
        odd = np.count_nonzero(steps.ms(unlike) % (1_000 * seconds))
        even = (steps.count - odd) / steps.count
    if even < 0.8:
        raise DataError(
            f"{label}: the times are not evenly spaced (the usual step of {seconds} s fits "
            f"{even:.0%} of them), so they are not those of bars; is another column the time?"
        )


def _refuse_lengths(
    steps: _BarSteps, unlike: Int64, seconds: int, merged: Merged, parts: Sequence[Part]
) -> None:
    # A ticker whose own usual step is another has bars of another length.
    n = len(merged.symbols)
    odd = unlike[~_is_usual(steps.ms(unlike), seconds)]
    count = steps.by_ticker(n)
    share = (count - np.bincount(steps.row[odd], minlength=n)) / np.maximum(count, 1)
    for ticker in np.flatnonzero((count >= 3) & (share < 0.3)).tolist():
        own = steps.of(ticker)
        some = own[:: max(len(own) // _SAMPLE, 1)]
        length = rounded(_most(_counted(some)) // 1_000)
        if length != seconds:
            names = f"{interval_name(seconds)} and {interval_name(max(length, 1))}"
            where = parts[int(merged.part[merged.row == ticker][0])].label
            raise DataError(
                f"bars of {names} stand together ({merged.symbols[ticker]} in {where}): "
                "read them apart"
            )


def _is_usual(steps: Int64, seconds: int) -> Bool:
    if seconds < _DAY_S:
        usual: Bool = steps == 1_000 * seconds
        return usual
    days = np.round(steps / (1_000 * _DAY_S))
    near = np.abs(days - seconds / _DAY_S) <= (2 if seconds >= 28 * _DAY_S else 0)
    if seconds == _DAY_S:
        near |= days <= 4  # over a weekend
    return np.asarray(near, np.bool_)
