from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from models.evaluation.explanations.metrics import winner_of
from models.evaluation.explanations.robustness import (
    fgsm,
    gives_away,
    max_sensitivity,
    pgd,
    random_signs,
    shift_similarity,
)
from models.explain.methods import METHODS
from models.training.fit import logits_of
from shared.contract import Float32, Float64, Int64

Build = Callable[..., nn.Module]
Scaled = Callable[..., Float32]


def losses(network: nn.Module, x: Float32, winner: Int64) -> Float64:
    logits = logits_of(network, x)
    loss: Float64 = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(x)), winner]
    return loss


def test_one_signed_step_by_hand() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(48, 3, bias=False))
    weight = torch.zeros(3, 48)
    weight[2, :2] = torch.tensor([1.0, -1.0])
    network[1].load_state_dict({"weight": weight})
    window = np.zeros((1, 6, 8), np.float32)
    window[0, 0, 0] = 0.05
    attacked = fgsm(network, window, np.array([2]), 0.1)
    expected = np.zeros((1, 6, 8), np.float32)
    expected[0, 0, :2] = [-0.05, 0.1]  # less for what speaks for up, more for what speaks against
    np.testing.assert_allclose(attacked, expected, atol=1e-7)
    assert winner_of(network, window).tolist() == [2]
    assert winner_of(network, attacked).tolist() == [0]


@pytest.mark.parametrize("attack", [fgsm, pgd])
def test_an_attack_stays_within_its_radius_and_hurts(
    attack: Callable[..., Float32], build: Build, scaled: Scaled
) -> None:
    network, x = build("cnn1d"), scaled(30)
    winner = winner_of(network, x)
    attacked = attack(network, x, winner, 0.2)
    assert np.abs(attacked - x).max() <= 0.2 + 1e-6
    noisy = random_signs(x, 0.2)
    np.testing.assert_allclose(np.abs(noisy - x), 0.2, atol=1e-6)
    assert (losses(network, attacked, winner) > losses(network, x, winner)).all()
    assert losses(network, attacked, winner).mean() > losses(network, noisy, winner).mean()
    assert (winner_of(network, attacked) != winner).mean() > 0.1


def test_the_slope_of_a_linear_network_bears_noise(linear: nn.Module, scaled: Scaled) -> None:
    x = scaled(4)
    winner = winner_of(linear, x)
    for name, least, most in (("saliency", 0, 1e-6), ("gradient_x_input", 1e-4, 0.1)):
        method = METHODS[name]
        worst = max_sensitivity(linear, method, x, winner)
        assert (worst >= least).all()
        assert (worst <= most).all()


def test_a_map_that_moves_with_its_window() -> None:
    earlier = np.arange(96, dtype=np.float32).reshape(2, 6, 8)
    later = np.concatenate([earlier[:, 1:], np.full((2, 1, 8), 1000, np.float32)], axis=1)
    assert shift_similarity(earlier, later).tolist() == [1, 1]
    bars = earlier[:, :, 0]
    assert shift_similarity(bars, bars[:, ::-1]).tolist() == [-1, -1]


def test_a_map_that_never_changes_gives_no_attack_away(linear: nn.Module, scaled: Scaled) -> None:
    x = scaled(10)
    winner = winner_of(linear, x)
    windows = (x, fgsm(linear, x, winner, 0.5), random_signs(x, 0.5))
    assert gives_away(linear, METHODS["saliency"], windows, winner) == 0.5


def test_a_map_that_turns_gives_an_attack_away(linear: nn.Module, scaled: Scaled) -> None:
    x = scaled(10)
    winner = winner_of(linear, x)
    windows = (x, -x, x + np.float32(0.001))
    assert gives_away(linear, METHODS["gradient_x_input"], windows, winner) == 1
