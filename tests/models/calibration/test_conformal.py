import numpy as np
import pytest

from models.calibration.conformal import prediction_sets, steer

PROBABILITIES = np.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6], [0.34, 0.33, 0.33]])


def test_a_set_holds_what_reaches_the_threshold() -> None:
    expected = [[True, True, False], [False, False, True], [True, True, True]]
    assert prediction_sets(PROBABILITIES, 0.3).tolist() == expected


def test_the_winner_is_in_the_set_whatever_the_threshold() -> None:
    sets = prediction_sets(PROBABILITIES, 2.0)
    assert sets.sum(axis=1).tolist() == [1, 1, 1]
    assert sets.argmax(axis=1).tolist() == [0, 2, 0]


@pytest.mark.parametrize(
    ("label", "expected"),
    [([0, 2], 0.3 + 0.05 * 0.1), ([2, 0], 0.3 - 0.05 * 0.9), ([0, 0], 0.3 - 0.05 * 0.4)],
)
def test_misses_lower_the_threshold_and_hits_raise_it(label: list[int], expected: float) -> None:
    sets = prediction_sets(PROBABILITIES[:2], 0.3)
    found = steer(0.3, sets, np.array(label), coverage=0.9, step=0.05)
    assert found == pytest.approx(expected)


def test_coverage_is_kept_by_forecasts_that_turn_bad_half_way() -> None:
    random = np.random.default_rng(3)
    threshold, hits, thresholds = 0.2, [], []
    for moment in range(600):
        chance = random.dirichlet((4, 3, 4), 30)
        said = chance if moment < 300 else random.permuted(chance, axis=1)
        label = (random.random((30, 1)) > chance.cumsum(axis=1)[:, :2]).sum(axis=1)
        sets = prediction_sets(said, threshold)
        hits.append(sets[np.arange(30), label].mean())
        threshold = steer(threshold, sets, label, coverage=0.9, step=0.05)
        thresholds.append(threshold)
    quarters = np.array(hits).reshape(10, 60).mean(axis=1)
    assert np.abs(quarters - 0.9).max() < 0.03
    # One that stood still would have missed more.
    assert np.mean(thresholds[100:300]) - np.mean(thresholds[400:]) > 0.02
