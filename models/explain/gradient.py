"""Methods that differentiate the logit with respect to the window; they fit every network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.explain.method import Method
from models.explain.options import Options
from shared.explaining import MapKind

if TYPE_CHECKING:
    from torch import Tensor, nn


def gradient(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return the signed saliency, (n, 6, 8): dS/dx."""
    # Here, as in the other files: who only says which methods there are need load neither torch nor
    # Captum.
    import torch

    x = x.detach().clone().requires_grad_(True)
    logit = network(x).gather(1, target[:, None])  # (n, 1)
    (slope,) = torch.autograd.grad(logit.sum(), x)
    return slope


def abs_gradient(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return its size, (n, 6, 8), 0 or more: |dS/dx|."""
    return gradient(network, x, target, options).abs()


def gradient_x_input(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return the first-order contributions, (n, 6, 8), signed: x dS/dx."""
    return x * gradient(network, x, target, options)


def smoothgrad(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return the mean gradient among noisy copies, (n, 6, 8), signed.

    Every window gets the same draws, so that its map does not depend on its neighbors.
    """
    noise = draw_noise(x, options)  # (k, 6, 8)
    total = _mean_window(x)
    for draw in noise:
        total += gradient(network, x + draw, target, options)
    return total / len(noise)


def integrated_gradients(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return the shares of S(x) - S(0), (n, 6, 8), signed; 0 is the training mean."""
    return _integrate(network, x, _mean_window(x), target, options)


def integrated_gradients_flat(
    network: nn.Module, x: Tensor, target: Tensor, options: Options
) -> Tensor:
    """Return the shares of S(x) - S(b), (n, 6, 8), signed; b is each feature's mean over time."""
    return _integrate(network, x, flat(x), target, options)


def flat(x: Tensor) -> Tensor:
    """Return (n, 6, 8) windows whose features stay at their mean over the six bars."""
    return x.mean(dim=1, keepdim=True).expand_as(x)


def draw_noise(x: Tensor, options: Options) -> Tensor:
    """Return (k, 6, 8) normal noise, the same for the same seed."""
    import torch

    random = torch.Generator().manual_seed(options.seed)
    zeros = torch.zeros(options.samples, *x.shape[1:], dtype=x.dtype)
    return torch.normal(zeros, options.noise, generator=random)


def _mean_window(x: Tensor) -> Tensor:
    # (n, 6, 8) windows that are at the training mean everywhere.
    return x.new_zeros(x.shape)


def _integrate(
    network: nn.Module, x: Tensor, baseline: Tensor, target: Tensor, options: Options
) -> Tensor:
    from captum.attr import IntegratedGradients

    shares: Tensor = IntegratedGradients(network).attribute(
        x, baselines=baseline, target=target, n_steps=options.steps
    )
    return shares.detach()


METHODS: Final = (
    Method(
        name="saliency",
        title="Saliency",
        columns=8,
        signed=True,
        kind=MapKind.SLOPE,
        formula="dS/dx",
        note="Which way the answer moves when a cell moves a little. It does not say how much the "
        "cell's present value contributed.",
        paper="Simonyan, Vedaldi and Zisserman, ICLR workshop 2014",
        compute=gradient,
    ),
    Method(
        name="abs_gradient",
        title="|Gradient|",
        columns=8,
        signed=False,
        kind=MapKind.SCORE,
        formula="|dS/dx|",
        note="How strongly the answer reacts to a cell. The direction is lost.",
        paper="Simonyan, Vedaldi and Zisserman, ICLR workshop 2014",
        compute=abs_gradient,
    ),
    Method(
        name="gradient_x_input",
        title="Gradient × input",
        columns=8,
        signed=True,
        kind=MapKind.SHARE,
        product_of="saliency",
        formula="x · dS/dx",
        note="What each cell's distance from its mean contributed, to first order. A cell at its "
        "mean gets 0 however much the answer depends on it.",
        paper="Shrikumar et al., arXiv:1605.01713, 2016",
        compute=gradient_x_input,
    ),
    Method(
        name="smoothgrad",
        title="SmoothGrad",
        columns=8,
        signed=True,
        kind=MapKind.SLOPE,
        formula="mean over noise e of dS/dx at x + e",
        note="The gradient of the neighborhood instead of the point, with less noise. What is true "
        "only exactly here is smoothed away.",
        paper="Smilkov et al., arXiv:1706.03825, 2017",
        compute=smoothgrad,
    ),
    Method(
        name="integrated_gradients",
        title="Integrated Gradients, from the mean",
        columns=8,
        signed=True,
        kind=MapKind.SHARE,
        formula="x · integral of dS/dx along the line from 0 to x",
        note="Shares out the distance of the logit from that of the average window; the shares add "
        "up to it. A cell at its mean gets 0.",
        paper="Sundararajan, Taly and Yan, ICML 2017",
        compute=integrated_gradients,
        baseline=_mean_window,
    ),
    Method(
        name="integrated_gradients_flat",
        title="Integrated Gradients, from a flat window",
        columns=8,
        signed=True,
        kind=MapKind.SHARE,
        formula="(x - b) · integral of dS/dx from b to x, b each feature's mean over the 6 bars",
        note="Shares out what the course of the six bars adds over a window that stays at its own "
        "mean. The level of a feature is in the baseline, so it gets nothing.",
        paper="Sundararajan, Taly and Yan, ICML 2017",
        compute=integrated_gradients_flat,
        baseline=flat,
    ),
)
