"""Every method on networks that are solved by hand."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.explain.attribution import attribute, completeness_gap
from models.explain.options import Options
from models.networks.base import Convolutions, Network, Traits
from shared.contract import Float32, Float64
from tests.kit.for_each import for_each

ASKED = np.array([2])
RETURN = 3  # the feature that the small network looks at
VALUES = (1.0, -2.0, 3.0, 0.0, 0.0, 2.0)  # of that feature at the six bars


class OneFeature(Network):
    """Two filters, v and -v, of one feature; the head weighs each at each bar."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(nn.Conv1d(8, 2, 1, bias=False), nn.ReLU())
        self.head = nn.Linear(12, 3)
        filters = torch.zeros(2, 8, 1)
        filters[0, RETURN], filters[1, RETURN] = 1.0, -1.0
        weight = torch.zeros(3, 12)
        weight[2] = torch.tensor([1.0, 1, 2, 0, 0, -1, 1, 1, 1, 1, 1, 1])
        self.convolutions[0].load_state_dict({"weight": filters})
        self.head.load_state_dict({"weight": weight, "bias": torch.tensor([0.0, 0, 10])})

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.convolutions(x.transpose(1, 2)).flatten(1))
        return logits

    def traits(self) -> Traits:
        convolutions = Convolutions(whole=self.convolutions, activations=(self.convolutions[1],))
        return Traits(relu=True, convolutions=convolutions, head=self.head)


class Reader(Network):
    """Its first layer reads the oldest bar, its second the newest."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, 0, :3]

    def attention(self, x: Tensor) -> Tensor:
        weights = torch.zeros(len(x), 2, 1, 6, 6)
        weights[:, 0, :, :, 0] = 1
        weights[:, 1, :, :, 5] = 1
        return weights

    def traits(self) -> Traits:
        return Traits(attention=self.attention)


def window() -> Float32:
    x = np.zeros((1, 6, 8), np.float32)
    x[0, :, RETURN] = VALUES
    x[0, :, 0] = 4  # the network does not look there
    return x


def cells(*numbers: float) -> Float64:
    expected = np.zeros((1, 6, 8))
    expected[0, :, RETURN] = numbers
    return expected


SOLVED = {
    "saliency": cells(1, -1, 2, 0, 0, -1),
    "abs_gradient": cells(1, 1, 2, 0, 0, 1),
    "gradient_x_input": cells(1, 2, 6, 0, 0, -2),
    "integrated_gradients": cells(1, 2, 6, 0, 0, -2),
    "occlusion": cells(1, 2, 6, 0, 0, -2),
    "guided_backprop": cells(1, -1, 2, 0, 0, 0),
    "deconvnet": cells(0, 0, 1, -1, -1, -1),
    "cam": np.array([[1.0, 2, 6, 0, 0, -2]]),  # with the bias of 10 that makes the logit of 17
    "grad_cam": np.array([[0.5, 2, 1.5, 0, 0, 1]]),  # weights 1/2 and 1
    "grad_cam_pp": np.array([[11 / 28, 3, 33 / 28, 0, 0, 22 / 28]]),  # 2/8 + 2/14 and 6/4
    "smooth_grad_cam_pp": np.array([[11 / 28, 3, 33 / 28, 0, 0, 22 / 28]]),  # a linear head
    "layer_cam": np.array([[1.0, 2, 6, 0, 0, 0]]),
    "guided_grad_cam": cells(0.5, -2, 3, 0, 0, 0),
}


@for_each("method", SOLVED)
def test_two_filters_of_one_feature(method: str) -> None:
    map_ = attribute(OneFeature(), method, window(), ASKED)
    np.testing.assert_allclose(map_, SOLVED[method], rtol=0, atol=1e-5)


def test_score_cam_weighs_by_the_logit_of_what_a_filter_marks() -> None:
    first = np.exp(15) / (np.exp(15) + np.exp(12))  # masks (1/3, 0, 1, 0, 0, 2/3) and bar 1 alone
    expected = first * np.array([[1, 0, 3, 0, 0, 2]]) + (1 - first) * np.array([[0, 2, 0, 0, 0, 0]])
    map_ = attribute(OneFeature(), "score_cam", window(), ASKED)
    np.testing.assert_allclose(map_, expected, rtol=0, atol=1e-5)


def test_from_a_flat_window_the_level_of_a_feature_gets_nothing() -> None:
    # The mean of the values is 2/3; bar 1 crosses 0 on its way, which no finite sum hits exactly.
    map_ = attribute(OneFeature(), "integrated_gradients_flat", window(), ASKED)
    expected = cells(1 / 3, 4 / 3, 14 / 3, 0, 0, -4 / 3)
    np.testing.assert_allclose(map_, expected, rtol=0, atol=0.04)


@pytest.mark.parametrize("method", ["saliency", "smoothgrad", "occlusion", "gradient_x_input"])
def test_a_linear_network(method: str, linear: nn.Module, scaled: Callable[..., Float32]) -> None:
    x = scaled(3)
    weight = linear.get_parameter("head.weight")[1].detach().numpy().reshape(1, 6, 8)
    expected = weight if method in {"saliency", "smoothgrad"} else weight * x
    map_ = attribute(linear, method, x, np.ones(3, np.int64))
    np.testing.assert_allclose(map_, np.broadcast_to(expected, x.shape), rtol=0, atol=1e-5)


def test_smoothgrad_at_a_kink_is_the_share_of_draws_above_it() -> None:
    x = np.zeros((1, 6, 8), np.float32)
    map_ = attribute(OneFeature(), "smoothgrad", x, ASKED, options=Options(samples=1024))
    # At bar 3 the logit is relu(-v): its slope is -1 below the kink and 0 above.
    assert map_[0, 3, RETURN] == pytest.approx(-0.5, abs=0.05)


def test_shares_of_a_linear_network_add_up(
    linear: nn.Module, scaled: Callable[..., Float32]
) -> None:
    x, target = scaled(4), np.array([0, 1, 2, 2])
    for method in ("integrated_gradients", "integrated_gradients_flat"):
        maps = attribute(linear, method, x, target)
        gap = completeness_gap(linear, method, x, target, maps)
        assert gap is not None
        np.testing.assert_allclose(gap, 0, atol=1e-4)
        short = completeness_gap(linear, method, x, target, maps + np.float32(0.25))
        assert short is not None
        np.testing.assert_allclose(short, 48 * 0.25, atol=1e-4)
    assert completeness_gap(linear, "saliency", x, target, x) is None


def test_rollout_multiplies_the_layers_in_order() -> None:
    # (I + newest) / 2 times (I + oldest) / 2 is (I + 2 oldest + newest) / 4.
    map_ = attribute(Reader(), "attention_rollout", window(), ASKED)
    expected = np.full((1, 6), 1 / 24)
    expected[0, 0] += 1 / 2
    expected[0, 5] += 1 / 4
    np.testing.assert_allclose(map_, expected, rtol=0, atol=1e-6)


def test_grad_cam_of_an_image_goes_to_the_bars_and_features_of_its_pixels() -> None:
    class Pixels(Network):
        """One filter that marks pixel (1, 4) of the summation field of feature 3."""

        def __init__(self) -> None:
            super().__init__()
            self.convolutions = nn.Sequential(nn.Conv2d(16, 1, 1, bias=False), nn.ReLU())
            weight = torch.zeros(1, 16, 1, 1)
            weight[0, RETURN] = 1.0
            self.convolutions[0].load_state_dict({"weight": weight})

        def image(self, x: Tensor) -> Tensor:
            image = torch.zeros(len(x), 16, 6, 6)
            image[:, RETURN, 1, 4] = x[:, 0, 0]
            image[:, 5, 1, 4] = 100.0  # the filter does not look there
            return image

        def forward(self, x: Tensor) -> Tensor:
            marked: Tensor = self.convolutions(self.image(x))
            return marked.sum(dim=(2, 3)).expand(-1, 3)

        def traits(self) -> Traits:
            relu = (self.convolutions[1],)
            inside = Convolutions(whole=self.convolutions, activations=relu, of_image=True)
            return Traits(relu=True, convolutions=inside)

    bars = attribute(Pixels(), "grad_cam", window(), ASKED)
    np.testing.assert_allclose(bars, [[0, 2, 0, 0, 2, 0]], rtol=0, atol=1e-6)
    by_feature = attribute(Pixels(), "gaf_grad_cam", window(), ASKED)
    np.testing.assert_allclose(by_feature, cells(0, 2, 0, 0, 2, 0), rtol=0, atol=1e-6)
