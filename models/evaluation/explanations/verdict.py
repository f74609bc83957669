"""From what was measured to a verdict: the first fault found is the one that is named."""

from typing import Final

import msgspec

from models.evaluation.explanations.record import MethodCheck, MethodMeasures
from shared.explaining import Finding, Verdict

BLIND: Final = 0.3  # a map that stays as like as this to that of random weights
SAME: Final = 0.99
POINTS: Final = 0.95
WEAK: Final = 0.5  # of what the best order does


def judged(found: MethodMeasures, best: MethodMeasures, tested: int = 0) -> MethodCheck:
    """Return what was measured of a method with its verdict.

    Args:
        found: The method.
        best: The method of cells whose order does most to the answer.
        tested: Windows that it was measured on.
    """
    said = msgspec.structs.replace(verdict(found, best), tested=tested)
    return MethodCheck(**msgspec.structs.asdict(found), verdict=said)


def verdict(found: MethodMeasures, best: MethodMeasures) -> Verdict:
    """Return what can be said of a method.

    Args:
        found: The method.
        best: The method of cells whose order does most to the answer.
    """
    return _insane(found) or _unfaithful(found) or _true(found, best)


def _insane(found: MethodMeasures) -> Verdict | None:
    if not found.same_twice:
        return Verdict(finding=Finding.NOT_THE_SAME_TWICE)
    likeness = (
        (Finding.SAME_FOR_EVERY_WINDOW, found.across_windows, SAME),
        (Finding.BLIND_TO_HEAD, found.head_random, BLIND),
        (Finding.BLIND_TO_WEIGHTS, found.all_random, BLIND),
        (Finding.BLIND_TO_LABELS, found.shuffled, BLIND),
    )
    return next((_too_alike(*alike) for alike in likeness if alike[1] > alike[2]), None)


def _too_alike(finding: Finding, value: float, limit: float) -> Verdict:
    return Verdict(finding=finding, value=value, limit=limit)


def _unfaithful(found: MethodMeasures) -> Verdict | None:
    if found.deletion.low is None:
        return Verdict(finding=Finding.TOO_FEW_DAYS)
    if not found.deletion.above_zero:
        low = found.deletion.low
        return Verdict(finding=Finding.NO_BETTER_THAN_RANDOM, value=low, limit=0.0)
    points = found.planted_mean("one_cell", "pointing")
    if points is not None and points < POINTS:
        wrong = Finding.POINTS_AT_WRONG_BAR if found.columns == 1 else Finding.POINTS_AT_WRONG_CELL
        return Verdict(finding=wrong, value=points, limit=POINTS)
    return None


def _true(found: MethodMeasures, best: MethodMeasures) -> Verdict:
    area, weak = found.deletion.value, WEAK * best.deletion.value
    if found.columns == 1:
        # Held against random orders of whole bars: not to be compared with what cells do.
        return Verdict(finding=Finding.TRUE_TIME_ONLY, value=area)
    if found.name == best.name:
        return Verdict(finding=Finding.TRUE_BEST, value=area, limit=weak)
    finding = Finding.TRUE_WEAK if area < weak else Finding.TRUE
    return Verdict(finding=finding, value=area, limit=weak)
