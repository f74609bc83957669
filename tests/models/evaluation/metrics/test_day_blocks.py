import numpy as np
import pytest

from models.evaluation.metrics.day_blocks import drawn, mean_length
from shared.contract import Float64


def days_with(memory: float, count: int = 400, seed: int = 0) -> Float64:
    """A day's value is a share of the day before and a shock."""
    shocks = np.random.default_rng(seed).normal(0, 1, count)
    values = np.zeros(count)
    for day in range(1, count):
        values[day] = memory * values[day - 1] + shocks[day]
    return values


def test_series_with_a_memory_ask_for_blocks_and_share_the_mean_of_them() -> None:
    alone, long = days_with(0.0), days_with(0.9)
    assert mean_length(alone[:, None]) <= 3
    assert mean_length(long[:, None]) > 10
    both = mean_length(np.stack([alone, long], axis=1))
    assert both == pytest.approx(
        (mean_length(alone[:, None]) + mean_length(long[:, None])) / 2, abs=1
    )


@pytest.mark.parametrize(
    "daily",
    [
        days_with(0.9, count=29)[:, None],  # too few to tell
        np.full((100, 2), 0.3),
        np.full((100, 2), 0.1) + 0.2,
    ],
    ids=["few", "constant", "constant but for rounding"],
)
def test_where_no_memory_can_be_told_days_are_drawn_one_by_one(daily: Float64) -> None:
    assert mean_length(daily) == 1


def test_a_constant_series_leaves_the_choice_to_the_others() -> None:
    long = days_with(0.9)
    assert mean_length(np.stack([np.ones(400), long], axis=1)) == mean_length(long[:, None])


def test_a_resample_holds_several_blocks() -> None:
    assert 2 < mean_length(np.arange(60.0)[:, None]) <= 12


def test_a_resample_has_as_many_days_of_which_those_in_a_row_come_together() -> None:
    times = drawn(200, 20, 500, seed=0)
    assert times.shape == (500, 200)
    assert (times.sum(axis=1) == 200).all()
    assert times.mean(axis=0) == pytest.approx(1, abs=0.3)
    near = np.corrcoef(times[:, 50], times[:, 51])[0, 1]
    far = np.corrcoef(times[:, 50], times[:, 150])[0, 1]
    assert near > 0.8
    assert abs(far) < 0.3


def test_of_length_1_every_day_is_drawn_by_itself() -> None:
    times = drawn(200, 1, 500, seed=0)
    assert abs(np.corrcoef(times[:, 50], times[:, 51])[0, 1]) < 0.2


def test_the_same_seed_gives_the_same_resamples() -> None:
    assert (drawn(50, 5, 10, seed=3) == drawn(50, 5, 10, seed=3)).all()
    assert (drawn(50, 5, 10, seed=3) != drawn(50, 5, 10, seed=4)).any()
