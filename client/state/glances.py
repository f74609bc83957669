"""The maps of the rows in sight, and what the list says of each in a few words."""

import dataclasses
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from client.state.attribution_map import live_relevance
from shared.contract import Float32
from shared.features import UNNAMED, Feature
from shared.protocol.answers import ModelCard
from shared.protocol.messages import Heatmap
from shared.reasons import Reason, reasons

MOST_IN_SIGHT: Final = 96  # rows whose maps are followed: a screen of 2160 lines has 67
# Characters from which on reasons are said in full, and what speaks against the class too.
_SENTENCES: Final = 70
_ALL_SENTENCES: Final = 110
_KEPT: Final = 4 * MOST_IN_SIGHT  # so that who scrolls back a little sees them at once


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Glance:
    """The map of one decision, as a list shows it.

    Attributes:
        heatmap: What was published.
        added: (6, 8) float32, what each cell adds to the winner, oldest bar first.
        reasons: The strongest cells.
    """

    heatmap: Heatmap
    added: Float32
    reasons: tuple[Reason, ...]

    @property
    def brief(self) -> str:
        """What speaks for the class, in a few words."""
        return " · ".join(reason.brief for reason in self.reasons if reason.supports)

    def words(self, room: float) -> str:
        """Return the reasons as fully as `room` characters let a whole list say them."""
        if room < _SENTENCES:
            return self.brief
        supporting = [reason.sentence for reason in self.reasons if reason.supports]
        against = [f"against: {reason.sentence}" for reason in self.reasons if not reason.supports]
        return " · ".join(supporting + (against if room >= _ALL_SENTENCES else []))


class Glances:
    """The newest maps of the rows in sight, and of those that were a moment ago."""

    def __init__(self) -> None:
        self._features: tuple[Feature, ...] = UNNAMED
        self._heatmaps: OrderedDict[str, Heatmap] = OrderedDict()
        self._made: dict[str, Glance] = {}

    def clear(self) -> None:
        """Forget all maps: another run began."""
        self._heatmaps.clear()
        self._made.clear()

    def name(self, card: ModelCard) -> None:
        """Call features as the model does."""
        self._features = card.features
        self._made.clear()

    def take(self, heatmaps: Mapping[str, Heatmap]) -> None:
        """Keep the newest map of each ticker."""
        for symbol, heatmap in heatmaps.items():
            self._heatmaps[symbol] = heatmap
            self._heatmaps.move_to_end(symbol)
            self._made.pop(symbol, None)
        while len(self._heatmaps) > _KEPT:
            self._made.pop(self._heatmaps.popitem(last=False)[0], None)

    def of(self, symbol: str) -> Glance | None:
        """Return what the list says of the newest map of a ticker; None where none came."""
        heatmap = self._heatmaps.get(symbol)
        if heatmap is None:
            return None
        # Made when it is painted for the first time: most maps are replaced before that.
        made = self._made.get(symbol)
        if made is None:
            made = self._made[symbol] = _glance(heatmap, self._features)
        return made


def _glance(heatmap: Heatmap, features: tuple[Feature, ...]) -> Glance:
    added = live_relevance(heatmap)
    found = reasons(features, heatmap.raw, heatmap.scaled, added)
    return Glance(heatmap=heatmap, added=added, reasons=found)
