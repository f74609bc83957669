import msgspec
import pytest
import torch

from models.networks.cnn1d import Cnn1d, Cnn1dSizes


def test_parameters_counted_by_hand() -> None:
    # 8 x 16 x 3 + 16, 16 x 32 x 3 + 32, 192 x 3 + 3.
    assert sum(p.numel() for p in Cnn1d(Cnn1dSizes()).parameters()) == 400 + 1568 + 579


def test_a_filter_slides_over_time_and_sees_every_feature() -> None:
    network = Cnn1d(Cnn1dSizes(channels=(1,), kernel=3)).eval()
    weights = {name: torch.zeros_like(w) for name, w in network.state_dict().items()}
    weights["convolutions.0.weight"][0, :, 1] = 1.0  # the bar in the middle, all features
    weights["head.weight"][2] = torch.arange(1.0, 7.0)  # up weighs bar i with i + 1
    network.load_state_dict(weights)
    x = torch.zeros(1, 6, 8)
    x[0, 4] = torch.arange(8.0)
    torch.testing.assert_close(network(x), torch.tensor([[0.0, 0.0, 28.0 * 5]]))


def test_dropout_is_for_training_alone() -> None:
    network = Cnn1d(Cnn1dSizes(dropout=0.5))
    x = torch.ones(1, 6, 8)
    assert not torch.equal(network.train()(x), network.train()(x))
    torch.testing.assert_close(network.eval()(x), network.eval()(x), rtol=0, atol=0)


@pytest.mark.parametrize(
    "sizes",
    [{"kernel": 2}, {"channels": []}, {"channels": [0]}, {"dropout": 1.0}, {"layers": 3}],
)
def test_sizes_that_cannot_be_are_refused(sizes: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(sizes, Cnn1dSizes)
