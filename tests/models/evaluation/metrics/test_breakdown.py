from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from models.evaluation.metrics.breakdown import (
    by_name,
    by_period,
    confidence_bins,
    covered,
    reliability,
    volatility_thirds,
)
from models.evaluation.metrics.classification import metrics_of
from models.evaluation.metrics.forecasts import Forecasts, Realized
from models.training.dataset import Samples

Planted = Callable[..., Samples]


@pytest.fixture
def outcomes(planted: Planted) -> Realized:
    return Realized.of(planted(days=60))


@pytest.fixture
def answers(outcomes: Realized) -> Forecasts:
    random = np.random.default_rng(0)
    shares = random.dirichlet([2, 2, 2], len(outcomes))
    return Forecasts.most_probable("made", shares, shares > 0.2)


def test_each_part_has_the_figures_of_its_rows(outcomes: Realized, answers: Forecasts) -> None:
    names = ["late" if i >= 200 else "early" for i in range(300)]
    early, late = by_name(names, outcomes, [answers])
    assert (early.name, early.rows, late.name, late.rows) == ("early", 200, "late", 100)
    rows = np.arange(200, 300)
    expected = metrics_of(outcomes.label[rows], answers.probabilities[rows])
    assert late.figures == {"made": expected}
    assert late.up_share == np.mean(outcomes.label[rows] == 2)


def test_volatility_is_cut_into_equal_thirds_from_calm_to_wild(outcomes: Realized) -> None:
    thirds = np.array(volatility_thirds(outcomes))
    means = [outcomes.volatility[thirds == name].mean() for name in np.unique(thirds)]
    assert means == sorted(means)
    assert [np.sum(thirds == name) for name in np.unique(thirds)] == [100, 100, 100]


def test_confidence_bins_hold_about_a_tenth_each(outcomes: Realized, answers: Forecasts) -> None:
    bins = confidence_bins(answers, outcomes)
    assert [b.rows for b in bins] == [30] * 10
    assert all(b.high <= after.low for b, after in pairwise(bins))


def test_a_constant_confidence_is_one_bin(outcomes: Realized) -> None:
    constant = Forecasts.most_probable("made", np.tile([0.5, 0.2, 0.3], (300, 1)))
    (whole,) = confidence_bins(constant, outcomes)
    assert (whole.rows, whole.low, whole.high) == (300, 0.3, 0.3)
    assert whole.delayed == pytest.approx(np.nanmean(outcomes.delayed))


def test_reliability_makes_up_the_calibration_error(outcomes: Realized, answers: Forecasts) -> None:
    bins = reliability(answers, outcomes)
    error = sum(b.rows * abs(b.confidence - b.came_true) for b in bins) / 300
    assert error == pytest.approx(metrics_of(outcomes.label, answers.probabilities).up_ece)


def test_a_period_counts_its_days_and_what_its_sets_hold(
    outcomes: Realized, answers: Forecasts
) -> None:
    days = np.repeat(np.arange(60), 5)
    names = ["b" if day >= 40 else "a" for day in days]
    first, second = by_period(names, days, outcomes, [answers])
    assert (first.name, first.days, second.name, second.days) == ("a", 40, "b", 20)
    assert answers.sets is not None
    rows = days >= 40
    assert second.coverage == covered(answers.sets[rows], outcomes.label[rows])
    assert second.set_size == pytest.approx(answers.sets[rows].sum(axis=1).mean())


def test_without_sets_there_is_no_coverage(outcomes: Realized) -> None:
    constant = Forecasts.most_probable("made", np.tile([0.5, 0.2, 0.3], (300, 1)))
    (period,) = by_period(["a"] * 300, np.zeros(300, np.int64), outcomes, [constant])
    assert (period.coverage, period.set_size) == (None, None)


def test_coverage_by_hand() -> None:
    sets = np.array([[True, False, True], [True, True, False]])
    assert covered(sets, np.array([2, 2])) == 0.5
