from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from models.evaluation.baselines import (
    BASELINES,
    Baseline,
    fit_lightgbm,
    fit_logistic,
    fit_majority,
    fit_momentum,
    fit_reversion,
)
from models.evaluation.metrics.classification import metrics_of
from models.training.dataset import Samples
from shared.errors import DataError

Planted = Callable[..., Samples]


def test_majority_answers_with_the_shares_of_train(planted: Planted) -> None:
    train, later = planted(seed=1), planted(seed=2)
    answers = fit_majority(train, later)(later)
    shares = np.bincount(train.label) / len(train.label)
    assert np.allclose(answers.probabilities, shares)
    assert set(answers.answer) == {shares.argmax()}


@pytest.mark.parametrize(
    ("fit", "strength"), [(fit_momentum, 1.5), (fit_reversion, -1.5)], ids=["momentum", "reversion"]
)
def test_a_rule_finds_the_bars_that_matter(
    planted: Planted, fit: Callable[[Samples, Samples], object], strength: float
) -> None:
    train, validation, later = (planted(strength=strength, seed=s) for s in (1, 2, 3))
    name = "momentum" if strength > 0 else "mean reversion"
    baseline = next(b for b in BASELINES if b.name == name)
    assert baseline.fit is fit
    answers = baseline.fit(train, validation)(later)
    assert metrics_of(later.label, answers.probabilities, answers.answer).mcc > 0.3
    # It answers up as often as the train span went up, whatever the shares of an answer are.
    assert np.mean(answers.answer == 2) == pytest.approx(np.mean(train.label == 2), abs=0.08)


def test_the_shares_of_a_rule_are_what_became_of_the_same_answer_in_train(
    planted: Planted,
) -> None:
    train, validation = planted(days=300, seed=1), planted(seed=2)
    answers = fit_momentum(train, validation)(train)
    for c in range(3):
        called = answers.answer == c
        became = np.bincount(train.label[called], minlength=3) / called.sum()
        assert np.allclose(answers.probabilities[called], became)


@pytest.mark.parametrize("fit", [fit_logistic, fit_lightgbm])
def test_a_fitted_model_recovers_what_was_planted(
    planted: Planted, fit: Callable[[Samples, Samples], Callable[..., object]]
) -> None:
    train, validation, later = (planted(days=300, seed=s) for s in (1, 2, 3))
    baseline = next(b for b in BASELINES if b.fit is fit)
    answers = baseline.fit(train, validation)(later)
    figures = metrics_of(later.label, answers.probabilities, answers.answer)
    assert figures.up_auc > 0.75
    assert figures.up_brier_skill > 0.1
    assert np.allclose(answers.probabilities.sum(axis=1), 1)


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda b: b.name)
def test_none_finds_skill_where_nothing_is_planted(planted: Planted, baseline: Baseline) -> None:
    train, validation, later = (planted(days=300, strength=0, seed=s) for s in (1, 2, 3))
    answers = baseline.fit(train, validation)(later)
    assert answers.name == baseline.name
    assert abs(metrics_of(later.label, answers.probabilities, answers.answer).mcc) < 0.07


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda b: b.name)
def test_no_windows_give_no_answers(planted: Planted, baseline: Baseline) -> None:
    forecast = baseline.fit(planted(seed=1), planted(seed=2))
    assert forecast(planted(seed=3).take(np.arange(0))).probabilities.shape == (0, 3)


def test_an_absent_class_has_no_probability(planted: Planted) -> None:
    samples = planted()
    samples = samples.take(samples.label != 1)
    answers = fit_logistic(samples, samples)(samples)
    assert not answers.probabilities[:, 1].any()


@pytest.mark.parametrize("fit", [fit_logistic, fit_lightgbm])
def test_one_class_alone_is_refused(
    planted: Planted, fit: Callable[[Samples, Samples], object]
) -> None:
    samples = planted()
    samples = replace(samples, label=np.ones_like(samples.label))
    with pytest.raises(DataError, match="one class only"):
        fit(samples, samples)
