"""What a method of explanation is, and what was found of it: said once, and carried everywhere.

The models declare it, bundles and messages carry it, and whoever shows a map decides from it alone:
no reader has to know a method by its name.
"""

import enum
from typing import Annotated, Literal

import msgspec

from shared.limits import Count, Value

Columns = Literal[1, 8]
MethodName = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
MethodTitle = Annotated[str, msgspec.Meta(max_length=200)]
MethodNote = Annotated[str, msgspec.Meta(max_length=4_000)]


class MapKind(enum.Enum):
    """What a number of a map is.

    Attributes:
        SLOPE: Logits per standard deviation; times the window it says what a cell brought. Ranks
            cells by its size.
        SHARE: Logits that a cell brought. Ranks by value, as a score does.
        SCORE: Only an order, with or without a direction.
    """

    SLOPE = "slope"
    SHARE = "share"
    SCORE = "score"


class Grade(enum.Enum):
    """How far a method can be believed."""

    TRUE = "true"
    UNKNOWN = "unknown"
    FAULT = "fault"


class Finding(enum.Enum):
    """What checks found of a method on one model; each comes with its own number and limit.

    Attributes:
        TRUE: No fault; the area by which deleting in its order beats random orders, and the least
            that is not weak.
        TRUE_BEST: The same, and no method of cells has a greater area.
        TRUE_WEAK: The same, but its area lies below the limit.
        TRUE_TIME_ONLY: No fault, and one number a bar; its area, without a limit.
        TOO_FEW_DAYS: Neither true nor false can be shown; no number, no limit.
        NOT_THE_SAME_TWICE: The same windows gave other maps; no number, no limit.
        SAME_FOR_EVERY_WINDOW: How like the maps of different windows are, and the most allowed.
        BLIND_TO_HEAD: How like maps stay when the last layer becomes random, and the most allowed.
        BLIND_TO_WEIGHTS: The same when all layers do.
        BLIND_TO_LABELS: The same after training on shuffled labels.
        NO_BETTER_THAN_RANDOM: The lower end of the area's interval, and the 0 it must be above.
        POINTS_AT_WRONG_CELL: How often it points at a planted cell, and the least allowed.
        POINTS_AT_WRONG_BAR: The same of a method that knows bars only.
    """

    TRUE = "true"
    TRUE_BEST = "true_best"
    TRUE_WEAK = "true_weak"
    TRUE_TIME_ONLY = "true_time_only"
    TOO_FEW_DAYS = "too_few_days"
    NOT_THE_SAME_TWICE = "not_the_same_twice"
    SAME_FOR_EVERY_WINDOW = "same_for_every_window"
    BLIND_TO_HEAD = "blind_to_head"
    BLIND_TO_WEIGHTS = "blind_to_weights"
    BLIND_TO_LABELS = "blind_to_labels"
    NO_BETTER_THAN_RANDOM = "no_better_than_random"
    POINTS_AT_WRONG_CELL = "points_at_wrong_cell"
    POINTS_AT_WRONG_BAR = "points_at_wrong_bar"

    @property
    def grade(self) -> Grade:
        """How far a method of which this was found can be believed."""
        if self is Finding.TOO_FEW_DAYS:
            return Grade.UNKNOWN
        true = (Finding.TRUE, Finding.TRUE_BEST, Finding.TRUE_WEAK, Finding.TRUE_TIME_ONLY)
        return Grade.TRUE if self in true else Grade.FAULT


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a method, with the number that decided; the words are the reader's.

    Attributes:
        finding: Which it is.
        value: The number that decided, as `Finding` says; None where there is none.
        limit: What it was held against; None where there is none.
        tested: Windows that it was found on; 0 where nobody says.
    """

    finding: Finding
    value: Value | None = None
    limit: Value | None = None
    tested: Count = 0


class MethodCard(msgspec.Struct, frozen=True, kw_only=True):
    """What a method is, for whoever reads its maps.

    Attributes:
        name: What cards and requests carry.
        title: What people call it.
        columns: 8 where each cell of the window has its own number, 1 where only the bar has.
        signed: Whether numbers below 0 speak against the class; else they are 0 or more.
        kind: What a number is.
        note: What a map shows and what it loses, in one or two sentences.
        slow: Whether a map may take longer than people wait without a word, a second or so.
        product_of: The method of slopes whose map times the window this one is; None for others.

    Raises:
        ValueError: A slope or a share without signs.
    """

    name: MethodName
    title: MethodTitle
    columns: Columns
    signed: bool
    kind: MapKind
    note: MethodNote
    slow: bool = False
    product_of: MethodName | None = None

    def __post_init__(self) -> None:
        if self.kind is not MapKind.SCORE and not self.signed:
            raise ValueError(f"a {self.kind.value} has signs, {self.name} has none")


class OfferedMethod(MethodCard, frozen=True, kw_only=True):
    """A method as a server offers it for its model.

    Attributes:
        live: Whether its map of the winner is what every heatmap carries.
        verdict: What checks found of it on this model; None where it was not checked.
    """

    live: bool = False
    verdict: Verdict | None = None
