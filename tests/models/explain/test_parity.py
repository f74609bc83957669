"""What Captum has too is the same number there, on every network."""

import warnings
from collections.abc import Callable

import captum.attr as theirs
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.explain.attribution import attribute
from models.explain.methods import METHODS
from models.explain.options import Options
from models.networks.kinds import NETWORKS
from shared.contract import Float32, Int64

Build = Callable[..., nn.Module]
Scaled = Callable[..., Float32]
ASKED = np.array([0, 1, 2, 2, 1])


def saliency(network: nn.Module, x: Tensor, target: Tensor) -> Tensor:
    return theirs.Saliency(network).attribute(x, target=target, abs=False)


def abs_gradient(network: nn.Module, x: Tensor, target: Tensor) -> Tensor:
    return theirs.Saliency(network).attribute(x, target=target)


def gradient_x_input(network: nn.Module, x: Tensor, target: Tensor) -> Tensor:
    return theirs.InputXGradient(network).attribute(x, target=target)


def integrated(network: nn.Module, x: Tensor, target: Tensor) -> Tensor:
    method = theirs.IntegratedGradients(network)
    return method.attribute(x, torch.zeros_like(x), target, n_steps=64)


def integrated_flat(network: nn.Module, x: Tensor, target: Tensor) -> Tensor:
    flat = x.detach().mean(dim=1, keepdim=True).expand_as(x)
    return theirs.IntegratedGradients(network).attribute(x, flat, target, n_steps=64)


def occlusion(network: nn.Module, x: Tensor, target: Tensor) -> Tensor:
    return theirs.Occlusion(network).attribute(x, (1, 1), target=target)


def guided_backprop(network: nn.Module, x: Tensor, target: Tensor) -> Tensor:
    return theirs.GuidedBackprop(network).attribute(x, target)


def deconvnet(network: nn.Module, x: Tensor, target: Tensor) -> Tensor:
    return theirs.Deconvolution(network).attribute(x, target)


def grad_cam(network: nn.Module, x: Tensor, target: Tensor) -> Tensor:
    layers = [m for m in network.get_submodule("convolutions").children() if isinstance(m, nn.ReLU)]
    method = theirs.LayerGradCam(network, layers[-1])
    places = method.attribute(x, target, relu_attributions=True)[:, 0]
    return places if places.dim() == 2 else (places.sum(dim=1) + places.sum(dim=2)) / 2


def guided_grad_cam(network: nn.Module, x: Tensor, target: Tensor) -> Tensor:
    return grad_cam(network, x, target)[:, :, None] * guided_backprop(network, x, target)


PAIRS = {
    "saliency": saliency,
    "abs_gradient": abs_gradient,
    "gradient_x_input": gradient_x_input,
    "integrated_gradients": integrated,
    "integrated_gradients_flat": integrated_flat,
    "occlusion": occlusion,
    "guided_backprop": guided_backprop,
    "deconvnet": deconvnet,
    "grad_cam": grad_cam,
    "guided_grad_cam": guided_grad_cam,
}


def captums(name: str, network: nn.Module, x: Float32, target: Int64) -> Float32:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its hooks
        windows = torch.from_numpy(x).requires_grad_(True)
        map_: Float32 = PAIRS[name](network, windows, torch.from_numpy(target)).detach().numpy()
    return map_


COMMON = [
    (name, kind)
    for kind in NETWORKS
    for name in PAIRS
    if kind != "transformer" or not METHODS[name].needs
]


@pytest.mark.parametrize(("name", "kind"), COMMON)
def test_captum_says_the_same(name: str, kind: str, build: Build, scaled: Scaled) -> None:
    network, x = build(kind), scaled(len(ASKED))
    expected = captums(name, network, x.copy(), ASKED)
    size = float(np.abs(expected).max())  # products of small maps are much smaller than 1e-6
    assert size > 0
    np.testing.assert_allclose(
        attribute(network, name, x, ASKED), expected, rtol=0, atol=min(1e-6, 1e-4 * size)
    )


@pytest.mark.parametrize("kind", NETWORKS)
def test_smoothgrad_is_captums_noise_tunnel(kind: str, build: Build, scaled: Scaled) -> None:
    # One window: Captum draws other noise for each of many, and then a map depends on the rest.
    network, x, asked = build(kind), scaled(1), np.array([2])
    mine = attribute(network, "smoothgrad", x, asked, options=Options(seed=11))
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(11)
        tunnel = theirs.NoiseTunnel(theirs.Saliency(network))
        expected = tunnel.attribute(
            torch.from_numpy(x),
            nt_samples=Options().samples,
            stdevs=Options().noise,
            target=torch.from_numpy(asked),
            abs=False,
        )
    np.testing.assert_allclose(mine, expected.numpy(), rtol=0, atol=1e-6)


def test_guided_grad_cam_is_captums_where_time_is_the_last_axis(
    build: Build, scaled: Scaled
) -> None:
    network, x = build("cnn1d"), scaled(len(ASKED))

    class TimeLast(nn.Module):
        # Captum stretches the map of the layer over the last axis of the input.
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, transposed: Tensor) -> Tensor:
            logits: Tensor = self.network(transposed.transpose(1, 2))
            return logits

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        turned = torch.from_numpy(x).transpose(1, 2).clone().requires_grad_(True)
        method = theirs.GuidedGradCam(TimeLast(), network.get_submodule("convolutions.3"))
        expected = method.attribute(turned, torch.from_numpy(ASKED)).detach().transpose(1, 2)
    mine = attribute(network, "guided_grad_cam", x, ASKED)
    np.testing.assert_allclose(mine, expected.numpy(), rtol=0, atol=1e-6)
