"""Which of the two computes a network that torch holds, and whether both say the same."""

import copy
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from models.inference.scorer import Scorer
from models.inference.stack_reading import NoStackError, stack_of
from models.inference.torch_scorer import TorchScorer
from shared.contract import WINDOW_SHAPE, Bool, Class, Float32

_TRIED: Final = 64  # windows that both are asked about
_NEAR: Final = 1e-6  # of a ReLU's input, in units of the layer's largest, from which slopes jump
_APART: Final = 1e-5  # of logits and slopes, in units of the largest of them


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
