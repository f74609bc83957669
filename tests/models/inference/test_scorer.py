import dataclasses
from collections.abc import Callable

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.bundles.bundle import Bundle
from models.inference import engine as engines
from models.inference.choice import scorer_of
from models.inference.engine import Engine
from models.inference.served import served_of
from models.inference.torch_scorer import TorchScorer
from models.networks.cnn1d import Cnn1d, Cnn1dSizes
from models.networks.gaf_cnn import GafCnnSizes
from models.networks.kinds import build_network
from models.networks.transformer import TransformerSizes
from shared.contract import Float32

Scaled = Callable[..., Float32]


def a_stack(sizes: Cnn1dSizes, members: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        network = build_network("cnn1d", sizes, members).eval()
        for parameter in network.parameters():
            parameter.data.mul_(2)
    return network


@pytest.mark.parametrize(
    ("channels", "kernel", "members"),
    [((16, 32), 3, 5), ((7,), 5, 1), ((4, 9, 5), 3, 2), ((6, 3), 1, 3), ((150, 140), 5, 1)],
)
def test_a_stack_says_what_torch_says_in_numbers_of_twice_the_length(
    channels: tuple[int, ...], kernel: int, members: int, scaled: Scaled
) -> None:
    sizes = msgspec.convert({"channels": channels, "kernel": kernel}, Cnn1dSizes)
    network = a_stack(sizes, members)
    chosen = scorer_of(network)
    assert chosen.why_torch == ""
    assert not isinstance(chosen.scorer, TorchScorer)
    windows, classes = scaled(300, seed=4), np.arange(300) % 3  # more than a block, and no multiple
    logits, slopes = chosen.scorer.trace(windows)
    np.testing.assert_array_equal(logits, chosen.scorer.logits(windows))
    x = torch.from_numpy(windows).double().requires_grad_(True)
    expected = network.double()(x)
    (gradient,) = torch.autograd.grad(
        expected.gather(1, torch.from_numpy(classes)[:, None]).sum(), x
    )
    np.testing.assert_allclose(logits, expected.detach().numpy(), rtol=0, atol=1e-5)
    # Where a ReLU's input lies within rounding of 0 its slope may be either: at no window here.
    np.testing.assert_allclose(slopes(classes), gradient.numpy(), rtol=0, atol=1e-5)


class Doubled(Cnn1d):
    """Declares what its parent does, and does something else."""

    def forward(self, x: Tensor) -> Tensor:
        """Return twice what is declared."""
        return 2 * super().forward(x)


class Leaky(Cnn1d):
    """Declares ReLUs, and has another activation first."""

    def __init__(self, sizes: Cnn1dSizes) -> None:
        super().__init__(sizes)
        self.convolutions[1] = nn.LeakyReLU()


@pytest.mark.parametrize(
    ("network", "why"),
    [
        (build_network("transformer", TransformerSizes(), 1), "declares no convolutions over bars"),
        (build_network("gaf_cnn", GafCnnSizes(), 1), "declares no convolutions over bars"),
        (Doubled(Cnn1dSizes()), "does not say what torch says"),
        (Leaky(Cnn1dSizes()), "are not plain ones"),
        (Cnn1d(Cnn1dSizes()).double(), "are not float32"),
        (nn.Linear(8, 3), "declares no convolutions over bars"),
    ],
)
def test_any_other_network_runs_through_torch_and_says_why(network: nn.Module, why: str) -> None:
    chosen = scorer_of(network)
    assert isinstance(chosen.scorer, TorchScorer)
    assert why in chosen.why_torch


@pytest.mark.parametrize("stack", [True, False])
def test_a_batch_beyond_what_is_computed_at_once_is_the_same(
    stack: bool, bundle: Bundle, windows: Callable[..., Float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    network = bundle.network if stack else nn.Sequential(bundle.network)
    model = served_of(dataclasses.replace(bundle, network=network))
    assert (model.why_torch == "") is stack
    engine = Engine(model)
    whole = engine.explain(windows(50))
    monkeypatch.setattr(engines, "_AT_ONCE", 16)
    parts, decided = engine.explain(windows(50)), engine.decide(windows(50))
    for field in dataclasses.fields(whole):
        expected = getattr(whole, field.name)
        found = getattr(parts, field.name)
        np.testing.assert_allclose(found.astype(float), expected.astype(float), rtol=0, atol=1e-6)
        if field.name != "saliency":
            np.testing.assert_array_equal(getattr(decided, field.name), found)
    saliency = engine.saliency(whole.scaled, whole.winner)
    np.testing.assert_allclose(saliency, whole.saliency, rtol=0, atol=1e-6)
