"""Which methods the served model can be explained by, and what was found of each."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from models.explain.method import Method
from models.explain.methods import LIVE
from models.explain.offer import methods_for
from models.networks.traits import Trait
from shared.explaining import MethodCard, OfferedMethod, Verdict
from shared.protocol.envelope import Stamp
from shared.protocol.explanations import Methods


class Offer:
    """The methods of one model.

    Attributes:
        methods: Each by its name, the live one first.

    Args:
        traits: What is inside the model's network.
        found: What checks found, by method.
    """

    methods: Mapping[str, OfferedMethod]

    def __init__(self, traits: AbstractSet[Trait], found: Mapping[str, Verdict]) -> None:
        self.methods = {m.name: _offered(m, found.get(m.name)) for m in methods_for(traits)}

    def message(self, stamp: Stamp) -> Methods:
        """Return the answer to `GetMethods`."""
        return Methods(stamp=stamp, methods=tuple(self.methods.values()))


def _offered(method: Method, verdict: Verdict | None) -> OfferedMethod:
    card = {field: getattr(method, field) for field in MethodCard.__struct_fields__}
    return OfferedMethod(**card, live=method.name == LIVE.name, verdict=verdict)
