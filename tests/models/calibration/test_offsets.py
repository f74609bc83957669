import numpy as np
import pytest

from models.calibration.offsets import KNOTS, LEAST, moved, steered

NONE = np.zeros(KNOTS)


def test_between_two_knots_the_offset_is_a_line() -> None:
    offsets = NONE.copy()
    offsets[12], offsets[13] = 0.1, -0.1  # at 0.4 and 0.4333
    heights = np.array([11, 11.5, 12, 12.25, 12.5, 13, 14]) / 30
    expected = heights + np.array([0, 0.05, 0.1, 0.05, 0, -0.1, 0])
    np.testing.assert_allclose(moved(heights, offsets), expected, atol=1e-12)


def test_no_offset_leads_out_of_the_limits() -> None:
    heights = np.array([0.0, 0.2, 0.9, 1.0])
    np.testing.assert_array_equal(moved(heights, NONE + 5), [1 - LEAST] * 3 + [1.0])
    np.testing.assert_array_equal(moved(heights, NONE - 5), [0.0] + [LEAST] * 3)


def test_the_limits_are_half_a_percent_from_either_end() -> None:
    heights = np.array([0.003, 0.2, 0.997])
    np.testing.assert_array_equal(moved(heights, NONE + 5), [0.995, 0.995, 0.997])
    np.testing.assert_array_equal(moved(heights, NONE - 5), [0.003, 0.005, 0.005])


@pytest.mark.parametrize(("end", "inward"), [(0, 1), (30, -1)])
def test_the_first_and_the_last_knot_are_moved_and_move(end: int, inward: int) -> None:
    assert KNOTS == 31
    offsets = NONE.copy()
    offsets[end] = inward * 0.3
    heights = np.array([end, end + inward / 2, end + inward]) / 30
    expected = heights + inward * np.array([0.3, 0.15, 0])
    np.testing.assert_allclose(moved(heights, offsets), expected, atol=1e-12)
    after = steered(NONE, heights[:1], np.array([0.5]), gain=0.1, tilt=0)
    assert np.flatnonzero(after).tolist() == [end]
    assert after[end] == pytest.approx(0.05)


def test_without_offsets_nothing_moves() -> None:
    heights = np.linspace(0, 1, 101)
    np.testing.assert_array_equal(moved(heights, NONE), heights)


def test_an_error_moves_the_two_knots_around_it() -> None:
    after = steered(NONE, np.array([0.41, 0.41]), np.array([0.5, 0.3]), gain=0.1, tilt=0)
    assert np.flatnonzero(after).tolist() == [12, 13]
    assert after[[12, 13]] == pytest.approx([0.1 * 0.4 * 0.7, 0.1 * 0.4 * 0.3])


def test_boldness_tilts_all_knots_around_the_mean() -> None:
    said, error = np.array([0.3, 0.5]), np.array([0.2, -0.2])
    after = steered(NONE, said, error, gain=0, tilt=1)
    heights = np.linspace(0, 1, KNOTS)
    assert after == pytest.approx(-0.02 * (heights - 0.4))
    np.testing.assert_allclose(steered(NONE, said, np.full(2, 0.2), gain=0, tilt=1), 0, atol=1e-15)


def test_errors_of_any_order_cannot_keep_a_mean_error() -> None:
    random = np.random.default_rng(2)
    offsets, total = NONE, 0.0
    for moment in range(3000):
        share = 0.2 if moment < 1500 else 0.7  # the forecast never knows
        said = np.full(20, 0.43)
        error = (random.random(20) < share) - moved(said, offsets)
        total += float(error.mean())
        offsets = steered(offsets, said, error, gain=0.05, tilt=0)
    # What was added is the sum of the errors times the gain, and lies within 1.
    assert abs(total) / 3000 < 1 / (0.05 * 3000)
