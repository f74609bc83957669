from dataclasses import dataclass

import numpy as np
import pytest

from models.calibration.adaptive import AdaptiveState, Recalibrator
from models.calibration.stream import stream
from shared.contract import Float64, Int64


@dataclass(frozen=True)
class History:
    logits: Float64
    decided_ms: Int64
    target_ms: Int64
    label: Int64


@pytest.fixture
def history() -> History:
    """40 moments of 8 tickers in mixed order; a label is known after 1 to 3 moments."""
    random = np.random.default_rng(4)
    moment = random.permutation(np.repeat(np.arange(1, 41), 8))
    return History(
        logits=random.normal(0, 0.5, (320, 3)),
        decided_ms=1000 * moment,
        target_ms=1000 * (moment + random.integers(1, 4, 320)),
        label=random.integers(0, 3, 320),
    )


def forecast(history: History, label: Int64) -> tuple[Float64, AdaptiveState]:
    recalibrator = Recalibrator(AdaptiveState())
    said = stream(recalibrator, history.logits, history.decided_ms, history.target_ms, label)
    return np.concatenate([said.probabilities, said.sets], axis=1), recalibrator.state


@pytest.mark.parametrize("moment", [1, 2, 15, 39, 40])
def test_no_forecast_knows_an_outcome_before_its_time(history: History, moment: int) -> None:
    whole, _ = forecast(history, history.label)
    later = history.target_ms > 1000 * moment
    poisoned, _ = forecast(history, np.where(later, (history.label + 1) % 3, history.label))
    until = history.decided_ms <= 1000 * moment
    assert (whole[until] == poisoned[until]).all()
    assert (whole[~until] != poisoned[~until]).any() or moment == 40


def test_an_outcome_is_known_at_its_very_time(history: History) -> None:
    whole, _ = forecast(history, history.label)
    now = history.target_ms == 10_000
    changed, _ = forecast(history, np.where(now, 2, history.label))
    assert (whole[history.decided_ms < 10_000] == changed[history.decided_ms < 10_000]).all()
    assert (whole[history.decided_ms == 10_000] != changed[history.decided_ms == 10_000]).any()


def test_every_sample_gets_the_forecast_of_its_own_row(history: History) -> None:
    whole, state = forecast(history, history.label)
    order = np.lexsort((np.arange(320), history.decided_ms))
    sorted_history = History(
        history.logits[order],
        history.decided_ms[order],
        history.target_ms[order],
        history.label[order],
    )
    by_time, by_time_state = forecast(sorted_history, sorted_history.label)
    # The sums over a moment run in another order.
    np.testing.assert_allclose(by_time, whole[order], atol=1e-12)
    assert by_time_state.moments == state.moments == 39


def test_a_stream_equals_its_two_halves(history: History) -> None:
    whole, end = forecast(history, history.label)
    recalibrator = Recalibrator(AdaptiveState())
    early = history.decided_ms <= 20_000
    seen: Float64 = np.empty_like(whole)
    said = stream(
        recalibrator,
        history.logits[early],
        history.decided_ms[early],
        history.target_ms[early],
        history.label[early],
    )
    seen[early] = np.concatenate([said.probabilities, said.sets], axis=1)
    assert (seen[early] == whole[early]).all()
    assert recalibrator.state.moments < end.moments


def test_an_empty_stream_learns_nothing() -> None:
    none = np.empty(0, np.int64)
    recalibrator = Recalibrator(AdaptiveState())
    said = stream(recalibrator, np.empty((0, 3)), none, none, none)
    assert said.probabilities.shape == said.sets.shape == (0, 3)
    assert recalibrator.state == AdaptiveState()
