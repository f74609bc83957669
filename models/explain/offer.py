"""Which methods a network allows; told without Captum, so that a server can say it at no cost."""

from collections.abc import Callable
from typing import Final

from torch import nn

from models.explain.attention import Attending
from models.explain.methods import METHODS, Method, Needs
from models.networks.ensemble import members_of

_HAS: Final[dict[Needs, Callable[[nn.Module], bool]]] = {
    "nothing": lambda network: True,
    "relu": lambda network: any(isinstance(module, nn.ReLU) for module in network.modules()),
    "convolutions": lambda network: hasattr(network, "convolutions"),
    "linear head": lambda network: (
        hasattr(network, "convolutions") and isinstance(getattr(network, "head", None), nn.Linear)
    ),
    "image": lambda network: hasattr(network, "convolutions") and hasattr(network, "image"),
    "attention": lambda network: isinstance(network, Attending),
}


def methods_for(network: nn.Module) -> tuple[Method, ...]:
    """Return the methods that this network allows, the live one first."""
    member = members_of(network)[0]
    return tuple(method for method in METHODS.values() if _HAS[method.needs](member))
