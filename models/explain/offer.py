"""Which methods a network allows; told without torch and Captum, as a server says it."""

from collections.abc import Set as AbstractSet

from models.explain.method import Method
from models.explain.methods import all_methods
from models.networks.traits import Trait


def methods_for(there: AbstractSet[Trait]) -> tuple[Method, ...]:
    """Return the methods that a network with these traits allows, the live one first."""
    return tuple(method for method in all_methods().values() if set(method.needs) <= there)
