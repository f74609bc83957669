"""What an attention network reads; it has the time axis only, and knows no class."""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from models.explain.options import Options
from shared.errors import DataError


@runtime_checkable
class Attending(Protocol):
    """A network whose attention weights can be asked for."""

    def attention(self, x: Tensor) -> Tensor:
        """Return (n, layers, heads, 6, 6); each row of the last axis adds up to 1."""


@torch.no_grad()
def attention_rollout(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return how much each bar is read, (n, 6), 0 or more; each row adds up to 1.

    Abnar and Zuidema, ACL 2020: a layer passes on half of what it got and half of what its heads
    read, so rollout = product over layers of (mean attention over heads + I) / 2. The head reads
    all steps, so the rows of all steps are averaged.
    """
    if not isinstance(network, Attending):
        raise DataError(f"a {type(network).__name__} has no attention to look at")
    weights = network.attention(x).mean(dim=2)  # (n, layers, 6, 6)
    identity = torch.eye(weights.shape[-1], dtype=weights.dtype)
    rollout = identity.expand(len(x), -1, -1)
    for layer in ((weights + identity) / 2).unbind(dim=1):
        rollout = layer @ rollout
    return rollout.mean(dim=1)
