"""Cells set to their training mean one by one: the logit itself is asked, no gradient of it."""

from typing import Final

import torch
from captum.attr import Occlusion
from torch import Tensor, nn

from models.explain.options import Options

_CELL: Final = (1, 1)


@torch.no_grad()
def occlusion(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return what the logit loses without a cell, (n, 6, 8), signed: S(x) - S(x, cell at 0)."""
    lost: Tensor = Occlusion(network).attribute(
        x, _CELL, target=target, perturbations_per_eval=x[0].numel()
    )
    return lost
