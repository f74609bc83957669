"""Gradients that pass a ReLU by another rule; they need ReLUs, and show filters more than reasons.

Adebayo et al., NeurIPS 2018, and Nie, Zhang and Patel, ICML 2018, show that both maps hardly depend
on the weights above; `models.evaluation.explanations.sanity` measures how far that holds here.
"""

import warnings

from captum.attr import Deconvolution, GuidedBackprop
from torch import Tensor, nn

from models.explain.options import Options


def guided_backprop(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return (n, 6, 8), signed: a ReLU passes a slope back where it is above 0 and was active."""
    return _attribute(GuidedBackprop(network), x, target)


def deconvnet(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return (n, 6, 8), signed: a ReLU passes a slope back where it is above 0, active or not."""
    return _attribute(Deconvolution(network), x, target)


def _attribute(method: GuidedBackprop | Deconvolution, x: Tensor, target: Tensor) -> Tensor:
    with warnings.catch_warnings():
        # Captum warns of its hooks each time; they are on a copy that nobody else has.
        warnings.simplefilter("ignore")
        return method.attribute(x.clone().requires_grad_(True), target=target).detach()
