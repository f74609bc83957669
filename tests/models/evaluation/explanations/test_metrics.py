from collections.abc import Callable

import numpy as np
import pytest
import torch
from captum.metrics import infidelity as captum_infidelity
from torch import Tensor, nn

from models.evaluation.explanations.metrics import (
    curves,
    infidelity,
    mass_accuracy,
    order_of,
    pointing,
    random_curves,
    rank_accuracy,
    winner_of,
)
from models.explain.attribution import attribute
from models.explain.methods import METHODS
from shared.contract import Bool, Float32, Float64

Scaled = Callable[..., Float32]


def cells(**at: float) -> Float32:
    """One map with numbers at places such as b4f3."""
    map_ = np.zeros((1, 6, 8), np.float32)
    for place, number in at.items():
        map_[0, int(place[1]), int(place[3])] = number
    return map_


def truth(*places: str) -> Bool:
    return cells(**dict.fromkeys(places, 1.0)) > 0


@pytest.mark.parametrize(
    ("map_", "hit", "mass", "rank"),
    [
        (cells(b4f3=-3.0, b0f0=1.0), 1, 3 / 4, 1 / 2),  # one of the two that decide
        (cells(b4f3=1.0, b5f5=1.0, b0f0=6.0), 0, 2 / 8, 1 / 2),
        (cells(b4f3=2.0, b5f5=1.0), 1, 1, 1),
        (cells(b0f0=1.0), 0, 0, 0),
        (cells(), 0, 0, 0),
    ],
)
def test_a_map_against_two_cells_that_decide(
    map_: Float32, hit: float, mass: float, rank: float
) -> None:
    deciding = truth("b4f3", "b5f5")
    assert pointing(map_, deciding).tolist() == [hit]
    assert mass_accuracy(map_, deciding) == pytest.approx([mass])
    assert rank_accuracy(map_, deciding) == pytest.approx([rank])


def test_a_bar_decides_where_one_of_its_cells_does() -> None:
    bars = np.array([[0, 0, 0, 0, 3, 1]], np.float32)
    assert pointing(bars, truth("b4f3")).tolist() == [1]
    assert mass_accuracy(bars, truth("b4f3")).tolist() == [0.75]
    assert rank_accuracy(bars, truth("b4f3", "b4f0", "b0f0")).tolist() == [0.5]


class Sum(nn.Module):
    """The logit of up is the sum of the cells, the others are 0 and minus infinity."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        up = x.sum(dim=(1, 2))
        return torch.stack([torch.full_like(up, -1e9), torch.zeros_like(up), up], dim=1)


def sigmoid(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def test_deletion_and_insertion_by_hand() -> None:
    window = cells(b5f0=2.0, b0f1=1.0, b3f7=-1.0)
    order = order_of(window, METHODS["gradient_x_input"])
    walked = curves(Sum(), window, np.array([2]), order)
    assert walked.deletion.shape == walked.insertion.shape == (1, 49)
    # 2 goes first, then 1, then zeros, and -1 last.
    expected = [sigmoid(2), sigmoid(0), *[sigmoid(-1)] * 46, sigmoid(0)]
    np.testing.assert_allclose(walked.deletion[0], expected, atol=1e-6)
    rising = [sigmoid(0), sigmoid(2), *[sigmoid(3)] * 46, sigmoid(2)]
    np.testing.assert_allclose(walked.insertion[0], rising, atol=1e-6)
    area = (np.sum(expected) - (expected[0] + expected[-1]) / 2) / 48
    assert walked.deletion_area == pytest.approx([area])


def test_bars_go_as_a_whole() -> None:
    window = cells(b5f0=2.0, b5f1=1.0, b0f0=1.0)
    walked = curves(Sum(), window, np.array([2]), np.array([[5, 0, 1, 2, 3, 4]]))
    expected = [sigmoid(4), sigmoid(1), *[sigmoid(0)] * 5]
    np.testing.assert_allclose(walked.deletion[0], expected, atol=1e-6)


def test_slopes_rank_by_size_and_shares_by_value() -> None:
    map_ = cells(b0f0=1.0, b0f1=-2.0)
    assert order_of(map_, METHODS["saliency"])[0, :2].tolist() == [1, 0]
    assert order_of(map_, METHODS["occlusion"])[0].tolist()[::47] == [0, 1]


def test_random_orders_lie_between_the_best_and_the_worst(scaled: Scaled) -> None:
    x = scaled(20)
    winner = winner_of(Sum(), x)
    contribution = np.where(winner == 2, 1, -1)[:, None, None] * x
    best = order_of(contribution, METHODS["gradient_x_input"])
    chance = random_curves(Sum(), x, winner, 48)
    falls = curves(Sum(), x, winner, best)
    rises = curves(Sum(), x, winner, best[:, ::-1])
    assert (falls.deletion_area < chance.deletion_area).all()
    assert (chance.deletion_area < rises.deletion_area).all()
    np.testing.assert_allclose(chance.deletion[:, [0, -1]], falls.deletion[:, [0, -1]], atol=1e-6)


@pytest.mark.parametrize("name", ["saliency", "gradient_x_input", "occlusion"])
def test_a_linear_network_is_foretold_wholly(name: str, linear: nn.Module, scaled: Scaled) -> None:
    x = scaled(5)
    winner = winner_of(linear, x)
    maps = attribute(linear, name, x, winner)
    method = METHODS[name]
    np.testing.assert_allclose(infidelity(linear, x, winner, maps, method), 0, atol=1e-5)
    np.testing.assert_allclose(infidelity(linear, x, winner, 7 * maps, method), 0, atol=1e-5)
    np.testing.assert_allclose(infidelity(linear, x, winner, -maps, method), 1, atol=0.2)
    np.testing.assert_allclose(infidelity(linear, x, winner, 0 * maps, method), 1)


@pytest.mark.parametrize("name", ["gradient_x_input", "saliency"])
def test_captum_says_the_same_but_for_maps_that_foretell_the_opposite(
    name: str, build: Callable[..., nn.Module], scaled: Scaled
) -> None:
    network, x = build("cnn1d"), scaled(20)
    winner = winner_of(network, x)
    maps, random = attribute(network, name, x, winner), np.random.default_rng(0)
    draws = [random.random((6, 8)) < random.uniform(0.05, 0.5) for _ in range(32)]
    gone = torch.from_numpy(np.array(draws, np.float32))

    def perturbed(window: Tensor) -> tuple[Tensor, Tensor]:
        each = gone.repeat(len(window) // 32, 1, 1)
        by_window = window if name == "saliency" else torch.ones_like(window)
        return each * by_window, window * (1 - each)

    def captum(attributions: Float32) -> Float64:
        found = captum_infidelity(
            network,
            perturbed,
            torch.from_numpy(x),
            torch.from_numpy(attributions),
            n_perturb_samples=32,
            target=torch.from_numpy(winner),
            normalize=True,
        )
        return found.detach().numpy().astype(np.float64)

    ours = infidelity(network, x, winner, maps, METHODS[name])
    assert (ours < 1).all()
    np.testing.assert_allclose(ours, captum(maps) / captum(0 * maps), atol=1e-5)


def test_a_map_of_bars_is_asked_about_bars() -> None:
    window = cells(b5f0=2.0, b5f1=1.0, b0f0=1.0)
    bars = np.array([[1, 0, 0, 0, 0, 3]], np.float32)
    right = infidelity(Sum(), window, np.array([2]), bars, METHODS["cam"])
    wrong = infidelity(Sum(), window, np.array([2]), bars[:, ::-1], METHODS["cam"])
    assert right == pytest.approx([0], abs=1e-6)
    assert wrong[0] > 0.1
