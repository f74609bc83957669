from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from models.evaluation.metrics.days import dates, years
from models.evaluation.walk_forward.folds import Fold, plan_folds, spans_of
from models.training.dataset import Samples
from shared.errors import DataError, SettingsError
from shared.markets import MARKETS

Planted = Callable[..., Samples]
KRX = MARKETS["krx"]
DAY_S = 86_400


def _sessions(samples: Samples) -> np.ndarray:
    return np.unique(dates(samples.target_ms, KRX))


def test_daily_bars_go_by_year_from_the_third_year_on(planted: Planted) -> None:
    samples = planted(days=5 * 365, tickers=2)  # 2020-01-03 to 2024-12-31
    folds = plan_folds(samples, KRX, DAY_S, None)
    assert [fold.name for fold in folds] == ["2022", "2023", "2024"]
    for fold in folds:
        test = spans_of(samples, fold, 7).test
        assert set(years(dates(test.target_ms, KRX))) == {fold.name}


def test_the_last_fifth_before_a_test_validates_up_to_a_year(planted: Planted) -> None:
    samples = planted(days=5 * 365, tickers=2)
    first, *_, last = plan_folds(samples, KRX, DAY_S, None)
    for fold, expected in ((first, 729 // 5), (last, 252)):
        inside = np.unique(samples.target_ms)
        inside = inside[(inside > fold.train_until_ms) & (inside <= fold.validate_until_ms)]
        assert len(inside) == expected


def test_tests_follow_each_other_without_a_hole(planted: Planted) -> None:
    samples = planted(days=350, tickers=2)
    folds = plan_folds(samples, KRX, DAY_S, None)
    assert [fold.name for fold in folds] == [f"fold {i}" for i in range(1, 6)]
    for before, after in pairwise(folds):
        assert before.test_until_ms == after.validate_until_ms
    assert folds[-1].test_until_ms == samples.target_ms.max()
    lengths = {len(_sessions(spans_of(samples, fold, 7).test)) for fold in folds}
    assert lengths == {350 // 7}


def test_intraday_bars_are_folded_by_sessions_not_by_bars(planted: Planted) -> None:
    samples = planted(days=350, tickers=2)
    folds = plan_folds(samples, KRX, 300, 3)
    assert [len(_sessions(spans_of(samples, fold, 7).test)) for fold in folds] == [70, 70, 70]


def test_spans_are_purged_and_apart(planted: Planted) -> None:
    samples = planted(days=350, tickers=2)
    for fold in plan_folds(samples, KRX, DAY_S, 3):
        spans = spans_of(samples, fold, 7)
        for before, after in pairwise((spans.train, spans.validation, spans.test)):
            for ticker in range(2):
                last = before.ordinal[before.ticker == ticker].max()
                assert last + 7 < after.ordinal[after.ticker == ticker].min()
            assert before.target_ms.max() <= after.decided_ms.min()


@pytest.mark.parametrize(("days", "count"), [(6, 5), (3, 1)])
def test_too_few_sessions_are_refused(planted: Planted, days: int, count: int) -> None:
    with pytest.raises(DataError, match="sessions are too few"):
        plan_folds(planted(days=days), KRX, DAY_S, count)


def test_no_folds_are_refused(planted: Planted) -> None:
    with pytest.raises(SettingsError, match="--folds must be at least 1, was 0"):
        plan_folds(planted(), KRX, DAY_S, 0)


def test_an_empty_span_names_its_fold(planted: Planted) -> None:
    samples = planted(days=20)
    late = int(samples.target_ms.max())
    fold = Fold(name="odd", train_until_ms=0, validate_until_ms=late - 1, test_until_ms=late)
    with pytest.raises(DataError, match="odd: the train span holds no labelled window"):
        spans_of(samples, fold, 7)
