import msgspec
import pytest
import torch

from models.networks.transformer import Attention, Transformer, TransformerSizes


@pytest.fixture
def network() -> Transformer:
    torch.manual_seed(3)
    return Transformer(TransformerSizes(width=8, heads=2, layers=3)).eval()


def test_attention_has_a_row_for_each_bar_that_adds_up_to_1(network: Transformer) -> None:
    weights = network.attention(torch.randn(4, 6, 8))
    assert weights.shape == (4, 3, 2, 6, 6)
    assert (weights >= 0).all()
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(4, 3, 2, 6))


def test_what_is_mixed_is_mixed_by_these_weights() -> None:
    attention = Attention(width=8, heads=1)
    straight = {"weight": torch.eye(8), "bias": torch.zeros(8)}
    attention.value.load_state_dict(straight)
    attention.output.load_state_dict(straight)
    tokens = torch.randn(2, 6, 8)
    mixed, weights = attention(tokens)
    torch.testing.assert_close(mixed, weights[:, 0] @ tokens, rtol=0, atol=1e-6)


def test_bars_that_are_alike_get_equal_attention(network: Transformer) -> None:
    with torch.no_grad():
        network.position.zero_()
    weights = network.attention(torch.ones(1, 6, 8))
    torch.testing.assert_close(weights, torch.full_like(weights, 1 / 6))


def test_parameters_counted_by_hand() -> None:
    # Embedding 72, position 48, final norm 16, head 147; a block has norms 32, attention
    # 144 + 72 + 72, and 144 + 136 for the tokens by themselves.
    network = Transformer(TransformerSizes(width=8, heads=2, layers=3))
    expected = 72 + 48 + 16 + 147 + 3 * (32 + 288 + 280)
    assert sum(p.numel() for p in network.parameters()) == expected


@pytest.mark.parametrize(
    "sizes", [{"width": 10, "heads": 4}, {"heads": 0}, {"layers": 0}, {"dropout": 1.0}, {"x": 1}]
)
def test_sizes_that_cannot_be_are_refused(sizes: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(sizes, TransformerSizes)
