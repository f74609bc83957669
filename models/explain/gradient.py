"""Methods that differentiate the logit with respect to the window; they fit every network."""

import torch
from captum.attr import IntegratedGradients
from torch import Tensor, nn

from models.explain.options import Options


def gradient(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return the signed saliency, (n, 6, 8): dS/dx."""
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
    total = torch.zeros_like(x)
    for draw in noise:
        total += gradient(network, x + draw, target, options)
    return total / len(noise)


def integrated_gradients(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return the shares of S(x) - S(0), (n, 6, 8), signed; 0 is the training mean."""
    return _integrate(network, x, torch.zeros_like(x), target, options)


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
    random = torch.Generator().manual_seed(options.seed)
    zeros = torch.zeros(options.samples, *x.shape[1:], dtype=x.dtype)
    return torch.normal(zeros, options.noise, generator=random)


def _integrate(
    network: nn.Module, x: Tensor, baseline: Tensor, target: Tensor, options: Options
) -> Tensor:
    shares: Tensor = IntegratedGradients(network).attribute(
        x, baselines=baseline, target=target, n_steps=options.steps
    )
    return shares.detach()
