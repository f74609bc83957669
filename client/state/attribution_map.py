"""A map of one explanation, wherever it came from, and the ways to look at it."""

import dataclasses
import enum

import numpy as np

from shared.contract import Class, Float32, Int64
from shared.explaining import MapKind, OfferedMethod
from shared.features import Feature
from shared.protocol.explanations import Explanation
from shared.protocol.messages import WindowMap


class View(enum.Enum):
    """How a map is looked at."""

    SIGNED = "signed"
    ABSOLUTE = "absolute"
    TIMES_INPUT = "× input"


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class AttributionMap:
    """One map of one window.

    Attributes:
        method: What made it.
        features: What the eight columns of the window are.
        winner: The winning class.
        target: The class that is explained.
        map: (6, 8) float32, or (6, 1) where the method knows time only; oldest bar first.
        raw: (6, 8) float32, features in their own units.
        scaled: (6, 8) float32, features as the network sees them, in standard deviations.
        bar_ms: (6,) int64, close of each bar, ms since 1970 UTC.
        top_drop: How far the target's probability falls without the cells that count most.
        random_drop: How far it falls without as many cells at random.
        gap: How far the map's sum misses what it should add up to, in logits; None where nothing
            is promised.
    """

    method: OfferedMethod
    features: tuple[Feature, ...]
    winner: Class
    target: Class
    map: Float32
    raw: Float32
    scaled: Float32
    bar_ms: Int64
    top_drop: float
    random_drop: float
    gap: float | None = None

    @property
    def time_only(self) -> bool:
        """Whether a bar has one number, and its features none."""
        columns: int = self.map.shape[1]
        return columns == 1


def live_map(
    heatmap: WindowMap, method: OfferedMethod, features: tuple[Feature, ...]
) -> AttributionMap:
    """Return what was published of the winner, by the live method or as its product."""
    live = heatmap.saliency
    return AttributionMap(
        method=method,
        features=features,
        winner=Class(heatmap.winner),
        target=Class(heatmap.winner),
        map=live if method.live else live * heatmap.scaled,
        raw=heatmap.raw,
        scaled=heatmap.scaled,
        bar_ms=heatmap.bar_ms,
        top_drop=heatmap.top_drop,
        random_drop=heatmap.random_drop,
    )


def answered_map(answer: Explanation, features: tuple[Feature, ...]) -> AttributionMap:
    """Return what was answered."""
    return AttributionMap(
        method=answer.method,
        features=features,
        winner=Class(answer.winner),
        target=Class(answer.target),
        map=answer.map,
        raw=answer.raw,
        scaled=answer.scaled,
        bar_ms=answer.bar_ms,
        top_drop=answer.top_drop,
        random_drop=answer.random_drop,
        gap=answer.gap,
    )


def views_of(method: OfferedMethod) -> tuple[View, ...]:
    """Return the ways in which maps of a method can be looked at, the usual one first."""
    if not method.signed:
        return (View.ABSOLUTE,)
    if _has_product(method):
        return (View.SIGNED, View.ABSOLUTE, View.TIMES_INPUT)
    return (View.SIGNED, View.ABSOLUTE)


def view_for(method: OfferedMethod, wanted: View) -> View:
    """Return the wanted view, or the usual one of a method that does not have it."""
    views = views_of(method)
    return wanted if wanted in views else views[0]


def relevance(attribution: AttributionMap) -> Float32 | None:
    """Return (6, 8) float32, what each cell adds to the class, of which reasons can be given.

    None for a map that has no features or no direction.
    """
    if attribution.time_only or not attribution.method.signed:
        return None
    slope = _has_product(attribution.method)
    return values(attribution, View.TIMES_INPUT) if slope else attribution.map


def live_relevance(heatmap: WindowMap) -> Float32:
    """Return (6, 8) float32, what `relevance` gives of a published map, without making one."""
    if heatmap.kind is MapKind.SLOPE:
        product: Float32 = heatmap.saliency * heatmap.scaled
        return product
    return heatmap.saliency


def values(attribution: AttributionMap, view: View) -> Float32:
    """Return (6, 8) or (6, 1) float32, the numbers that a view shows of a map."""
    if view == View.ABSOLUTE:
        return np.abs(attribution.map)
    if view == View.TIMES_INPUT:
        product: Float32 = attribution.map * attribution.scaled
        return product
    return attribution.map


def _has_product(method: OfferedMethod) -> bool:
    # A slope times the input says what a cell contributed. Shares are contributions already, and a
    # bar alone has no cell to multiply with.
    return method.kind is MapKind.SLOPE and method.columns > 1
