"""From what was measured to a verdict in a few words: the first fault found is named."""

from typing import Final

import msgspec

from models.evaluation.explanations.record import ExplanationCheck, MethodCheck

BLIND: Final = 0.3  # a map that stays as like as this to that of random weights
SAME: Final = 0.99
POINTS: Final = 0.95
WEAK: Final = 0.5  # of what the best order does


def with_verdicts(check: ExplanationCheck) -> ExplanationCheck:
    """Return the check with a verdict on each method."""
    best = check.best
    judged = tuple(msgspec.structs.replace(m, verdict=verdict(m, best)) for m in check.methods)
    return msgspec.structs.replace(check, methods=judged)


def verdict(found: MethodCheck, best: MethodCheck) -> str:
    """Return what can be said of a method; those that hold start with "true here".

    Args:
        found: The method.
        best: The method of cells whose order does most to the answer.
    """
    return _fault(found) or _praise(found, best)


def _fault(found: MethodCheck) -> str:
    return _insane(found) or _unfaithful(found)


def _insane(found: MethodCheck) -> str:
    if not found.same_twice:
        return "not the same twice"
    if found.across_windows > SAME:
        return "the same for every window: shows the weights, not the window"
    if found.head_random > BLIND:
        return "blind to the last layer's weights: fails the sanity check"
    if found.all_random > BLIND:
        return "blind to the weights: fails the sanity check"
    if found.shuffled > BLIND:
        return "much the same after learning shuffled labels: fails the sanity check"
    return ""


def _unfaithful(found: MethodCheck) -> str:
    if found.deletion.low is None:
        return "too few days to tell"
    if not found.deletion.above_zero:
        return "no better than random order"
    points = found.planted_mean("one_cell", "pointing")
    if points is not None and points < POINTS:
        place = "bar" if found.columns == 1 else "cell"
        return f"better than random order, but points at the wrong {place} where truth is planted"
    return ""


def _praise(found: MethodCheck, best: MethodCheck) -> str:
    if found.columns == 1:
        return "true here, but knows time only"
    if found.name == best.name:
        return "true here, the best order of all"
    if found.deletion.value < WEAK * best.deletion.value:
        return "true here, but weak: not the cells that made the answer"
    return "true here"
