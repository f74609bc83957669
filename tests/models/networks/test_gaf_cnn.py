import msgspec
import numpy as np
import pytest
import torch

from models.networks.gaf_cnn import GafCnn, GafCnnSizes


@pytest.fixture
def network() -> GafCnn:
    torch.manual_seed(3)
    return GafCnn(GafCnnSizes(channels=(4,))).eval()


def test_the_image_is_the_gramian_angular_field_by_its_definition(network: GafCnn) -> None:
    x = torch.randn(2, 6, 8, dtype=torch.float64)
    image = network.image(x).numpy()
    assert image.shape == (2, 16, 6, 6)
    angle = np.arccos(np.tanh(x.numpy() / 2))  # (2, 6, 8)
    for feature in range(8):
        a = angle[:, :, feature]
        plus, minus = a[:, :, None] + a[:, None, :], a[:, :, None] - a[:, None, :]
        np.testing.assert_allclose(image[:, feature], np.cos(plus), atol=1e-12)
        np.testing.assert_allclose(image[:, 8 + feature], np.sin(minus), atol=1e-12)


def test_the_wildest_window_has_a_finite_image_and_slope(network: GafCnn) -> None:
    x = torch.full((1, 6, 8), 10.0)
    x[0, ::2] = -10.0
    x.requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, 0], x)
    assert torch.isfinite(network.image(x)).all()
    assert torch.isfinite(slope).all()


def test_parameters_counted_by_hand() -> None:
    # 16 x 8 x 9 + 8, 8 x 16 x 9 + 16, 16 x 36 x 3 + 3.
    assert sum(p.numel() for p in GafCnn(GafCnnSizes()).parameters()) == 1160 + 1168 + 1731


@pytest.mark.parametrize(
    "sizes", [{"kernel": 2}, {"channels": []}, {"channels": [0]}, {"dropout": 1.0}, {"layers": 3}]
)
def test_sizes_that_cannot_be_are_refused(sizes: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(sizes, GafCnnSizes)
