"""Any network, as torch computes it."""

import copy
from collections.abc import Callable

import torch
from torch import nn

from shared.contract import Float32, Int64


class TorchScorer:
    """A network that torch computes; it is a `Scorer`.

    Attributes:
        runs_on: What computes, for people.

    Args:
        network: (n, 6, 8) scaled float32 to (n, 3) logits; a private copy is kept, whose parameters
            ask for no gradient.
    """

    def __init__(self, network: nn.Module) -> None:
        self.runs_on = "torch"
        self._network = copy.deepcopy(network).eval().requires_grad_(False)

    def logits(self, scaled: Float32) -> Float32:
        """Return what `Scorer.logits` says."""
        with torch.inference_mode():
            raw: Float32 = self._network(torch.from_numpy(scaled)).numpy()
        return raw

    def trace(self, scaled: Float32) -> tuple[Float32, Callable[[Int64], Float32]]:
        """Return what `Scorer.trace` says; one backward pass for the whole batch."""
        x = torch.from_numpy(scaled).clone().requires_grad_(True)  # (n, 6, 8)
        raw = self._network(x)  # (n, 3)

        def slopes(classes: Int64) -> Float32:
            won = raw.gather(1, torch.from_numpy(classes)[:, None])  # (n, 1)
            (gradient,) = torch.autograd.grad(won.sum(), x)
            found: Float32 = gradient.numpy()
            return found

        return raw.detach().numpy(), slopes
