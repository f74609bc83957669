from collections.abc import Callable

import pytest
import torch
from torch import nn

from models.networks.base import Network, Trait, Traits, traits_of
from models.networks.kinds import NETWORKS

Build = Callable[..., nn.Module]
CONVOLUTIONAL = {Trait.RELU, Trait.CONVOLUTIONS, Trait.LINEAR_HEAD}


@pytest.mark.parametrize(
    ("kind", "traits"),
    [
        ("cnn1d", CONVOLUTIONAL),
        ("gaf_cnn", CONVOLUTIONAL | {Trait.IMAGE}),
        ("transformer", {Trait.ATTENTION}),
    ],
)
def test_a_network_declares_what_is_inside(kind: str, traits: set[Trait], build: Build) -> None:
    assert traits_of(build(kind)).names == traits


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_kind_stands_under_its_own_name(kind: str) -> None:
    assert NETWORKS[kind].name == kind


@pytest.mark.parametrize("kind", ["cnn1d", "gaf_cnn"])
def test_the_convolutions_are_those_that_the_head_reads(kind: str, build: Build) -> None:
    network = build(kind)
    traits = traits_of(network)
    assert traits.convolutions is not None
    assert traits.head is not None
    seen: list[torch.Tensor] = []
    traits.convolutions.activations[-1].register_forward_hook(lambda *args: seen.append(args[2]))
    x = torch.randn(2, 6, 8)
    logits = network(x)
    torch.testing.assert_close(traits.head(seen[0].flatten(1)), logits)


def test_any_other_module_declares_nothing() -> None:
    assert traits_of(nn.Sequential(nn.Conv1d(1, 1, 1), nn.ReLU())).names == frozenset()


def test_layers_stand_from_the_head_to_the_window_unless_a_network_says_otherwise() -> None:
    class Made(Network):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(2, 1)
            self.body = nn.Linear(2, 2)
            self.shift = nn.Parameter(torch.zeros(1))

    class Told(Made):
        def layers(self) -> tuple[str, ...]:
            return ("head", "body", "shift")

        def traits(self) -> Traits:
            return Traits(head=self.head)

    assert Made().layers() == ("body", "head", "shift")
    assert Told().layers() == ("head", "body", "shift")
    assert traits_of(Told()).names == {Trait.LINEAR_HEAD}
