import numpy as np
import pytest

from models.data.scaler import LIMIT, Scaler


def test_fit_then_apply_gives_mean_0_and_sd_1() -> None:
    windows = np.random.default_rng(0).normal(3, 2, (500, 6, 8)).astype(np.float32)
    scaled = Scaler.fit(windows).apply(windows)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled.mean(axis=(0, 1)), 0, atol=1e-5)
    np.testing.assert_allclose(scaled.std(axis=(0, 1)), 1, atol=1e-5)


def test_a_case_solved_by_hand() -> None:
    scaler = Scaler(mean=(1.0,) * 8, sd=(0.5,) * 8)
    np.testing.assert_array_equal(scaler.apply(np.full((1, 6, 8), 2, np.float32)), 2)


def test_what_is_wild_is_clipped() -> None:
    scaler = Scaler(mean=(0.0,) * 8, sd=(1e-3,) * 8)
    wild = np.full((1, 6, 8), 5, np.float32)
    np.testing.assert_array_equal(scaler.apply(wild), LIMIT)
    np.testing.assert_array_equal(scaler.apply(-wild), -LIMIT)


def test_a_feature_that_never_varies_becomes_0() -> None:
    windows = np.full((9, 6, 8), 0.1, np.float32)
    np.testing.assert_allclose(Scaler.fit(windows).apply(windows), 0, atol=1e-6)


@pytest.mark.parametrize("sd", [(1.0,) * 7, (1.0,) * 9, (1.0,) * 7 + (0.0,), (1.0,) * 7 + (-1.0,)])
def test_a_scaler_that_cannot_be_is_refused(sd: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="sd"):
        Scaler(mean=(0.0,) * 8, sd=sd)
