"""How far back the bars of many tickers go without a cut, worked out from those at hand."""

import numpy as np

from models.data.bars import Validated
from shared.contract import Bool, Int64


def bars_since(verdict: Validated, cuts: Bool) -> Int64:
    """Return (k, m) int64 bars from the newest cut on.

    Before a ticker's first bar there is nothing, and from the oldest bar that is at hand all count.

    Args:
        verdict: Of (k, m) bars.
        cuts: (k, m) bool, before which of them the series is cut.
    """
    place = np.arange(cuts.shape[1])
    first = verdict.accepted.argmax(axis=1)
    start = np.maximum(np.maximum.accumulate(np.where(cuts, place, 0), axis=1), first[:, None])
    since: Int64 = np.maximum(place - start + 1, 0)
    return since


def steps_in_row(ready: Bool, known: Bool, interrupts: Bool) -> Int64:
    """Return (k,) int64 steps of the windows that follow each other up to the newest bar.

    Args:
        ready: (k, 6) bool, whether the look-back of each step is there.
        known: (k, 6) bool, whether its features are.
        interrupts: (k, 6) bool, whether a jump or a gap lies before it.
    """
    steps = np.zeros(len(ready), np.int64)
    for step in range(ready.shape[1]):
        steps[interrupts[:, step]] = 0
        steps = np.where(known[:, step], steps + 1, np.where(ready[:, step], 0, steps))
    return steps
