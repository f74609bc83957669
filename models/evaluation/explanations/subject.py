"""What explanations are judged on: a bundle, and windows of a span."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from torch import nn

from models.bundles.bundle import Bundle
from models.evaluation.explanations.metrics import winner_of
from models.evaluation.metrics.bootstrap import Days
from models.evaluation.metrics.days import blocks, dates
from models.training.dataset import Samples
from shared.contract import Class, Float32, Int64
from shared.errors import DataError
from shared.markets import Market

_FEW: Final = 200  # windows of the measures that explain each window many times
_LEAST: Final = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """What is explained, and the windows it is explained on.

    Attributes:
        bundle: The model.
        scaled: (n, 6, 8) float32 windows.
        winner: (n,) int64, the class each is explained for.
        label: (n,) int64, what came of it.
        days: The days of the windows.
        has_next: (k,) int64, positions of windows that have one a bar later.
        next_scaled: (k, 6, 8) float32, those windows.
        span: The first and the last decision, ms since 1970 UTC.
    """

    bundle: Bundle
    scaled: Float32
    winner: Int64
    label: Int64
    days: Days
    has_next: Int64
    next_scaled: Float32
    span: tuple[int, int]

    @property
    def network(self) -> nn.Module:
        """Return the network that is explained."""
        return self.bundle.network

    def few(self) -> tuple[Float32, Int64]:
        """Return at most `_FEW` windows, spread over all, and their winners."""
        step = -(-len(self.scaled) // _FEW)
        return self.scaled[::step], self.winner[::step]


def subject(bundle: Bundle, samples: Samples, market: Market, windows: int) -> Subject:
    """Return the windows that are explained: so many of the samples, drawn with a fixed seed.

    Args:
        bundle: The model.
        samples: The samples of a span.
        market: Whose dates are resampled.
        windows: How many, at most.

    Raises:
        DataError: There are next to no samples.
    """
    count = len(samples.label)
    if count < _LEAST:
        raise DataError(
            f"at least {_LEAST} windows are needed to judge explanations, found {count}, "
            "choose other dates"
        )
    chosen = np.sort(np.random.default_rng(0).permutation(count)[:windows])
    drawn = samples.take(chosen)
    scaled = bundle.card.scaler.apply(drawn.windows)
    winner = winner_of(bundle.network, scaled)
    days = blocks(dates(drawn.decided_ms, market))
    has_next, following = _following(samples, chosen)
    return Subject(
        bundle=bundle,
        scaled=scaled,
        winner=winner,
        label=drawn.label,
        days=Days.draw(*days, np.stack([winner == drawn.label, winner == Class.UP], axis=1) * 1.0),
        has_next=has_next[:_FEW],
        next_scaled=bundle.card.scaler.apply(samples.windows[following[:_FEW]]),
        span=(int(drawn.decided_ms.min()), int(drawn.decided_ms.max())),
    )


def _following(samples: Samples, chosen: Int64) -> tuple[Int64, Int64]:
    # Positions among the chosen that have a window one bar later, and where that is.
    width = int(samples.ordinal.max()) + 2
    key = samples.ticker.astype(np.int64) * width + samples.ordinal
    order = np.argsort(key)
    place = np.searchsorted(key[order], key[chosen] + 1).clip(max=len(key) - 1)
    there = key[order][place] == key[chosen] + 1
    return np.flatnonzero(there), order[place[there]]
