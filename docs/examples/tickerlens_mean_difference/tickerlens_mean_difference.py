"""What a cell's distance from the mean of its feature over the six bars brought, to first order."""

from typing import Final

import torch
from torch import Tensor, nn

from models.explain.method import Method
from models.explain.options import Options
from shared.explaining import MapKind


def mean_difference(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return (n, 6, 8), signed: slope times distance; (n, 6, 8) windows, (n,) classes."""
    x = x.detach().clone().requires_grad_(True)
    logit = network(x).gather(1, target[:, None])  # (n, 1)
    (slope,) = torch.autograd.grad(logit.sum(), x)
    return slope * (x - x.mean(dim=1, keepdim=True)).detach()


METHOD: Final = Method(
    name="mean_difference",
    title="Difference from the mean",
    columns=8,
    signed=True,
    kind=MapKind.SHARE,
    formula="(x - b) · dS/dx, b each feature's mean over the 6 bars",
    note="What the course of the six bars brought, to first order. The level of a feature gets "
    "nothing.",
    paper="an example; Integrated Gradients from a flat window does it exactly",
    compute=mean_difference,
)
