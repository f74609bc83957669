"""What a network is to all that trains, serves and explains it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from torch import nn

# Whoever writes a network finds here what it declares, too.
from models.networks.traits import Convolutions as Convolutions
from models.networks.traits import Trait as Trait
from models.networks.traits import Traits as Traits


class Network(nn.Module):
    """From (n, 6, 8) scaled windows, oldest bar first, to (n, 3) logits, each window by itself.

    A kind of network overrides `forward`, and `traits` where there is something to look at.
    """

    def traits(self) -> Traits:
        """Return what can be looked at inside."""
        return Traits()

    def layers(self) -> tuple[str, ...]:
        """Return the names of the layers that have weights, from the head to the window.

        They are those of the parameters without their last part, the last registered first. A
        network whose modules are not registered in the order in which a window passes them says
        another order.
        """
        return registered_layers(self)


def registered_layers(network: nn.Module) -> tuple[str, ...]:
    """Return the names of the layers that have weights, the last registered first."""
    names = [layer_of(name) for name, _ in network.named_parameters()]
    return tuple(dict.fromkeys(reversed(names)))


def layer_of(parameter: str) -> str:
    """Return the layer of a parameter; one without a module is a layer by itself."""
    return parameter.rpartition(".")[0] or parameter


def traits_of(network: nn.Module) -> Traits:
    """Return what a network declares; any other module has nothing to look at."""
    return network.traits() if isinstance(network, Network) else Traits()


@dataclass(frozen=True, kw_only=True)
class NetworkKind:
    """One way to build a network.

    Attributes:
        name: What cards carry.
        sizes: Its frozen record of hyper-parameters, with defaults.
        build: Makes the network, with fresh weights, from such a record.
    """

    name: str
    sizes: type[msgspec.Struct]
    build: Callable[[Any], Network]
