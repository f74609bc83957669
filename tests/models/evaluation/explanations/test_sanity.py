from collections.abc import Callable

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from models.evaluation.explanations.metrics import winner_of
from models.evaluation.explanations.sanity import cascade, layers_of, learn_shuffled, similarity
from models.explain.attribution import attribute
from models.explain.methods import METHODS
from models.networks.base import Network, Traits
from models.networks.ensemble import Ensemble
from models.networks.kinds import NETWORKS
from shared.contract import Float32

Build = Callable[..., nn.Module]
Scaled = Callable[..., Float32]


def bars(*numbers: float) -> Float32:
    return np.array([numbers], np.float32)


def test_likeness_is_the_rank_correlation_of_sizes() -> None:
    first = bars(1, 2, 3, 4, 5, 6)
    assert similarity(first, -10 * first).tolist() == [1]
    assert similarity(first, bars(6, 5, 4, 3, 2, 1)).tolist() == [-1]
    np.testing.assert_allclose(similarity(first, bars(2, 1, 3, 4, 5, 6)), 1 - 6 * 2 / 210)
    assert similarity(first, bars(0, 0, 0, 0, 0, 0)).tolist() == [0]


def test_likeness_with_signs() -> None:
    first = bars(-3, 2, 3, 4, 5, 6)
    np.testing.assert_allclose(similarity(first, -first, signed=True), -1)
    assert similarity(first, first, signed=True).tolist() == [1]


def test_equal_numbers_share_their_mean_rank() -> None:
    # Ranks 0.5 0.5 2.5 2.5 4.5 4.5 against 0 to 5.
    tied = similarity(bars(1, 1, 2, 2, 3, 3), bars(1, 2, 3, 4, 5, 6))
    np.testing.assert_allclose(tied, 16 / np.sqrt(16 * 17.5))


def test_likeness_is_what_scipy_calls_spearmans_correlation() -> None:
    random = np.random.default_rng(0)
    first, second = random.integers(-9, 9, (2, 20, 6, 8)).astype(np.float32)  # with equals
    expected = [
        spearmanr(np.abs(a).ravel(), np.abs(b).ravel()).statistic
        for a, b in zip(first, second, strict=True)
    ]
    np.testing.assert_allclose(similarity(first, second), expected, atol=1e-12)


def test_layers_become_random_from_the_head_on(build: Build, scaled: Scaled) -> None:
    network, x = build("cnn1d"), scaled(20)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    methods = (METHODS["saliency"], METHODS["guided_backprop"])
    steps = dict(cascade(network, methods, x, winner_of(network, x)))
    assert list(steps) == ["head", "convolutions.2", "convolutions.0"] == list(layers_of(network))
    assert abs(steps["convolutions.0"]["saliency"]) < 0.3
    # Known of guided backpropagation: it hardly asks the head.
    assert steps["head"]["guided_backprop"] > steps["head"]["saliency"]
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])


def test_the_members_of_an_ensemble_are_spoiled_together(build: Build, scaled: Scaled) -> None:
    ensemble, x = Ensemble([build("cnn1d", 1), build("cnn1d", 2)]), scaled(10)
    steps = dict(cascade(ensemble, (METHODS["saliency"],), x, winner_of(ensemble, x)))
    assert list(steps) == ["head", "convolutions.2", "convolutions.0"]
    assert abs(steps["convolutions.0"]["saliency"]) < 0.4


def test_a_map_that_does_not_ask_the_weights_stays(scaled: Scaled) -> None:
    class Reader(Network):
        """Reads the newest bars most, whatever its head says."""

        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(48, 3)

        def forward(self, x: Tensor) -> Tensor:
            logits: Tensor = self.head(x.flatten(1))
            return logits

        def attention(self, x: Tensor) -> Tensor:
            return torch.linspace(0, 1, 6).softmax(dim=0).expand(len(x), 1, 1, 6, 6)

        def traits(self) -> Traits:
            return Traits(attention=self.attention)

    method = METHODS["attention_rollout"]
    steps = dict(cascade(Reader(), (method,), scaled(3), np.array([0, 1, 2])))
    np.testing.assert_allclose(steps["head"]["attention_rollout"], 1)


def test_nothing_true_is_learned_from_shuffled_labels(scaled: Scaled) -> None:
    x = scaled(600)
    label = np.where(x[:, 5, 3] > 0, 2, 0).astype(np.int64)
    sizes = NETWORKS["cnn1d"].sizes()
    network = learn_shuffled("cnn1d", sizes, x, label)
    fresh = scaled(600, seed=9)
    right = winner_of(network, fresh) == np.where(fresh[:, 5, 3] > 0, 2, 0)
    assert 0.35 < right.mean() < 0.65
    again = learn_shuffled("cnn1d", sizes, x, label)
    asked = np.full(3, 2)
    np.testing.assert_array_equal(
        attribute(network, "saliency", x[:3], asked), attribute(again, "saliency", x[:3], asked)
    )
