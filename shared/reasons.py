"""What a map says, in words: a few short sentences, each of them true of the window's own numbers.

Nothing is said that the raw features do not hold: the map only chooses which cells are named.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from shared.contract import FEATURE_NAMES, STEPS, WINDOW_SHAPE, Float32

FOR: Final = 2
AGAINST: Final = 1


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One cell that counts.

    Attributes:
        step: Row of the cell, 0 is the oldest bar.
        feature: Column of the cell.
        supports: True where it speaks for the class, False where it speaks against it.
        sentence: What the cell holds: `volume 2 bars ago is 2.3 × its 20-bar mean`.
    """

    step: int
    feature: int
    supports: bool
    sentence: str


def reasons(raw: Float32, scaled: Float32, relevance: Float32) -> tuple[Reason, ...]:
    """Return the strongest cells of a map: at most two for its class, then at most one against.

    Args:
        raw: (6, 8) float32, features in their own units, oldest bar first.
        scaled: (6, 8) float32, the same in standard deviations from the training mean; it tells
            high from low for the feature that has no sign, the volatility.
        relevance: (6, 8) float32, what each cell adds to the class, above 0 for it and below 0
            against it. A gradient such as the live saliency becomes one by `saliency * scaled`;
            maps of other methods are taken as they are.
    """
    order = np.argsort(-np.abs(relevance), axis=None, kind="stable").tolist()
    cells = [divmod(cell, WINDOW_SHAPE[1]) for cell in order]
    supporting = [cell for cell in cells if relevance[cell] > 0][:FOR]
    opposing = [cell for cell in cells if relevance[cell] < 0][:AGAINST]
    return tuple(
        _reason(cell, float(raw[cell]), float(scaled[cell]), supports=cell in supporting)
        for cell in (*supporting, *opposing)
    )


def _reason(cell: tuple[int, int], raw: float, scaled: float, *, supports: bool) -> Reason:
    step, feature = cell
    subject, says = _PHRASES[FEATURE_NAMES[feature]]
    ago = STEPS - 1 - step
    then = f" {ago} {'bar' if ago == 1 else 'bars'} ago" if ago else ""
    now = "" if ago else " now"
    return Reason(
        step=step,
        feature=feature,
        supports=supports,
        sentence=f"{subject}{then} is {says(raw, scaled)}{now}",
    )


def _of_the_close_before(raw: float, _scaled: float) -> str:
    return _apart(math.expm1(_sane(raw)), "the previous close")


def _of_a_mean(bars: int) -> Callable[[float, float], str]:
    return lambda raw, _scaled: _apart(raw, f"its {bars}-bar mean")


def _apart(share: float, what: str) -> str:
    # Of something that rounds to nothing, a direction would be an invention.
    if abs(share) < 0.0005:
        return f"level with {what}"
    return f"{abs(share):.1%} {'above' if share > 0 else 'below'} {what}"


def _of_volume(raw: float, _scaled: float) -> str:
    # The feature is cut off at -4, a share of 0.018, where the volume may as well be 0.
    if raw <= -4:
        return "at most 0.02 × its 20-bar mean"
    times = math.exp(_sane(raw))
    return f"{times:.{0 if times >= 10 else 1 if times >= 1 else 2}f} × its 20-bar mean"


def _of_volatility(raw: float, scaled: float) -> str:
    word = "high" if scaled > 0 else "low" if scaled < 0 else "usual"
    return f"{word}, {raw:.1%} a bar"


def _sane(log: float) -> float:
    # Beyond a million times math overflows long after sense has.
    return min(max(log, -14.0), 14.0)


_PHRASES: Final[dict[str, tuple[str, Callable[[float, float], str]]]] = {
    "open_gap": ("open", _of_the_close_before),
    "high": ("high", _of_the_close_before),
    "low": ("low", _of_the_close_before),
    "return": ("close", _of_the_close_before),
    "volume": ("volume", _of_volume),
    "vs_ma5": ("close", _of_a_mean(5)),
    "vs_ma20": ("close", _of_a_mean(20)),
    "volatility": ("volatility", _of_volatility),
}
