"""Gradients that pass a ReLU by another rule; they need ReLUs, and show filters more than reasons.

Adebayo et al., NeurIPS 2018, and Nie, Zhang and Patel, ICML 2018, show that both maps hardly depend
on the weights above; `models.evaluation.explanations.sanity` measures how far that holds here.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final

from models.explain.method import Method
from models.explain.options import Options
from models.networks.traits import Trait
from shared.explaining import MapKind

if TYPE_CHECKING:
    from captum.attr import Deconvolution, GuidedBackprop
    from torch import Tensor, nn


def guided_backprop(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return (n, 6, 8), signed: a ReLU passes a slope back where it is above 0 and was active."""
    from captum.attr import GuidedBackprop

    return _attribute(GuidedBackprop(network), x, target)


def deconvnet(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return (n, 6, 8), signed: a ReLU passes a slope back where it is above 0, active or not."""
    from captum.attr import Deconvolution

    return _attribute(Deconvolution(network), x, target)


def _attribute(method: GuidedBackprop | Deconvolution, x: Tensor, target: Tensor) -> Tensor:
    with warnings.catch_warnings():
        # Captum warns of its hooks each time; they are on a copy that nobody else has.
        warnings.simplefilter("ignore")
        return method.attribute(x.clone().requires_grad_(True), target=target).detach()


METHODS: Final = (
    Method(
        name="guided_backprop",
        title="Guided backpropagation",
        columns=8,
        signed=True,
        kind=MapKind.SLOPE,
        formula="dS/dx where each ReLU passes back only what is above 0 and was active",
        note="Sharp, but much the same for any weights and any class: it shows what the filters "
        "react to rather than why the class was chosen.",
        paper="Springenberg et al., ICLR workshop 2015",
        needs=(Trait.RELU,),
        compute=guided_backprop,
    ),
    Method(
        name="deconvnet",
        title="Deconvnet",
        columns=8,
        signed=True,
        kind=MapKind.SLOPE,
        formula="dS/dx where each ReLU passes back only what is above 0, active or not",
        note="What would excite the filters, whether or not it is in this window. It hardly "
        "depends on the window.",
        paper="Zeiler and Fergus, ECCV 2014",
        needs=(Trait.RELU,),
        compute=deconvnet,
    ),
)
