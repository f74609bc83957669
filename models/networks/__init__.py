"""The networks by the name that a card carries; a new one is a file here and a line below."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from torch import nn

from models.networks import cnn1d, gaf_cnn, transformer
from models.networks.ensemble import unite


@dataclass(frozen=True, kw_only=True)
class NetworkKind:
    """One way to build a network.

    Attributes:
        sizes: Its frozen record of hyper-parameters, with defaults.
        build: Makes the network, with fresh weights, from such a record.
    """

    sizes: type[msgspec.Struct]
    build: Callable[[Any], nn.Module]


NETWORKS: Final = {
    "cnn1d": NetworkKind(sizes=cnn1d.Cnn1dSizes, build=cnn1d.Cnn1d),
    "transformer": NetworkKind(sizes=transformer.TransformerSizes, build=transformer.Transformer),
    "gaf_cnn": NetworkKind(sizes=gaf_cnn.GafCnnSizes, build=gaf_cnn.GafCnn),
}


def build_network(kind: str, sizes: msgspec.Struct, members: int) -> nn.Module:
    """Return a network with fresh weights; of several members it is their ensemble.

    Args:
        kind: Name in `NETWORKS`.
        sizes: Its hyper-parameters.
        members: How many such networks answer as one, 1 or more.
    """
    return unite([NETWORKS[kind].build(sizes) for _ in range(members)])
