"""The networks by the name that a card carries; a new one is a file here and a line below."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from torch import nn

from models.networks import cnn1d


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One way to build a network.

    Attributes:
        sizes: Its frozen record of hyper-parameters, with defaults.
        build: Makes the network, with fresh weights, from such a record.
    """

    sizes: type[msgspec.Struct]
    build: Callable[[Any], nn.Module]


NETWORKS: Final = {"cnn1d": Kind(sizes=cnn1d.Sizes, build=cnn1d.Cnn1d)}
