"""What is said of findings and of windows, in words: the one table that desk and reports read.

Keys lead to templates whose numbers have names. A table in another language has the same keys.
"""

from collections.abc import Mapping
from typing import Final

from shared.explaining import Verdict

ENGLISH: Final[Mapping[str, str]] = {
    "method.slow": "slow",
    "method.time_only": "time only",
    "verdict.none": "{method} was not checked on this model",
    "verdict.of": "{method}: {verdict}",
    "reasons.for": "for",
    "reasons.against": "against",
    # What a cell holds: {what} is one of the readings below.
    "reason.now": "{subject} is {what} now",
    "reason.one_ago": "{subject} 1 bar ago is {what}",
    "reason.ago": "{subject} {ago} bars ago is {what}",
    "brief.now": "{label} now {arrow}",
    "brief.one_ago": "{label} 1 bar ago {arrow}",
    "brief.ago": "{label} {ago} bars ago {arrow}",
    "reading.number": "{value} {unit}",
    "reading.as_large": "level with {reference}",
    "reading.above": "{share:.1%} above {reference}",
    "reading.below": "{share:.1%} below {reference}",
    "reading.times": "{times} × {reference}",
    "reading.at_most": "at most {times} × {reference}",
    "reading.high": "high, {share:.1%} {reference}",
    "reading.low": "low, {share:.1%} {reference}",
    "reading.usual": "usual, {share:.1%} {reference}",
    # In full, as a report says it and as it stands above a map.
    "true": "true here",
    "true_best": "true here, the best order of all",
    "true_weak": "true here, but weak: not the cells that made the answer",
    "true_time_only": "true here, but knows time only",
    "too_few_days": "too few days to tell",
    "not_the_same_twice": "not the same twice",
    "same_for_every_window": "the same for every window: shows the weights, not the window",
    "blind_to_head": "blind to the last layer's weights: fails the sanity check",
    "blind_to_weights": "blind to the weights: fails the sanity check",
    "blind_to_labels": "much the same after learning shuffled labels: fails the sanity check",
    "no_better_than_random": "no better than random order",
    "points_at_wrong_cell": (
        "better than random order, but points at the wrong cell where truth is planted"
    ),
    "points_at_wrong_bar": (
        "better than random order, but points at the wrong bar where truth is planted"
    ),
    # Without the reason, for a list.
    "true.short": "holds when tested",
    "true_best.short": "holds best when tested",
    "true_weak.short": "holds weakly when tested",
    "true_time_only.short": "holds when tested",
    "too_few_days.short": "too few days to tell",
    "not_the_same_twice.short": "not the same twice",
    "same_for_every_window.short": "the same for every window",
    "blind_to_head.short": "fails the sanity check",
    "blind_to_weights.short": "fails the sanity check",
    "blind_to_labels.short": "fails the sanity check",
    "no_better_than_random.short": "no better than random order",
    "points_at_wrong_cell.short": "points at the wrong cell",
    "points_at_wrong_bar.short": "points at the wrong bar",
    # As whoever trades by it reads it; {tested} is the next line, or nothing.
    "tested": ": tested on {windows:,} cases",
    "true.plain": "Hiding its cells changes the answer, more than hiding others{tested}",
    "true_best.plain": "Hiding its cells changes the answer, more than any other's{tested}",
    "true_weak.plain": "Hiding its cells changes the answer, but not by much{tested}",
    "true_time_only.plain": "Hiding its bars changes the answer, more than hiding others{tested}",
    "too_few_days.plain": "Tested on too few days to tell",
    "not_the_same_twice.plain": "Not the same twice: not to be trusted",
    "same_for_every_window.plain": "The same for every window: it shows the model, not this ticker",
    "blind_to_head.plain": "Much the same without what the model learned: not to be trusted",
    "blind_to_weights.plain": "Much the same without what the model learned: not to be trusted",
    "blind_to_labels.plain": "Much the same for a model that learned nonsense: not to be trusted",
    "no_better_than_random.plain": "Hiding its cells does no more than hiding any{tested}",
    "points_at_wrong_cell.plain": "Where the cell that decides is known it points at others",
    "points_at_wrong_bar.plain": "Where the bar that decides is known it points at others",
    # The number that decided.
    "true.measured": "beats random orders by {value:.4f}; below {limit:.4f} would be weak",
    "true_best.measured": "beats random orders by {value:.4f}, more than any other method",
    "true_weak.measured": "beats random orders by {value:.4f}, less than {limit:.4f}",
    "true_time_only.measured": "beats random orders of whole bars by {value:.4f}",
    "too_few_days.measured": "no interval can be given",
    "not_the_same_twice.measured": "the same windows gave other maps",
    "same_for_every_window.measured": (
        "maps of different windows are {value:.2f} alike, at most {limit:.2f} is allowed"
    ),
    "blind_to_head.measured": (
        "maps stay {value:.2f} alike when the last layer becomes random, "
        "at most {limit:.2f} is allowed"
    ),
    "blind_to_weights.measured": (
        "maps stay {value:.2f} alike when all layers become random, at most {limit:.2f} is allowed"
    ),
    "blind_to_labels.measured": (
        "maps are {value:.2f} like those of shuffled labels, at most {limit:.2f} is allowed"
    ),
    "no_better_than_random.measured": (
        "the interval against random orders begins at {value:+.4f}, not above {limit:.0f}"
    ),
    "points_at_wrong_cell.measured": (
        "points at a planted cell in {value:.0%} of windows, at least {limit:.0%} is asked for"
    ),
    "points_at_wrong_bar.measured": (
        "points at a planted bar in {value:.0%} of windows, at least {limit:.0%} is asked for"
    ),
}


def say(key: str, /, words: Mapping[str, str] = ENGLISH, **named: object) -> str:
    """Return a phrase with its named numbers and words put in."""
    return words[key].format(**named)


def in_full(verdict: Verdict, words: Mapping[str, str] = ENGLISH) -> str:
    """Return a verdict with its reason."""
    return _said(verdict, "", words)


def in_short(verdict: Verdict, words: Mapping[str, str] = ENGLISH) -> str:
    """Return a verdict without its reason."""
    return _said(verdict, ".short", words)


def in_plain_words(verdict: Verdict, words: Mapping[str, str] = ENGLISH) -> str:
    """Return what a verdict means to whoever looks at a map."""
    tested = say("tested", words, windows=verdict.tested) if verdict.tested else ""
    return say(f"{verdict.finding.value}.plain", words, tested=tested)


def measured(verdict: Verdict, words: Mapping[str, str] = ENGLISH) -> str:
    """Return the number that decided a verdict."""
    return _said(verdict, ".measured", words)


def _said(verdict: Verdict, ending: str, words: Mapping[str, str]) -> str:
    key = f"{verdict.finding.value}{ending}"
    return say(key, words, value=verdict.value, limit=verdict.limit)
