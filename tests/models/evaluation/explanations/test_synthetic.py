from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from models.data.features.price_volume import PRICE_VOLUME
from models.evaluation.explanations.synthetic import SyntheticCase, cases, judge, learn, learned
from models.explain.attribution import attribute
from models.explain.methods import METHODS
from models.networks.kinds import NETWORKS
from tests.kit.for_each import for_each

CASES = {case.name: case for case in cases(PRICE_VOLUME.labels)}
ASKED = (METHODS["saliency"], METHODS["gradient_x_input"])


def planted(name: str) -> SyntheticCase:
    """Return a case that a tiny network has learned in fewer steps than reports take."""
    return replace(CASES[name], steps=250)


@pytest.mark.parametrize("name", ["one_cell_2_3", "one_cell_5_7"])
def test_the_live_saliency_points_at_the_one_cell_that_decides(name: str) -> None:
    network = learn("cnn1d", NETWORKS["cnn1d"].sizes(), planted(name))
    found = judge(network, planted(name), ASKED)
    assert learned(network, planted(name)).isolation > 0.99
    assert found["saliency"].pointing >= 0.95
    assert found["saliency"].mass >= 0.8
    assert found["saliency"].by_chance == pytest.approx(1 / 48)


def test_the_live_saliency_is_not_taken_in_by_a_decoy() -> None:
    network = learn("cnn1d", NETWORKS["cnn1d"].sizes(), planted("decoy"))
    found = judge(network, planted("decoy"), ASKED)
    assert found["saliency"].pointing >= 0.95
    assert found["saliency"].mass >= 0.8


def test_where_the_cell_differs_a_slope_is_lost_and_a_share_is_not() -> None:
    network = learn("cnn1d", NETWORKS["cnn1d"].sizes(), planted("anywhere"))
    found = judge(network, planted("anywhere"), ASKED)
    assert found["gradient_x_input"].pointing > 0.95
    assert found["saliency"].pointing < 0.8


@for_each("name", CASES)
def test_a_case_says_which_cells_decide(name: str) -> None:
    made = planted(name).draw(np.random.default_rng(0), 300)
    count = {"several": 3, "interaction": 2}.get(name, 1)
    assert (made.deciding.sum(axis=(1, 2)) == count).all()
    values = made.scaled[made.deciding].reshape(300, count)
    score = values.prod(axis=1) if name == "interaction" else values.sum(axis=1)
    assert (score[made.label == 2] > 0).all()
    assert (score[made.label == 0] < 0).all()
    assert set(made.label) == ({0, 1, 2} if name == "flat_between" else {0, 2})


def test_learning_the_same_again_gives_the_same_network() -> None:
    short = replace(planted("one_cell_0_0"), steps=5)
    sizes = NETWORKS["transformer"].sizes()
    window, asked = np.ones((1, 6, 8), np.float32), np.array([2])
    first, second = (
        attribute(learn("transformer", sizes, short), "saliency", window, asked) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


def test_what_was_not_learned_is_not_judged() -> None:
    short = replace(planted("one_cell_0_0"), steps=1)
    network = learn("cnn1d", NETWORKS["cnn1d"].sizes(), short)
    assert not learned(network, short).whole
    assert judge(network, short, ASKED) == {}


def test_a_network_that_listens_to_another_cell_has_not_learned() -> None:
    class TwoCells(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            up = x[:, 0, 0] + 0.5 * x[:, 3, 3]
            return torch.stack([-up, torch.full_like(up, -9.0), up], dim=1)

    # A fifth of the variance is the other cell's.
    assert learned(TwoCells(), planted("one_cell_0_0")).isolation == pytest.approx(0.8, abs=0.05)
