"""Which methods a network allows; told without Captum, so that a server can say it at no cost."""

from torch import nn

from models.explain.method import Method
from models.explain.methods import all_methods
from models.networks.base import traits_of
from models.networks.ensemble import members_of


def methods_for(network: nn.Module) -> tuple[Method, ...]:
    """Return the methods that this network allows, the live one first."""
    there = traits_of(members_of(network)[0]).names
    return tuple(method for method in all_methods().values() if there.issuperset(method.needs))
