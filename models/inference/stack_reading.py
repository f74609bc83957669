"""Reads a stack of convolutions out of a torch network that declares what one consists of."""

import numpy as np
import torch
from torch import Tensor, nn

from models.inference.compiled import fastest_stack
from models.inference.relu_stack import Convolution
from models.inference.scorer import Scorer
from models.networks.base import Traits, traits_of
from models.networks.ensemble import members_of
from shared.contract import STEPS, WINDOW_SHAPE, Class, Float64


class NoStackError(Exception):
    """A network is not what a stack can be made of; the sentence says why."""


def stack_of(network: nn.Module) -> Scorer:
    """Return what computes as the network does, if it does what it declares.

    Raises:
        NoStackError: It declares something else than a stack can do.
    """
    traits = [traits_of(member) for member in members_of(network)]
    layers = [_convolutions(one) for one in traits]
    heads = [_head(one) for one in traits]
    shapes = [[convolution.weight.shape for convolution in member] for member in layers]
    if any(shape != shapes[0] for shape in shapes):
        raise NoStackError("its members are of different sizes")
    joined = [
        Convolution(
            weight=np.stack([_numbers(c.weight) for c in nth]),
            bias=np.stack([_numbers(c.bias) for c in nth]),
        )
        for nth in zip(*layers, strict=True)
    ]
    channels = joined[-1].weight.shape[1]
    if any(head.weight.shape != (len(Class), channels * STEPS) for head in heads):
        raise NoStackError("its head does not read the last convolution alone")
    head = np.stack([_numbers(h.weight).reshape(len(Class), channels, STEPS) for h in heads])
    return fastest_stack(joined, head, np.mean([_numbers(h.bias) for h in heads], axis=0))


def _convolutions(traits: Traits) -> list[nn.Conv1d]:
    if not traits.relu or traits.convolutions is None or traits.convolutions.of_image:
        raise NoStackError("it declares no convolutions over bars with ReLUs")
    whole = traits.convolutions.whole
    layers = list(whole.children()) if isinstance(whole, nn.Sequential) else []
    found = [layer for layer in layers[::2] if isinstance(layer, nn.Conv1d) and _keeps_steps(layer)]
    ends = all(isinstance(layer, nn.ReLU) for layer in layers[1::2])
    if not found or 2 * len(found) != len(layers) or not ends:
        raise NoStackError("its convolutions are not plain ones, each with a ReLU behind it")
    if found[0].in_channels != WINDOW_SHAPE[1]:
        raise NoStackError("its first convolution does not read the eight features")
    return found


def _keeps_steps(layer: nn.Conv1d) -> bool:
    (kernel,) = layer.kernel_size
    padded = layer.padding == "same" or layer.padding == (kernel // 2,)
    plain = layer.stride == (1,) and layer.dilation == (1,) and layer.groups == 1
    return plain and padded and layer.padding_mode == "zeros" and kernel % 2 == 1


def _head(traits: Traits) -> nn.Linear:
    if traits.head is None:
        raise NoStackError("it declares no linear head")
    return traits.head


def _numbers(weight: Tensor | None) -> Float64:
    if weight is None:
        raise NoStackError("a layer has no bias")
    if weight.dtype != torch.float32:
        raise NoStackError("its weights are not float32")
    numbers: Float64 = weight.detach().double().numpy()
    return numbers
