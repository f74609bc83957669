from collections.abc import Callable

import numpy as np
import pytest
from scipy.signal import lfilter

from models.evaluation.metrics.bootstrap import (
    DRAWS,
    Days,
    Measured,
    followed,
    judge_by_days,
    mean_of,
)
from models.evaluation.metrics.classification import metrics_of
from models.evaluation.metrics.day_blocks import drawn
from models.evaluation.metrics.forecasts import Forecasts
from shared.contract import Float64, Int64

Case = tuple[Int64, Forecasts, Int64]


def _case(seed: int = 0, n: int = 600, skill: float = 1.0) -> Case:
    random = np.random.default_rng(seed)
    truth = random.integers(0, 3, n)
    logits = random.normal(0, 1, (n, 3)) + skill * np.eye(3)[truth]
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return truth, Forecasts.most_probable("made", shares), np.sort(random.integers(0, 40, n))


def test_each_resample_has_the_figures_of_its_rows() -> None:
    truth, answers, block = _case()
    drawn = np.zeros((1, 40))
    drawn[0, :20], drawn[0, 30] = 1.0, 3.0
    judged = judge_by_days(truth, answers, Days(block=block, count=40, draws=drawn))
    rows = np.concatenate([np.flatnonzero(block < 20), *[np.flatnonzero(block == 30)] * 3])
    again = metrics_of(truth[rows], answers.probabilities[rows])
    for name, values in judged.resampled.items():
        close = 1e-3 if name == "up_auc" else 1e-12
        assert values[0] == pytest.approx(getattr(again, name), abs=close), name


@pytest.mark.slow
def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    held = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        right = np.repeat(random.random(60) < 0.6, 10)  # the rows of a day agree
        truth = random.integers(0, 3, 600)
        answer = np.where(right, truth, (truth + 1) % 3)
        shares = np.full((600, 3), 1 / 3)
        days = Days.draw(np.repeat(np.arange(60), 10), 60, right[:, None].astype(np.float64), seed)
        answers = Forecasts(name="made", probabilities=shares, answer=answer)
        measured = judge_by_days(truth, answers, days).measured("accuracy")
        assert measured.low is not None
        assert measured.high is not None
        held.append(measured.low <= 0.6 <= measured.high)
    assert 0.85 <= np.mean(held) <= 1.0


@pytest.mark.slow
def test_an_interval_knows_that_days_in_a_row_belong_together() -> None:
    def held(length: int | None) -> float:
        found = []
        for seed in range(40):
            shocks = np.random.default_rng(seed).normal(0, 1, 500)
            daily = lfilter([1.0], [1.0, -0.8], shocks)[100:]  # half of a shock is left in 3 days
            if length is None:
                days = Days.draw(np.arange(400), 400, daily[:, None], seed)
            else:
                draws = drawn(400, length, DRAWS, seed)
                days = Days(block=np.arange(400), count=400, draws=draws)
            measured = mean_of(daily, days)
            assert measured.low is not None
            assert measured.high is not None
            found.append(measured.low <= 0 <= measured.high)
        return float(np.mean(found))

    assert held(1) < 0.65  # day by day
    assert held(None) > 0.85


def test_days_that_agree_within_widen_the_interval() -> None:
    truth, answers, _ = _case()

    def width(block: Int64, count: int) -> float:
        measured = judge_by_days(
            truth, answers, Days.draw(block, count, followed(truth, [answers]))
        ).measured("accuracy")
        assert measured.low is not None
        assert measured.high is not None
        return measured.high - measured.low

    right = np.argsort(answers.answer == truth, kind="stable")
    clustered = np.empty(600, np.int64)
    clustered[right] = np.arange(600) // 15
    assert width(clustered, 40) > 2 * width(np.arange(600) // 15, 40)


def test_a_forecaster_against_itself_differs_by_nothing() -> None:
    truth, answers, block = _case()
    judged = judge_by_days(truth, answers, Days.draw(block, 40, followed(truth, [answers])))
    assert judged.against(judged, "mcc") == Measured(value=0.0, low=0.0, high=0.0)


def test_paired_intervals_see_a_difference_that_separate_ones_hide() -> None:
    truth, answers, block = _case(skill=0.5)
    better = 0.97 * answers.probabilities + 0.03 * np.eye(3)[truth]
    days = Days.draw(block, 40, followed(truth, [answers]))
    ours = judge_by_days(truth, Forecasts.most_probable("better", better), days)
    theirs = judge_by_days(truth, answers, days)
    low = ours.measured("up_brier_skill").low
    high = theirs.measured("up_brier_skill").high
    assert low is not None
    assert high is not None
    assert low < high
    assert ours.against(theirs, "up_brier_skill").above_zero
    assert theirs.against(ours, "up_brier_skill").below_zero


def test_the_same_seed_gives_the_same_interval() -> None:
    truth, answers, block = _case()
    first, second = (
        judge_by_days(truth, answers, Days.draw(block, 40, followed(truth, [answers]), 3))
        for _ in range(2)
    )
    other = judge_by_days(truth, answers, Days.draw(block, 40, followed(truth, [answers]), 4))
    assert first.measured("mcc") == second.measured("mcc") != other.measured("mcc")
    assert len(first.resampled["mcc"]) == DRAWS


def test_few_days_give_no_interval() -> None:
    truth, answers, block = _case()
    measured = judge_by_days(
        truth, answers, Days.draw(block // 10, 4, followed(truth, [answers]))
    ).measured("mcc")
    assert (measured.low, measured.high) == (None, None)
    assert not measured.above_zero
    assert not measured.below_zero


@pytest.mark.parametrize(
    "confidence",
    [lambda n: np.full(n, 0.3), lambda n: np.repeat([0.0, 1.0], n // 2), np.zeros],
)
def test_scores_that_take_few_values_keep_their_area(confidence: Callable[[int], Float64]) -> None:
    truth, _, block = _case()
    up = confidence(600)
    answers = Forecasts.most_probable("made", np.stack([1 - up, np.zeros(600), up], axis=1))
    whole = Days(block=block, count=40, draws=np.ones((1, 40)))
    judged = judge_by_days(truth, answers, whole)
    assert judged.resampled["up_auc"][0] == pytest.approx(judged.metrics.up_auc)


def test_a_mean_with_its_interval_over_days() -> None:
    values: Float64 = np.repeat([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], 10)
    measured = mean_of(values, Days.draw(np.repeat(np.arange(6), 10), 6, values[:, None]))
    assert measured.value == 2.5
    assert measured.low is not None
    assert measured.high is not None
    assert 0.5 < measured.low < 2 < 3 < measured.high < 4.5
    assert mean_of(values, Days.draw(np.zeros(60, np.int64), 1, values[:, None])).low is None


def test_a_mean_of_those_that_count() -> None:
    values = np.array([2.0, 0.0, 4.0, 0.0])
    days = Days(block=np.array([0, 0, 1, 1]), count=2, draws=np.array([[2.0, 0.0], [0.0, 2.0]]))
    measured = mean_of(values, days, np.array([True, False, True, False]))
    assert measured.value == 3
    assert (measured.low, measured.high) == pytest.approx((2.05, 3.95))
    assert mean_of(np.zeros(4), days, np.zeros(4, np.bool_)) == Measured(value=0.0)
