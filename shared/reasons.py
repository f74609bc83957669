"""What a map says, in words: a few short sentences, each of them true of the window's own numbers.

Nothing is said that the raw features do not hold: the map only chooses which cells are named.
"""

import math
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

import msgspec
import numpy as np

from shared.contract import STEPS, WINDOW_SHAPE, Float32
from shared.features import Feature
from shared.phrases import say

FOR: Final = 2
AGAINST: Final = 1  # the other way round where that is what was asked
# How each step is said, and how many bars ago it was.
_WHEN: Final = tuple(
    ({0: "now", 1: "one_ago"}.get(ago, "ago"), ago) for ago in reversed(range(STEPS))
)


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One cell that counts.

    Attributes:
        step: Row of the cell, 0 is the oldest bar.
        feature: Column of the cell.
        supports: True where it speaks for the class, False where it speaks against it.
        named: What the feature is.
        raw: What the cell holds, in the feature's own unit.
        scaled: The same, in standard deviations from the training mean.
    """

    step: int
    feature: int
    supports: bool
    named: Feature
    raw: float
    scaled: float

    @property
    def sentence(self) -> str:
        """What the cell holds: `volume 2 bars ago is 2.3 × its 20-bar mean`."""
        reading, (when, ago) = self.named.reading, _WHEN[self.step]
        what = _READINGS.get(reading.form, _number)(self.named, self.raw, self.scaled)
        subject = reading.subject or self.named.label
        return say(f"reason.{when}", subject=subject, ago=ago, what=what)

    @property
    def brief(self) -> str:
        """The same where there is no room: `volume 2 bars ago ↑`."""
        when, ago = _WHEN[self.step]
        # What is compared with a reference lies above it or below; the rest, with its mean.
        height = self.raw if self.named.reading.form in _COMPARED else self.scaled
        arrow = "↑" if height > 0 else "↓" if height < 0 else "→"
        return say(f"brief.{when}", label=self.named.label, ago=ago, arrow=arrow)


def reasons(
    features: Sequence[Feature],
    raw: Float32,
    scaled: Float32,
    relevance: Float32,
    *,
    against_first: bool = False,
) -> tuple[Reason, ...]:
    """Return the strongest cells of a map: at most two for its class, then at most one against.

    Args:
        features: What the eight columns are.
        raw: (6, 8) float32, features in their own units, oldest bar first.
        scaled: (6, 8) float32, the same in standard deviations from the training mean; it tells
            high from low for features that have no sign.
        relevance: (6, 8) float32, what each cell adds to the class, above 0 for it and below 0
            against it. A gradient such as the live saliency becomes one by `saliency * scaled`;
            maps of other methods are taken as they are.
        against_first: Whether to return at most two against it, then at most one for it.
    """
    order = np.argsort(-np.abs(relevance), axis=None, kind="stable").tolist()
    values = relevance.ravel().tolist()  # numbers of Python's own: a list asks for many maps
    supporting = (cell for cell in order if values[cell] > 0)
    opposing = (cell for cell in order if values[cell] < 0)
    first, then = (opposing, supporting) if against_first else (supporting, opposing)
    cells = (*islice(first, FOR), *islice(then, AGAINST))
    return tuple(
        Reason(
            step=step,
            feature=feature,
            supports=values[step * WINDOW_SHAPE[1] + feature] > 0,
            named=features[feature],
            raw=float(raw[step, feature]),
            scaled=float(scaled[step, feature]),
        )
        for step, feature in (divmod(cell, WINDOW_SHAPE[1]) for cell in cells)
    )


def _number(feature: Feature, raw: float, _scaled: float) -> str:
    return say("reading.number", value=f"{raw:.3g}", unit=feature.unit).strip()


def _share(feature: Feature, raw: float, _scaled: float) -> str:
    # Of something that rounds to nothing, a direction would be an invention.
    which = "as_large" if abs(raw) < 0.0005 else "above" if raw > 0 else "below"
    return say(f"reading.{which}", share=abs(raw), reference=feature.reading.reference)


def _log_share(feature: Feature, raw: float, scaled: float) -> str:
    return _share(feature, math.expm1(_sane(raw)), scaled)


def _log_times(feature: Feature, raw: float, _scaled: float) -> str:
    reading = feature.reading
    # Where a feature is cut off, the true number may as well be 0.
    cut = reading.least is not None and raw <= reading.least
    times = math.exp(_sane(raw))
    digits = 2 if cut else 0 if times >= 10 else 1 if times >= 1 else 2
    key = "reading.at_most" if cut else "reading.times"
    return say(key, times=f"{times:.{digits}f}", reference=reading.reference)


def _level(feature: Feature, raw: float, scaled: float) -> str:
    which = "high" if scaled > 0 else "low" if scaled < 0 else "usual"
    return say(f"reading.{which}", share=raw, reference=feature.reading.reference)


def _sane(log: float) -> float:
    # Beyond a million times math overflows long after sense has.
    return min(max(log, -14.0), 14.0)


_COMPARED: Final = ("share", "log_share", "log_times")
_READINGS: Final[dict[str, Callable[[Feature, float, float], str]]] = {
    "number": _number,
    "share": _share,
    "log_share": _log_share,
    "log_times": _log_times,
    "level": _level,
}
