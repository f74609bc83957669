"""Kinds of networks that are convolutions, ReLUs and a head, as their weights lie on disk.

Who serves such a network reads it from here and needs no torch, which takes a second to load and
more memory than all else. `models.inference.relu_stack` computes it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Final, Literal

import msgspec

from shared.contract import STEPS, WINDOW_SHAPE, Class

Channels = Annotated[int, msgspec.Meta(ge=1, le=512)]


class Cnn1dSizes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hyper-parameters.

    Attributes:
        channels: Filters of each convolution.
        kernel: Bars that a filter spans; odd, so that padding keeps the time steps aligned.
        dropout: Share of the last activations that training hides.
    """

    channels: Annotated[tuple[Channels, ...], msgspec.Meta(min_length=1, max_length=8)] = (16, 32)
    kernel: Literal[1, 3, 5] = 3
    dropout: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.3


@dataclass(frozen=True, kw_only=True)
class LayerShape:
    """The weights of one layer of one network.

    Attributes:
        weight: Name of the (out, in, kernel) array, or of the (out, in) one of the head, whose
            inputs are the last activations, (channels, 6), flattened.
        bias: Name of the (out,) array.
        shape: Of the first.
    """

    weight: str
    bias: str
    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class StackKind:
    """A kind of network whose traits are ReLUs, convolutions over bars and a linear head.

    Attributes:
        sizes: Its frozen record of hyper-parameters.
        layers: From such a record to the convolutions, from the window on, and the head.
    """

    sizes: type[msgspec.Struct]
    layers: Callable[[Any], tuple[LayerShape, ...]]


def _cnn1d(sizes: Cnn1dSizes) -> tuple[LayerShape, ...]:
    channels = (WINDOW_SHAPE[1], *sizes.channels)
    convolutions = [
        # A ReLU stands behind each, and has a number of its own.
        _layer(f"convolutions.{2 * nth}", (after, before, sizes.kernel))
        for nth, (before, after) in enumerate(pairwise(channels))
    ]
    return (*convolutions, _layer("head", (len(Class), channels[-1] * STEPS)))


def _layer(name: str, shape: tuple[int, ...]) -> LayerShape:
    return LayerShape(weight=f"{name}.weight", bias=f"{name}.bias", shape=shape)


STACKS: Final[Mapping[str, StackKind]] = {"cnn1d": StackKind(sizes=Cnn1dSizes, layers=_cnn1d)}
