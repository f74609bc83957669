from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.networks import NETWORKS
from shared.contract import WINDOW_SHAPE, Float32

Build = Callable[..., nn.Module]


@pytest.fixture
def build() -> Build:
    """A fresh network of a kind, in eval mode, with the seed's weights."""

    def make(kind: str, seed: int = 3) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return NETWORKS[kind].build(NETWORKS[kind].sizes()).eval()

    return make


@pytest.fixture
def scaled() -> Callable[..., Float32]:
    """Scaled windows (n, 6, 8)."""

    def make(n: int, seed: int = 0) -> Float32:
        return np.random.default_rng(seed).normal(0, 1, (n, *WINDOW_SHAPE)).astype(np.float32)

    return make


class Linear(nn.Module):
    """Logits that are weighted sums of the window."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        super().__init__()
        self.head = nn.Linear(48, 3)
        self.head.load_state_dict(
            {"weight": weight, "bias": torch.zeros(3) if bias is None else bias}
        )

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(x.flatten(1))
        return logits


@pytest.fixture
def linear() -> Linear:
    weight = torch.linspace(-1, 1, 3 * 48).reshape(3, 48)
    return Linear(weight, torch.tensor([1.0, 2.0, 3.0])).eval()
