from dataclasses import replace

import numpy as np
import pytest

from models.explain.attribution import attribute
from models.explain.methods import METHODS
from models.explain.planted import Case, cases, judge, learn
from models.networks import NETWORKS

CASES = {case.name: case for case in cases()}
ASKED = (METHODS["saliency"], METHODS["gradient_x_input"])


def planted(name: str) -> Case:
    return CASES[name]


@pytest.mark.parametrize("name", ["one_cell_2_3", "one_cell_5_7"])
def test_the_live_saliency_points_at_the_one_cell_that_decides(name: str) -> None:
    network = learn("cnn1d", NETWORKS["cnn1d"].sizes(), planted(name))
    accuracy, found = judge(network, planted(name), ASKED)
    assert accuracy > 0.98
    assert found["saliency"].pointing >= 0.95
    assert found["saliency"].mass >= 0.8
    assert found["saliency"].by_chance == pytest.approx(1 / 48)


def test_the_live_saliency_is_not_taken_in_by_a_decoy() -> None:
    network = learn("cnn1d", NETWORKS["cnn1d"].sizes(), planted("decoy"))
    _, found = judge(network, planted("decoy"), ASKED)
    assert found["saliency"].pointing >= 0.95
    assert found["saliency"].mass >= 0.8


def test_where_the_cell_differs_a_slope_is_lost_and_a_share_is_not() -> None:
    network = learn("cnn1d", NETWORKS["cnn1d"].sizes(), planted("anywhere"))
    _, found = judge(network, planted("anywhere"), ASKED)
    assert found["gradient_x_input"].pointing > 0.95
    assert found["saliency"].pointing < 0.8


@pytest.mark.parametrize("name", CASES)
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
