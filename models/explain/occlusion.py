"""Cells set to their training mean one by one: the logit itself is asked, no gradient of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.explain.method import Method
from models.explain.options import Options
from shared.explaining import MapKind

if TYPE_CHECKING:
    from torch import Tensor, nn

_CELL: Final = (1, 1)


def occlusion(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return what the logit loses without a cell, (n, 6, 8), signed: S(x) - S(x, cell at 0)."""
    import torch
    from captum.attr import Occlusion

    with torch.no_grad():
        lost: Tensor = Occlusion(network).attribute(
            x, _CELL, target=target, perturbations_per_eval=x[0].numel()
        )
    return lost


METHODS: Final = (
    Method(
        name="occlusion",
        title="Occlusion",
        columns=8,
        signed=True,
        kind=MapKind.SHARE,
        formula="S(x) - S(x with the cell at 0)",
        note="What the logit loses when one cell is set to its training mean. Cells that can stand "
        "in for each other all look unimportant.",
        paper="Zeiler and Fergus, ECCV 2014",
        compute=occlusion,
    ),
)
