"""Which methods the served model can be explained by, and what was found of each."""

from collections.abc import Mapping

from torch import nn

from models.explain.offer import methods_for
from shared.protocol.envelope import Stamp
from shared.protocol.explanations import Methods


class Offer:
    """The methods of one model.

    Attributes:
        verdicts: What checks found of each method, by its name; empty where nothing was checked.

    Args:
        network: The model's.
        found: What checks found, by method.
    """

    def __init__(self, network: nn.Module, found: Mapping[str, str]) -> None:
        self._methods = methods_for(network)
        self.verdicts = {m.name: found.get(m.name, "") for m in self._methods}

    def message(self, stamp: Stamp) -> Methods:
        """Return the answer to `GetMethods`."""
        methods = self._methods
        return Methods(
            stamp=stamp,
            names=tuple(m.name for m in methods),
            titles=tuple(m.title for m in methods),
            columns=tuple(m.columns for m in methods),
            signed=tuple(m.signed for m in methods),
            notes=tuple(m.note for m in methods),
            verdicts=tuple(self.verdicts[m.name] for m in methods),
        )
