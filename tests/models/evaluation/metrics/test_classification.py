import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.calibration import calibration_curve

from models.evaluation.metrics.classification import (
    BINS,
    accuracy,
    area_under_roc,
    bin_of,
    calibration_error,
    confusion,
    macro_f1,
    matthews,
    metrics_of,
)

TRUTH = np.array([0, 0, 1, 1, 2, 2])
ANSWER = np.array([0, 1, 1, 1, 2, 0])


def test_confusion() -> None:
    assert confusion(TRUTH, ANSWER).tolist() == [[1, 1, 0], [0, 2, 0], [1, 0, 1]]


def test_macro_f1_by_hand() -> None:
    # F1: 2/4, 4/5, 2/3.
    assert macro_f1(confusion(TRUTH, ANSWER)) == pytest.approx((1 / 2 + 4 / 5 + 2 / 3) / 3)


def test_matthews_by_hand() -> None:
    # s = 6, c = 4, t = (2, 2, 2), p = (2, 3, 1): (24 - 12) / sqrt((36 - 14) (36 - 12)).
    assert matthews(confusion(TRUTH, ANSWER)) == pytest.approx(12 / math.sqrt(22 * 24))


def test_matthews_of_two_classes_is_the_textbook_formula() -> None:
    table = np.array([[6, 2], [1, 3]])  # TN, FP / FN, TP
    assert matthews(table) == pytest.approx((3 * 6 - 2 * 1) / math.sqrt(5 * 4 * 8 * 7))


def test_matthews_of_one_answer_alone_is_0() -> None:
    assert matthews(np.array([[0, 4], [0, 9]])) == 0.0


def test_area_under_roc_by_hand() -> None:
    # Of the four pairs two are in order, one is not and one is a tie.
    positive = np.array([True, True, False, False])
    assert area_under_roc(positive, np.array([0.9, 0.4, 0.4, 0.5])) == pytest.approx(2.5 / 4)


def test_area_under_roc_without_both_classes_is_a_half() -> None:
    assert area_under_roc(np.array([True, True]), np.array([0.1, 0.2])) == 0.5


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=30))
def test_area_under_roc_counts_pairs(pairs: list[tuple[bool, int]]) -> None:
    positive = np.array([p for p, _ in pairs])
    score = np.array([s / 5 for _, s in pairs])
    up, other = score[positive], score[~positive]
    if len(up) and len(other):
        above = (up[:, None] > other).mean() + (up[:, None] == other).mean() / 2
        assert area_under_roc(positive, score) == pytest.approx(above)


def test_calibration_error_by_hand() -> None:
    # Bins of 1/15: 0.01 and 0.05 share one (mean 0.03, share 0.5); 1.0 is in the last.
    positive, confidence = np.array([True, False, True]), np.array([0.01, 0.05, 1.0])
    assert calibration_error(positive, confidence) == pytest.approx((2 * 0.47 + 0) / 3)


def test_perfect_answers() -> None:
    figures = metrics_of(TRUTH, np.eye(3)[TRUTH])
    assert (figures.accuracy, figures.macro_f1, figures.mcc) == (1.0, 1.0, 1.0)
    assert (figures.direction_mcc, figures.up_auc) == (1.0, 1.0)
    assert (figures.up_brier, figures.up_brier_skill, figures.up_ece) == (0.0, 1.0, 0.0)


def test_always_the_same_shares() -> None:
    figures = metrics_of(TRUTH, np.tile([0.5, 0.2, 0.3], (6, 1)))
    assert figures.accuracy == pytest.approx(1 / 3)
    assert (figures.mcc, figures.direction_mcc, figures.up_auc) == (0.0, 0.0, 0.5)
    assert figures.up_brier == pytest.approx(1 / 3 * 0.7**2 + 2 / 3 * 0.3**2)
    assert figures.up_brier_skill == pytest.approx(1 - figures.up_brier / (2 / 9))
    assert figures.up_ece == pytest.approx(1 / 3 - 0.3)


def test_direction_leaves_out_what_is_or_was_called_flat() -> None:
    truth, answer = np.array([0, 2, 1, 0, 2, 2]), np.array([0, 2, 0, 1, 1, 0])
    figures = metrics_of(truth, np.eye(3)[answer])
    assert figures.direction_mcc == pytest.approx(matthews(np.array([[1, 0], [1, 1]])))


def test_a_span_without_any_up_has_no_skill() -> None:
    figures = metrics_of(np.array([0, 1]), np.tile([0.5, 0.2, 0.3], (2, 1)))
    assert (figures.up_brier_skill, figures.up_auc) == (0.0, 0.5)


def test_a_rule_may_answer_otherwise_than_its_probabilities_say() -> None:
    figures = metrics_of(TRUTH, np.tile([0.5, 0.2, 0.3], (6, 1)), TRUTH)
    assert (figures.accuracy, figures.up_auc) == (1.0, 0.5)


def test_many_tables_at_once_give_what_each_gives_alone() -> None:
    tables = np.random.default_rng(0).integers(0, 9, (5, 3, 3))
    tables[0], tables[1] = 0, [[3, 0, 0], [2, 0, 0], [0, 0, 0]]
    for figure in (accuracy, macro_f1, matthews):
        alone = [float(figure(table)) for table in tables]
        assert figure(tables).tolist() == pytest.approx(alone)
        assert figure(tables)[0] == 0.0


@pytest.mark.parametrize("rows", [3, 40, 2000])
def test_scikit_learn_says_the_same(rows: int) -> None:
    random = np.random.default_rng(rows)
    probabilities = random.dirichlet([1, 1, 1], rows).round(2)  # some are equal
    truth = np.append(random.integers(0, 3, rows - 3), [0, 1, 2])
    answer, up = probabilities.argmax(axis=1), probabilities[:, 2]
    found = metrics_of(truth, probabilities)
    moved = (truth != 1) & (answer != 1)
    assert found.accuracy == pytest.approx(metrics.accuracy_score(truth, answer))
    assert found.macro_f1 == pytest.approx(
        metrics.f1_score(truth, answer, labels=[0, 1, 2], average="macro", zero_division=0)
    )
    assert found.mcc == pytest.approx(metrics.matthews_corrcoef(truth, answer))
    assert found.direction_mcc == pytest.approx(
        metrics.matthews_corrcoef(truth[moved], answer[moved]) if moved.any() else 0.0
    )
    assert found.up_auc == pytest.approx(metrics.roc_auc_score(truth == 2, up))
    assert found.up_brier == pytest.approx(metrics.brier_score_loss(truth == 2, up))


def test_bins_of_the_calibration_error_are_scikit_learns_calibration_curve() -> None:
    random = np.random.default_rng(0)
    confidence = random.random(3000)
    positive = random.random(3000) < confidence**2
    share, mean = calibration_curve(positive, confidence, n_bins=BINS)
    rows = np.bincount(bin_of(confidence), minlength=BINS)
    assert calibration_error(positive, confidence) == pytest.approx(
        (rows * np.abs(share - mean)).sum() / 3000
    )
