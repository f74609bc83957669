"""All methods that explain a window: ours, and those of packages that are installed."""

import functools
import logging
from collections.abc import Mapping
from typing import Final

from models.explain import attention, backprop, cam, gradient, occlusion
from models.explain.method import Method
from shared.errors import PluginError
from shared.plugins import Group, load, names_beside

GROUP: Final[Group] = "tickerlens.explanations"

log = logging.getLogger(__name__)

METHODS: Final[dict[str, Method]] = {
    method.name: method
    for family in (gradient, occlusion, backprop, cam, attention)
    for method in family.METHODS
}
LIVE: Final = METHODS["saliency"]  # what the engine makes with every decision
# What whoever has the live map makes of it for one product.
LIVE_PRODUCT: Final = next(m for m in METHODS.values() if m.product_of == LIVE.name)


@functools.cache
def plugin_methods() -> Mapping[str, Method]:
    """Return the methods of other packages by name; what cannot be loaded is told and left out."""
    found = {}
    for name in names_beside(GROUP, METHODS):
        try:
            found[name] = _load(name)
        except PluginError as e:
            log.warning("%s: left out", e)
    return found


def all_methods() -> Mapping[str, Method]:
    """Return every method by name, ours first and the live one before all."""
    return {**METHODS, **plugin_methods()}


def _load(name: str) -> Method:
    method = load(GROUP, name, Method)
    if method.name != name:
        raise PluginError(f"the plug-in {name!r} ({GROUP}) calls itself {method.name!r}")
    return method
