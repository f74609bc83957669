import msgspec
import pytest
import torch

from models.networks.ensemble import Ensemble, members_of, unite
from models.networks.kinds import NETWORKS, build_network
from tests.kit.for_each import for_each


@for_each("kind", NETWORKS)
@for_each("n", [0, 1, 7])
def test_windows_become_logits(kind: str, n: int) -> None:
    network = build_network(kind, NETWORKS[kind].sizes(), 1).eval()
    assert network(torch.zeros(n, 6, 8)).shape == (n, 3)


@pytest.mark.parametrize("kind", NETWORKS)
def test_sizes_survive_a_card(kind: str) -> None:
    sizes = NETWORKS[kind].sizes()
    assert msgspec.convert(msgspec.to_builtins(sizes), NETWORKS[kind].sizes) == sizes


@pytest.mark.parametrize("kind", NETWORKS)
def test_dropout_is_for_training_alone(kind: str) -> None:
    torch.manual_seed(0)
    network = build_network(kind, NETWORKS[kind].sizes(), 1)
    x = torch.randn(4, 6, 8)
    assert not torch.equal(network.train()(x), network.train()(x))
    torch.testing.assert_close(network.eval()(x), network.eval()(x), rtol=0, atol=0)


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_order_of_the_bars_matters(kind: str) -> None:
    torch.manual_seed(0)
    network = build_network(kind, NETWORKS[kind].sizes(), 1).eval()
    x = torch.randn(1, 6, 8)
    assert (network(x) - network(x.flip(1))).abs().max() > 1e-3


@pytest.mark.parametrize("kind", NETWORKS)
def test_an_ensemble_answers_with_the_mean_of_its_members_logits(kind: str) -> None:
    torch.manual_seed(0)
    network = build_network(kind, NETWORKS[kind].sizes(), 3).eval()
    members = members_of(network)
    x = torch.randn(5, 6, 8)
    assert len(members) == 3
    assert not torch.equal(members[0](x), members[1](x))
    expected = sum(member(x) for member in members) / 3
    torch.testing.assert_close(network(x), expected, rtol=0, atol=1e-6)


def test_the_gradient_of_an_ensemble_is_the_mean_of_gradients() -> None:
    torch.manual_seed(0)
    network = build_network("cnn1d", NETWORKS["cnn1d"].sizes(), 2).eval()

    def gradient(part: torch.nn.Module) -> torch.Tensor:
        x = torch.linspace(-1, 1, 48).reshape(1, 6, 8).requires_grad_(True)
        return torch.autograd.grad(part(x)[0, 2], x)[0]

    one, two = map(gradient, members_of(network))
    torch.testing.assert_close(gradient(network), (one + two) / 2, rtol=0, atol=1e-6)


def test_one_member_is_no_ensemble() -> None:
    network = build_network("cnn1d", NETWORKS["cnn1d"].sizes(), 1)
    assert not isinstance(network, Ensemble)
    assert members_of(network) == [network]
    assert unite([network]) is network
