"""How a history is walked through: fit on all that was known, judge what came next, go on."""

from typing import Final

import msgspec
import numpy as np

from models.evaluation.metrics.days import dates, years
from models.training.dataset import Samples, Split, split
from shared.contract import Int64
from shared.errors import DataError, SettingsError
from shared.markets import Market

_FIRST_YEAR: Final = 2  # the third, so that there are two to learn from
_FOLDS: Final = 5
_VALIDATION_SHARE: Final = 5  # one in five sessions before the test
_MOST_VALIDATION: Final = 252  # sessions, about a year
_LEAST_SESSIONS: Final = 4
_DAY_S: Final = 86_400


class Fold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of the walk; each span ends with the newest target that it may hold.

    Attributes:
        name: Such as 2019.
        train_until_ms: End of the train span, which begins with the history, ms since 1970 UTC.
        validate_until_ms: End of the validation span, ms since 1970 UTC.
        test_until_ms: End of the test span, ms since 1970 UTC.
    """

    name: str
    train_until_ms: int
    validate_until_ms: int
    test_until_ms: int


def plan_folds(
    samples: Samples, market: Market, interval_s: int, count: int | None
) -> tuple[Fold, ...]:
    """Return the folds: by year from the third year on, or of equal numbers of sessions.

    Daily bars of three years and more go by year unless `count` is given; all others have `count`
    folds, or 5, after a stretch as long as two of them. The last fifth of the sessions before a
    test, at most 252, is for validation.

    Raises:
        DataError: There are too few sessions.
        SettingsError: `count` is below 1.
    """
    if count is not None and count < 1:
        raise SettingsError(f"--folds must be at least 1, was {count}")
    days = dates(samples.target_ms, market)
    sessions = np.unique(days)
    last_ms = _last_by(sessions, days, samples.target_ms)
    found = sorted(set(years(sessions)))
    if count is None and interval_s >= _DAY_S and len(found) > _FIRST_YEAR:
        named = np.array(years(sessions))
        starts = [int(np.flatnonzero(named == year)[0]) for year in found[_FIRST_YEAR:]]
        return _folds(found[_FIRST_YEAR:], starts, last_ms)
    return _equal(count or _FOLDS, last_ms)


def spans_of(samples: Samples, fold: Fold, gap_bars: int) -> Split:
    """Return the three spans of a fold, purged, with a gap before each of the later two.

    Raises:
        DataError: A span holds no sample.
    """
    known = samples.take(samples.target_ms <= fold.test_until_ms)
    try:
        return split(known, fold.train_until_ms, fold.validate_until_ms, gap_bars)
    except DataError as e:
        raise DataError(f"{fold.name}: {e}") from e


def _equal(count: int, last_ms: Int64) -> tuple[Fold, ...]:
    length = len(last_ms) // (count + 2)
    if length < 1 or len(last_ms) - count * length < _LEAST_SESSIONS:
        raise DataError(f"{len(last_ms)} sessions are too few for {count} folds")
    first = len(last_ms) - count * length
    starts = [first + i * length for i in range(count)]
    return _folds([f"fold {i + 1}" for i in range(count)], starts, last_ms)


def _folds(names: list[str], starts: list[int], last_ms: Int64) -> tuple[Fold, ...]:
    # `starts` are the positions of the first session of each test.
    ends = [*starts[1:], len(last_ms)]
    folds = []
    for name, start, end in zip(names, starts, ends, strict=True):
        validation = min(max(start // _VALIDATION_SHARE, 1), _MOST_VALIDATION)
        fold = Fold(
            name=name,
            train_until_ms=int(last_ms[start - validation - 1]),
            validate_until_ms=int(last_ms[start - 1]),
            test_until_ms=int(last_ms[end - 1]),
        )
        folds.append(fold)
    return tuple(folds)


def _last_by(sessions: Int64, days: Int64, target_ms: Int64) -> Int64:
    # The newest target of each session.
    last = np.zeros(len(sessions), np.int64)
    np.maximum.at(last, np.searchsorted(sessions, days), target_ms)
    return last
