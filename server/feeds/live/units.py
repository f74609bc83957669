"""Whether a source counts volume live as in its history: no live bar is told before that is seen.

A window that is filled by pages and goes on live must be of one unit. Some exchanges tell coins
in one place and contracts in another (docs/feeds.md).
"""

from collections import Counter
from typing import Final

from server.feeds.live.faults import SourceError
from server.feeds.live.source import SourceTraits
from shared.contract import Float64

_APART: Final = 5.0  # times; less is what a stream may lack of a bar's last seconds
_SURE: Final = 3  # bars that differ, before that is believed


class VolumeUnits:
    """Holds what was heard of bars live against the same bars of pages, ticker by ticker.

    Attributes:
        is_needed: Whether bars must be held against pages at all.

    Args:
        traits: What the source declares: where pages have the last word anyway, or the stream has,
            there is nothing to hold.
    """

    def __init__(self, traits: SourceTraits) -> None:
        self._name = traits.name
        self.is_needed = traits.confirms and traits.tells != "pages" and traits.closed_by != "page"
        self._agreed: set[int] = set()
        self._apart: Counter[int] = Counter()

    def agree(self, row: int, symbol: str, live: Float64, paged: Float64) -> bool:
        """Return whether a ticker's units were seen to agree, here or before.

        Args:
            row: Of the ticker.
            symbol: Of the ticker.
            live: (k,) float64, volumes as they were heard; NaN of bars of which nothing was.
            paged: (k,) float64, volumes of the same bars in a page.

        Raises:
            SourceError: `units_differ`: several bars differ, and none agreed.
        """
        if not self.is_needed or row in self._agreed:
            return True
        told = (live > 0) & (paged > 0)
        ratio = live[told] / paged[told]
        alike = (ratio > 1 / _APART) & (ratio < _APART)
        if alike.any():
            self._agreed.add(row)
            return True
        self._apart[row] += len(ratio)
        if self._apart[row] < _SURE:
            return False
        volumes = f"{live[told][-1]:,g} live, {paged[told][-1]:,g} in a page"
        raise SourceError("units_differ", self._name, f"{symbol}: {volumes}")
