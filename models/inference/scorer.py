"""What makes logits and slopes of scaled windows: numpy where the network allows it, else torch."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from models.inference.stack_reading import NoStackError, stack_of
from shared.contract import WINDOW_SHAPE, Bool, Class, Float32, Int64

_TRIED: Final = 64  # windows that both are asked about
_NEAR: Final = 1e-6  # of a ReLU's input, in units of the layer's largest, from which slopes jump
_APART: Final = 1e-5  # of logits and slopes, in units of the largest of them


class Scorer(Protocol):
    """Makes logits and slopes of windows that do not touch each other; threads may share it."""

    def logits(self, scaled: Float32) -> Float32:
        """Return (n, 3) float32 logits of (n, 6, 8) float32 windows; n may be 0."""

    def trace(self, scaled: Float32) -> tuple[Float32, Callable[[Int64], Float32]]:
        """Return the logits, and what makes slopes of classes that are chosen by them.

        Args:
            scaled: (n, 6, 8) float32 windows; n may be 0.

        Returns:
            (n, 3) float32 logits, and a function from (n,) int64 classes to the (n, 6, 8) float32
            gradient of each window's own logit of its class. It may be called once.
        """


class TorchScorer:
    """Any network, as torch computes it.

    Args:
        network: (n, 6, 8) scaled float32 to (n, 3) logits; a private copy is kept, whose parameters
            ask for no gradient.
    """

    def __init__(self, network: nn.Module) -> None:
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Chosen:
    """What computes for a network.

    Attributes:
        scorer: It.
        why_torch: Why the faster one does not; empty where it does.
    """

    scorer: Scorer
    why_torch: str = ""


def scorer_of(network: nn.Module) -> Chosen:
    """Return the fastest that says what the network says.

    A stack stands in for a network that declares convolutions over bars with ReLUs and a linear
    head, once both were asked about random windows and agreed. Slopes of windows at which some
    ReLU's input lies within rounding of 0 are not compared there: each of the two is right.
    """
    plain = TorchScorer(network)
    try:
        stack = stack_of(network)
    except NoStackError as e:
        return Chosen(scorer=plain, why_torch=str(e))
    if not _agree(network, plain, stack):
        return Chosen(scorer=plain, why_torch="on random windows it does not say what torch says")
    return Chosen(scorer=stack)


def _agree(network: nn.Module, plain: Scorer, stack: Scorer) -> bool:
    random = np.random.default_rng(0)
    scaled = random.normal(size=(_TRIED, *WINDOW_SHAPE)).astype(np.float32)
    classes = np.arange(_TRIED) % len(Class)
    (wanted, wanted_slopes), (found, found_slopes) = plain.trace(scaled), stack.trace(scaled)
    clear = ~_near_zero(network, scaled)
    slopes = wanted_slopes(classes)[clear], found_slopes(classes)[clear]
    return _alike(wanted, found) and _alike(*slopes)


def _alike(wanted: Float32, found: Float32) -> bool:
    scale = np.abs(wanted).max(initial=1e-30)
    return bool(np.abs(found - wanted).max(initial=0) <= _APART * scale)


def _near_zero(network: nn.Module, scaled: Float32) -> Bool:
    # (n,) bool, at which windows some ReLU's input is too near to 0 to tell its side.
    near = np.zeros(len(scaled), dtype=np.bool_)

    def look(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        z = inputs[0].detach().abs().flatten(1)
        near[(z < _NEAR * z.max().clamp(min=1)).any(dim=1).numpy()] = True

    private = copy.deepcopy(network).eval()
    for module in private.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_pre_hook(look)
    with torch.inference_mode():
        private(torch.from_numpy(scaled))
    return near
