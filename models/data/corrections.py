"""Bars that come late: what a history of one ticker is once all that corrects it is in its place.

A server does the same bar by bar, in `models.data.windows`.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from models.data.bars import DropReason, faults, widened
from shared.contract import Bool, Float64, Int64


@dataclass(frozen=True, kw_only=True, eq=False)
class Settled:
    """The bars of one ticker in the order in which they came, without those that came late.

    Attributes:
        bar_ms: (n,) int64, close of each bar, ms since 1970 UTC; those of sound bars ascend.
        ohlcv: (n, 5) float64, open, high, low, close in currency, volume in units: of sound bars
            the last that was said of them.
        reasons: What became of those that came late, and how many bars were widened before a later
            one took their place.
    """

    bar_ms: Int64
    ohlcv: Float64
    reasons: Counter[DropReason]


def settled(bar_ms: Int64, ohlcv: Float64) -> Settled:
    """Return a history in which every bar is as it was said last.

    A sound bar of the time of an earlier one takes its place, be others between them or not; one
    of a time that lies back and has no bar is dropped.

    Args:
        bar_ms: (n,) int64, close of each bar as they came, ms since 1970 UTC.
        ohlcv: (n, 5) float64, open, high, low, close in currency, volume in units.
    """
    if (np.diff(bar_ms) > 0).all():
        return Settled(bar_ms=bar_ms, ohlcv=ohlcv, reasons=Counter())
    sound = np.flatnonzero(faults(bar_ms, ohlcv) == 0)
    times = np.append(0, bar_ms[sound])
    first = times[1:] > np.maximum.accumulate(times)[:-1]
    if first.all():
        return Settled(bar_ms=bar_ms, ohlcv=ohlcv, reasons=Counter())
    return _replaced(bar_ms, ohlcv, sound, first)


def _replaced(bar_ms: Int64, ohlcv: Float64, sound: Int64, first: Bool) -> Settled:
    firsts = sound[first]  # where each time came for the first time; these times ascend
    place = np.searchsorted(bar_ms[firsts], bar_ms[sound]).clip(max=len(firsts) - 1)
    known = bar_ms[firsts][place] == bar_ms[sound]
    # All that was said of one time stands together, in the order in which it came.
    order = np.flatnonzero(known)[np.argsort(place[known], kind="stable")]
    again = np.append(False, np.diff(place[order]) == 0)
    said = widened(ohlcv[sound[order]])
    same = again & np.append(False, (said[1:] == said[:-1]).all(axis=1))
    order, said = order[~same], said[~same]
    final = np.append(np.diff(place[order]) != 0, True)
    whole = ohlcv.copy()
    whole[firsts] = ohlcv[sound[order[final]]]
    kept = np.ones(len(bar_ms), np.bool_)
    kept[sound[~first]] = False
    replaced = (said != ohlcv[sound[order]]).any(axis=1) & ~final
    counts = {
        DropReason.OUT_OF_ORDER: int((~known).sum()),
        DropReason.DUPLICATE: int(same.sum()),
        DropReason.CORRECTED: int((~final).sum()),
        DropReason.RANGE_WIDENED: int(replaced.sum()),
    }
    return Settled(bar_ms=bar_ms[kept], ohlcv=whole[kept], reasons=+Counter(counts))
