import msgspec
import numpy as np
import pytest

from models.calibration.adaptive import AdaptiveSettings, AdaptiveState, Recalibrator
from models.calibration.static import softmax
from shared.contract import Float64, Int64


def moment(
    random: np.random.Generator,
    n: int = 40,
    scale: float = 1.0,
    bias: tuple[float, float, float] = (0, 0, 0),
) -> tuple[Float64, Int64]:
    """Logits, and labels drawn from the probabilities of `logits * scale + bias`."""
    logits = random.normal(0, 0.6, (n, 3))
    chance = softmax(logits * scale + bias).cumsum(axis=1)
    return logits, (random.random((n, 1)) > chance[:, :2]).sum(axis=1)


def taught(state: AdaptiveState, moments: int, seed: int = 0, **drift: float) -> Recalibrator:
    random = np.random.default_rng(seed)
    recalibrator = Recalibrator(state)
    bias = (-drift.get("up", 0.0), 0.0, drift.get("up", 0.0))
    for _ in range(moments):
        recalibrator.learn(*moment(random, scale=drift.get("scale", 1.0), bias=bias))
    return recalibrator


QUICK = AdaptiveState(settings=AdaptiveSettings(gain=0.1, tilt=0.3, half_life=5000))
LOGITS = np.random.default_rng(9).normal(0, 0.6, (500, 3))


def test_without_outcomes_nothing_changes() -> None:
    said = Recalibrator(AdaptiveState()).forecast(LOGITS)
    np.testing.assert_array_equal(said.probabilities, softmax(LOGITS))
    assert said.sets.shape == (500, 3)
    assert said.sets[np.arange(500), LOGITS.argmax(axis=1)].all()


def test_forecasts_move_to_a_shifted_base_rate() -> None:
    truth = softmax(LOGITS + np.array([-0.4, 0, 0.4]))
    before = np.abs(softmax(LOGITS) - truth).mean()
    after = taught(QUICK, 1000, up=0.4).forecast(LOGITS).probabilities
    assert np.abs(after - truth).mean() < 0.25 * before


def test_logits_that_boast_are_flattened() -> None:
    truth = softmax(LOGITS * 0.4)
    before = np.abs(softmax(LOGITS) - truth).mean()
    after = taught(QUICK, 1000, scale=0.4).forecast(LOGITS).probabilities
    assert np.abs(after - truth).mean() < 0.3 * before


def test_forecasts_that_are_true_stay_nearly_what_they_are() -> None:
    after = taught(QUICK, 1000).forecast(LOGITS).probabilities
    assert np.abs(after - softmax(LOGITS)).mean() < 0.02


def test_what_was_learned_is_forgotten_after_the_market_turned() -> None:
    turned = taught(taught(QUICK, 1000, up=0.4).state, 1000, seed=1, up=-0.4)
    truth = softmax(LOGITS + np.array([0.4, 0, -0.4]))
    assert np.abs(turned.forecast(LOGITS).probabilities - truth).mean() < 0.03


@pytest.mark.parametrize("half_life", [1.0, 8.0, 1000.0])
def test_what_no_outcome_holds_falls_to_half_in_its_half_life(half_life: float) -> None:
    still = AdaptiveSettings(gain=0, tilt=0, half_life=half_life)
    recalibrator = Recalibrator(AdaptiveState(settings=still, up=(0.4,) * 31, down=(-0.2,) * 31))
    random = np.random.default_rng(0)
    for _ in range(int(half_life)):
        recalibrator.learn(*moment(random, n=2))
    assert recalibrator.state.up == pytest.approx((0.2,) * 31)
    assert recalibrator.state.down == pytest.approx((-0.1,) * 31)


def test_a_shape_that_no_temperature_can_mend_is_mended() -> None:
    random = np.random.default_rng(0)
    recalibrator = Recalibrator(QUICK)
    errors = []
    for _ in range(1500):
        logits = random.normal(0, 0.6, (40, 3))
        chance = softmax(logits)
        chance[:, 2] = np.where(chance[:, 2] > 0.4, 0.4, chance[:, 2])  # never more than 0.4
        up = random.random(40) < chance[:, 2]
        said = recalibrator.forecast(logits).probabilities[:, 2]
        errors.append(np.abs(said - chance[:, 2]).mean())
        recalibrator.learn(logits, np.where(up, 2, random.integers(0, 2, 40)))
    assert np.mean(errors[-200:]) < 0.5 * np.mean(errors[:20])


def test_probabilities_add_up_and_no_set_is_empty() -> None:
    said = taught(AdaptiveState(), 200, up=2.0).forecast(LOGITS * 20)
    np.testing.assert_allclose(said.probabilities.sum(axis=1), 1, atol=1e-12)
    assert (said.probabilities >= 0).all()
    winner = said.probabilities.argmax(axis=1)
    assert said.sets[np.arange(500), winner].all()


def test_certain_logits_stay_finite() -> None:
    recalibrator = taught(AdaptiveState(), 50)
    logits = np.array([[0, 0, 1e4], [1e4, 0, 0], [0, 1e4, -1e4]])
    recalibrator.learn(logits, np.array([0, 1, 2]))
    assert np.isfinite(recalibrator.forecast(logits).probabilities).all()


def test_the_state_goes_through_json_and_on_bit_by_bit() -> None:
    one = taught(AdaptiveState(), 30, up=0.3)
    text = msgspec.json.encode(one.state)
    other = Recalibrator(msgspec.json.decode(text, type=AdaptiveState))
    random = np.random.default_rng(8)
    for _ in range(10):
        outcomes = moment(random)
        one.learn(*outcomes)
        other.learn(*outcomes)
    assert one.state == other.state
    assert one.state.moments == 40
    np.testing.assert_array_equal(
        one.forecast(LOGITS).probabilities, other.forecast(LOGITS).probabilities
    )


def test_a_forecast_and_an_empty_moment_teach_nothing() -> None:
    recalibrator = taught(AdaptiveState(), 5)
    before = recalibrator.state
    recalibrator.forecast(LOGITS)
    recalibrator.learn(np.empty((0, 3)), np.empty(0, np.int64))
    assert recalibrator.state == before
    assert recalibrator.forecast(np.empty((0, 3))).probabilities.shape == (0, 3)


def test_a_thousand_tickers_that_move_together_are_not_a_thousand_outcomes() -> None:
    few, many = Recalibrator(AdaptiveState()), Recalibrator(AdaptiveState())
    logits, label = moment(np.random.default_rng(0), 20)
    few.learn(logits, label)
    many.learn(np.tile(logits, (50, 1)), np.tile(label, 50))
    ratio = np.linalg.norm(many.state.up) / np.linalg.norm(few.state.up)
    assert 1 < ratio < 1.3


@pytest.mark.parametrize(
    "text", [b'{"settings":{"coverage":1.0}}', b'{"up":[0,0,0]}', b'{"speed":1}']
)
def test_a_state_that_cannot_be_is_refused(text: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=AdaptiveState)
