import dataclasses

import numpy as np
import pytest

from models.calibration.adaptive import AdaptiveSettings
from models.calibration.static import Calibration, CalibrationKind, softmax
from models.training.calibration import calibrate_on, fit_calibration, independent
from models.training.dataset import Samples
from shared.contract import Class, Float64, Int64
from tests.kit.for_each import for_each

DAY_MS = 86_400_000


def drawn(
    n: int, scale: float = 1.0, bias: tuple[float, float, float] = (0, 0, 0)
) -> tuple[Float64, Int64]:
    """Logits, and labels drawn from the probabilities of `logits * scale + bias`."""
    random = np.random.default_rng(1)
    logits = random.normal(0, 1.5, (n, 3))
    chance = softmax(logits * scale + bias).cumsum(axis=1)
    return logits, (random.random((n, 1)) > chance[:, :2]).sum(axis=1)


def log_loss(logits: Float64, label: Int64) -> float:
    return float(-np.log(softmax(logits)[np.arange(len(label)), label]).mean())


def test_a_known_temperature_is_recovered() -> None:
    found = fit_calibration("temperature", *drawn(40_000, scale=0.5))
    assert found.scale == pytest.approx((0.5,) * 3, abs=0.02)
    assert found.scale[0] == found.scale[1] == found.scale[2]
    assert found.bias == (0, 0, 0)


def test_known_biases_and_scales_are_recovered() -> None:
    found = fit_calibration("vector", *drawn(40_000, scale=0.7, bias=(0.3, -0.5, 0.2)))
    assert found.scale == pytest.approx((0.7,) * 3, abs=0.04)
    assert found.bias == pytest.approx((0.3, -0.5, 0.2), abs=0.04)


def test_no_neighbor_of_the_fit_has_a_lower_loss() -> None:
    logits, label = drawn(3_000, scale=0.6, bias=(0.2, 0, -0.2))
    found = fit_calibration("vector", logits, label)
    best = log_loss(found.apply(logits), label)
    random = np.random.default_rng(0)
    for _ in range(20):
        scale, bias = random.normal(0, 0.01, 3), random.normal(0, 0.01, 3)
        near = logits * (np.array(found.scale) + scale) + np.array(found.bias) + bias
        assert log_loss(near, label) > best - 1e-6


def test_what_the_samples_do_not_tell_stays_at_its_start_by_a_hundredth_of_a_sample() -> None:
    # Each sample is right with a margin of 1, so without a ridge the scale would have no end. With
    # it the pull of n samples, n x 2 / (2 + e^s) at a scale s, is that of 0.01 (s - 1).
    logits, label = np.eye(3)[[0, 1, 2, 0]], np.array([0, 1, 2, 0])
    scale = fit_calibration("temperature", logits, label).scale[0]
    assert 4 * 2 / (2 + np.exp(scale)) == pytest.approx(0.01 * (scale - 1), rel=1e-9)


def test_none_changes_nothing() -> None:
    logits, label = drawn(50)
    assert fit_calibration("none", logits, label) == Calibration()
    np.testing.assert_array_equal(Calibration().apply(logits), logits)


@pytest.mark.parametrize("kind", ["temperature", "vector"])
def test_logits_that_say_the_opposite_are_flattened_and_never_turned(kind: CalibrationKind) -> None:
    logits, label = drawn(2_000, scale=-1.0)
    assert fit_calibration(kind, logits, label).scale == pytest.approx((1e-3,) * 3)


@pytest.mark.parametrize("kind", ["temperature", "vector"])
def test_an_absent_class_and_a_single_sample_stay_finite(kind: CalibrationKind) -> None:
    logits, label = drawn(200)
    for some in (label == 0, np.arange(200) == 3):
        found = fit_calibration(kind, logits[some], label[some])
        assert np.isfinite((*found.scale, *found.bias)).all()


def test_very_confident_logits_converge_from_far_away() -> None:
    logits, label = drawn(5_000)
    assert fit_calibration("temperature", logits * 200, label).scale[0] == pytest.approx(
        1 / 200, rel=0.05
    )


def test_the_same_samples_give_the_same_numbers() -> None:
    assert fit_calibration("vector", *drawn(500)) == fit_calibration("vector", *drawn(500))


@pytest.mark.parametrize("kind", ["temperature", "vector"])
def test_the_loss_has_no_slope_at_the_fit(kind: CalibrationKind) -> None:
    logits, label = drawn(3_000, scale=0.6, bias=(0.2, 0, -0.2))
    found = fit_calibration(kind, logits, label)
    surplus = softmax(found.apply(logits)) - np.eye(3)[label]
    by_scale = (surplus * logits).mean(axis=0) - 1e-2 / 3_000 * (1 - np.array(found.scale))
    if kind == "temperature":
        assert (surplus * logits).sum(axis=1).mean() == pytest.approx(
            1e-2 / 3_000 * (1 - found.scale[0]), abs=1e-14
        )
    else:
        assert by_scale == pytest.approx(0, abs=1e-14)


NOBODY = AdaptiveSettings(correlation=1e-9)
TOGETHER = AdaptiveSettings(correlation=0.2)


def span(ups: int, downs: int, flats: int, tickers: int = 1) -> Samples:
    """Daily samples of so many tickers a day, with so many of each class."""
    label = np.repeat([Class.UP, Class.DOWN, Class.FLAT], [ups, downs, flats]).astype(np.int64)
    n = len(label)
    day = np.arange(n, dtype=np.int64) // tickers
    return Samples(
        windows=np.zeros((n, 6, 8), np.float32),
        label=label,
        decided_ms=DAY_MS * (1 + day),
        target_ms=DAY_MS * (2 + day),
        ticker=(np.arange(n) % tickers).astype(np.int32),
        ordinal=day,
        volatility=np.ones(n, np.float32),
        log_returns=np.zeros((n, 6), np.float32),
        returns=np.zeros(n),
        delayed=np.zeros(n),
    )


@for_each(
    ("kind", "counts", "enough"),
    [
        ("temperature", (101, 51, 50), True),
        ("temperature", (99, 90, 90), False),
        ("temperature", (190, 50, 49), False),
        ("temperature", (150, 120, 9), False),
        ("vector", (101, 61, 61), True),
        ("vector", (150, 120, 59), False),
        ("none", (100, 100, 0), True),
        ("none", (3, 0, 0), False),
    ],
)
def test_a_calibration_needs_outcomes_of_each_kind(
    kind: CalibrationKind, counts: tuple[int, int, int], enough: bool
) -> None:
    validation = span(*counts)
    logits = np.random.default_rng(0).normal(0, 1, (len(validation.label), 3))
    logits += np.eye(3)[validation.label]
    found = calibrate_on(kind, logits, validation, 1, NOBODY)
    assert (len(found.warnings) == 0) == enough
    assert found.kind == (kind if enough else "none")
    fitted = fit_calibration(kind, logits, validation.label)
    assert found.static == (fitted if enough else Calibration())


def test_outcomes_that_hang_together_count_for_fewer() -> None:
    many = span(400, 400, 400, tickers=10)  # 120 days, each as good as 10 / 2.8
    weight = independent(many.decided_ms, 1, 0.2)
    assert weight.sum() == pytest.approx(1200 / 2.8)
    assert independent(many.decided_ms, 5, 0.2).sum() == pytest.approx(1200 / 2.8 / 5)
    logits = np.random.default_rng(0).normal(0, 1, (1200, 3))
    assert calibrate_on("temperature", logits, many, 1, TOGETHER).kind == "temperature"
    assert calibrate_on("temperature", logits, many, 5, TOGETHER).kind == "none"


def test_a_calibration_that_says_nothing_or_too_much_is_told() -> None:
    logits, label = drawn(1_000)
    validation = dataclasses.replace(span(1_000, 0, 0), label=label)
    for scores, told in ((logits, 0), (-logits, 1), (logits / 40, 1)):
        found = calibrate_on("temperature", scores, validation, 1, NOBODY)
        assert len(found.warnings) == told
