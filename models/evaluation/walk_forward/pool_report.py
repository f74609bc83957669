"""What several walk-forwards say together, as records and in words."""

import datetime
from collections.abc import Iterator
from typing import Final

import msgspec

from models.evaluation.baselines import LIGHTGBM, LOGISTIC
from models.evaluation.metrics.bootstrap import Measured
from models.evaluation.metrics.forecasts import ADAPTIVE, STATIC
from models.evaluation.report.meaning import spread
from models.evaluation.walk_forward.walk import RECALIBRATED

ALL: Final = "all rows"
EACH: Final = "each data set alike"


class Duel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How two forecasters of class 2 differ on the same rows.

    Attributes:
        ours: The one.
        theirs: The other.
        skill: Brier skill of the one less that of the other.
        brier: Mean squared error of the other less that of the one.
    """

    ours: str
    theirs: str
    skill: Measured
    brier: Measured


class Pooled(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Brier skill of class 2 on one or several data sets.

    Attributes:
        name: Of the data set, or how several were pooled.
        rows: Targets.
        days: Dates of them.
        together: Dates in a row that were drawn together for the intervals, on average.
        first: Oldest date.
        last: Newest date.
        up_share: Share that went up.
        skill: By forecaster.
        duels: In pairs.
    """

    name: str
    rows: int
    days: int
    together: int
    first: datetime.date
    last: datetime.date
    up_share: float
    skill: dict[str, Measured]
    duels: tuple[Duel, ...]

    def duel(self, ours: str, theirs: str) -> Duel:
        """Return a pair."""
        return next(d for d in self.duels if (d.ours, d.theirs) == (ours, theirs))


class PoolFigures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was found of several walk-forwards together, before it is put into words.

    Attributes:
        title: Of the page.
        created: When it was made, UTC.
        facts: What was pooled.
        warnings: What the reader must know first.
        notes: What the one who ran it wrote.
        sets: Each data set alone.
        years: By year, over all data sets.
        pooled: Over all rows, and with each data set counting alike.
    """

    title: str
    created: datetime.datetime
    facts: dict[str, str]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    sets: tuple[Pooled, ...]
    years: tuple[Pooled, ...]
    pooled: tuple[Pooled, ...]


class PoolReport(PoolFigures, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What several walk-forwards say together.

    Attributes:
        meaning: The figures in words.
    """

    meaning: tuple[str, ...]


def meaning(report: PoolFigures) -> tuple[str, ...]:
    """Return the figures in sentences made of them and of nothing else."""
    return tuple(_sentences(report))


def _sentences(report: PoolFigures) -> Iterator[str]:
    every, each = report.pooled
    yield (
        f"Over {every.rows:,} rows of {every.days:,} days the adaptive confidence in class 2 has "
        f"a Brier skill of {spread(every.skill[ADAPTIVE])}."
    )
    for theirs in (LIGHTGBM, LIGHTGBM + RECALIBRATED, LOGISTIC, LOGISTIC + RECALIBRATED):
        duel = every.duel(ADAPTIVE, theirs)
        yield f"Against {theirs}, paired by day: {spread(duel.skill)}, {_shown(duel.skill)}."
    alike = each.duel(ADAPTIVE, LIGHTGBM).skill
    yield (
        f"With each data set counting alike, whatever its rows, it is {spread(alike)} against "
        f"{LIGHTGBM}, {_shown(alike)}."
    )
    static = every.duel(STATIC, LIGHTGBM).skill
    yield f"Without recalibrating either, it is {spread(static)}, {_shown(static)}."
    ahead = [p.name for p in report.sets if p.duel(ADAPTIVE, LIGHTGBM).skill.value > 0]
    yield f"It is ahead of {LIGHTGBM} on {len(ahead)} of {len(report.sets)} data sets."


def _shown(difference: Measured) -> str:
    if difference.above_zero:
        return "better"
    return "worse" if difference.below_zero else "which may be chance"
