"""Several walk-forwards as one: whether our confidence beats others' over all data and years."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from models.data.calendars.markets import market_named
from models.data.times import now
from models.evaluation.baselines import LIGHTGBM, LOGISTIC
from models.evaluation.metrics.bootstrap import Days, Measured, measure
from models.evaluation.metrics.classification import brier_skill
from models.evaluation.metrics.days import blocks, dates, years
from models.evaluation.metrics.forecasts import ADAPTIVE, STATIC
from models.evaluation.walk_forward.pool_report import (
    ALL,
    EACH,
    Duel,
    Pooled,
    PoolFigures,
    PoolReport,
    meaning,
)
from models.evaluation.walk_forward.run_folder import Walked, WalkForwardCard, read_card, read_rows
from models.evaluation.walk_forward.walk import RECALIBRATED
from shared.contract import Class, Float64, Int64
from shared.errors import DataError

OURS: Final = (ADAPTIVE, STATIC)
OTHERS: Final = (LIGHTGBM, LIGHTGBM + RECALIBRATED, LOGISTIC, LOGISTIC + RECALIBRATED)
NAMES: Final = (*OURS, *OTHERS)
# Recalibrated against recalibrated and not, not static against what has learned on the way.
PAIRS: Final = (*((ADAPTIVE, other) for other in OTHERS), (STATIC, LIGHTGBM), (STATIC, LOGISTIC))


@dataclass(frozen=True, kw_only=True, eq=False)
class Contest:
    """The rows of one data set.

    Attributes:
        name: Of the run.
        card: What the run depends on.
        days: (n,) int64 date of each target.
        up: (n,) float64, 1 where it went up, else 0.
        errors: (n, 6) float64 squared errors of class 2, by `NAMES`.
    """

    name: str
    card: WalkForwardCard
    days: Int64
    up: Float64
    errors: Float64


def read_contest(path: Path, name: str) -> Contest:
    """Return the rows of a finished run.

    Args:
        path: The folder.
        name: What the report calls it.

    Raises:
        InputMissingError: There is no run, or it is not finished.
        DataError: A file is damaged.
    """
    card, walked = read_card(path), read_rows(path)
    missing = [name for name in NAMES if name not in walked.forecasts]
    if missing:
        raise DataError(f"{path} has no answers of {', '.join(missing)}")
    up = (walked.realized.label == Class.UP).astype(np.float64)
    return Contest(
        name=name,
        card=card,
        days=_days(walked, card),
        up=up,
        errors=np.stack([(walked.forecasts[n].up - up) ** 2 for n in NAMES], axis=1),
    )


def pool(contests: Sequence[Contest], notes: Sequence[str]) -> PoolReport:
    """Return what the runs say alone and together.

    The Brier skill of a data set is against its own share of class 2. Pooled over all rows it is
    1 - the sum of all squared errors over the sum of those of the references; with each data set
    alike it is the mean of their skills. All tickers and data sets of a date are resampled
    together, as markets move together.
    """
    sets = tuple(_pooled(c.name, [c], alike=False) for c in contests)
    named = sorted({year for c in contests for year in years(c.days)})
    by_year = tuple(_pooled(year, _of_year(contests, year), alike=False) for year in named)
    pooled = (_pooled(ALL, contests, alike=False), _pooled(EACH, contests, alike=True))
    figures = PoolFigures(
        title=f"{len(contests)} walk-forwards together",
        created=now(),
        facts={c.name: _describe(c) for c in contests},
        warnings=_twice(contests),
        notes=tuple(notes),
        sets=sets,
        years=by_year,
        pooled=pooled,
    )
    return PoolReport(**msgspec.structs.asdict(figures), meaning=meaning(figures))


def _twice(contests: Sequence[Contest]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    found = []
    for contest in contests:
        other = seen.setdefault(contest.card.fingerprint, contest.name)
        if other != contest.name:
            found.append(f"{other} and {contest.name} are of the same bars, which count twice.")
    return tuple(found)


def _days(walked: Walked, card: WalkForwardCard) -> Int64:
    return dates(walked.realized.target_ms, market_named(card.market))


def _describe(contest: Contest) -> str:
    card = contest.card
    sources = ", ".join(card.sources)
    return (
        f"{sources}: {card.interval} bars, {len(contest.up):,} rows, features {card.features}, "
        f"{card.label.sentence()}"
    )


def _of_year(contests: Sequence[Contest], year: str) -> list[Contest]:
    parts = []
    for contest in contests:
        chosen = np.array(years(contest.days)) == year
        if chosen.any():
            part = Contest(
                name=contest.name,
                card=contest.card,
                days=contest.days[chosen],
                up=contest.up[chosen],
                errors=contest.errors[chosen],
            )
            parts.append(part)
    return parts


def _pooled(name: str, contests: Sequence[Contest], *, alike: bool) -> Pooled:
    every = np.concatenate([c.days for c in contests])
    block, count = blocks(every)
    up = np.concatenate([c.up for c in contests])
    errors = np.concatenate([c.errors for c in contests])
    days = Days.draw(block, count, np.column_stack([up, errors]))
    sums = _sums(contests, block, count)
    whole = _skills(sums.sum(axis=1, keepdims=True), alike=alike)
    drawn = None
    if days.draws is not None:
        drawn = _skills(np.einsum("md,sdk->smk", days.draws, sums), alike=alike)
    first, last = (np.datetime64(int(d), "D").astype(datetime.date) for d in _ends(every))
    return Pooled(
        name=name,
        rows=len(up),
        days=count,
        together=days.length,
        first=first,
        last=last,
        up_share=float(up.mean()),
        skill=_skill_of(whole, drawn),
        duels=tuple(_duel(ours, theirs, whole, drawn) for ours, theirs in PAIRS),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Skills:
    # (m, 6) Brier skill and mean squared error of each forecaster in m resamples.
    skill: Float64
    brier: Float64


def _sums(contests: Sequence[Contest], block: Int64, count: int) -> Float64:
    # (sets, days, 8) rows, ups and squared errors of each day.
    found, start = [], 0
    for contest in contests:
        own = Days(block=block[start : start + len(contest.up)], count=count, draws=None)
        ones = np.ones(len(contest.up))
        found.append(own.sums(np.column_stack([ones, contest.up, contest.errors])))
        start += len(contest.up)
    return np.stack(found)


def _skills(sums: Float64, *, alike: bool) -> _Skills:
    # (sets, m, 8) sums of m resamples; a set that a resample leaves out counts for nothing.
    rows = sums[..., :1]
    share = sums[..., 1:2] / np.maximum(rows, 1)
    errors = sums[..., 2:]
    if alike:
        skill = brier_skill(errors / np.maximum(rows, 1), share).mean(axis=0)
        return _Skills(skill=skill, brier=(errors / np.maximum(rows, 1)).mean(axis=0))
    reference = (rows * share * (1 - share)).sum(axis=0)
    total = errors.sum(axis=0)
    skill = np.where(reference > 0, 1 - total / np.where(reference > 0, reference, 1.0), 0.0)
    return _Skills(skill=skill, brier=total / np.maximum(rows.sum(axis=0), 1))


def _skill_of(whole: _Skills, drawn: _Skills | None) -> dict[str, Measured]:
    return {
        name: measure(float(whole.skill[0, i]), None if drawn is None else drawn.skill[:, i])
        for i, name in enumerate(NAMES)
    }


def _duel(ours: str, theirs: str, whole: _Skills, drawn: _Skills | None) -> Duel:
    mine, other = NAMES.index(ours), NAMES.index(theirs)

    def skill(of: _Skills) -> Float64:
        return of.skill[:, mine] - of.skill[:, other]

    def brier(of: _Skills) -> Float64:
        return of.brier[:, other] - of.brier[:, mine]

    return Duel(
        ours=ours,
        theirs=theirs,
        skill=measure(float(skill(whole)[0]), None if drawn is None else skill(drawn)),
        brier=measure(float(brier(whole)[0]), None if drawn is None else brier(drawn)),
    )


def _ends(days: Int64) -> tuple[int, int]:
    return int(days.min()), int(days.max())
