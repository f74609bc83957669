"""What a set of features is: eight named numbers, the bars they need, and one pure function.

Training slides the function over whole histories and serving calls it on the newest bars, so the
two cannot drift apart; a set that gives a function for histories of its own is held to the other.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from models.data.volatility import CLOSES
from shared.contract import STEPS, WINDOW_SHAPE, Bool, Float64
from shared.features import FORMS, Feature, Features

# With fewer, a window would be full before the volatility at its newest bar is known, and labels
# are measured by that.
LEAST_LOOKBACK: Final = CLOSES - STEPS + 1
MOST_LOOKBACK: Final = 500  # the server keeps as many bars of every ticker

_LARGEST: Final = float(np.finfo(np.float32).max)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")

Newest = Callable[[Float64], Float64]


def fits_window(rows: Float64) -> Bool:
    """Return (n,) bool: which of (n, 8) float64 rows hold numbers that float32 can."""
    fits: Bool = np.logical_and.reduce(np.abs(rows) <= _LARGEST, axis=-1)  # NaN is not
    return fits


@dataclass(frozen=True, kw_only=True)
class FeatureSet:
    """Eight numbers that describe a bar, and how they come of bars.

    Attributes:
        name: What plans and cards call it.
        features: Eight, in the order of the window's columns.
        lookback: Bars that one row of them needs, its own included.
        newest: From (..., lookback, 5) float64 blocks of consecutive accepted bars of one series,
            oldest first (open, high, low, close in currency, volume in units), to the
            (..., 8) float64 features of the newest bar of each. It must be finite for all bars that
            `models.data.bars.validate` accepts, and must not write into the block.
        whole: From (n, 5) float64, n at least `lookback`, to (n - lookback + 1, 8) float64: the
            same for every bar of a series. None slides `newest` over it.

    Raises:
        ValueError: The name cannot be one, there are not eight features with names and labels of
            their own, a word of them is too long or a form unknown, or the look-back is too short
            or too long.
    """

    name: str
    features: tuple[Feature, ...]
    lookback: int
    newest: Newest
    whole: Newest | None = None

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise ValueError(f"a name is small letters, digits and _, was {self.name!r}")
        distinct = {len(set(self.names)), len(set(self.labels))}
        if {len(self.features), *distinct} != {WINDOW_SHAPE[1]}:
            raise ValueError(
                f"{self.name} must have {WINDOW_SHAPE[1]} features with names and labels of their "
                f"own, was {', '.join(self.names)}"
            )
        _check_words(self.name, self.features)
        if not LEAST_LOOKBACK <= self.lookback <= MOST_LOOKBACK:
            raise ValueError(
                f"the look-back of {self.name} must be {LEAST_LOOKBACK} to {MOST_LOOKBACK} bars, "
                f"was {self.lookback}"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the features, in their order."""
        return tuple(feature.name for feature in self.features)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return what people read beside maps, in the order of the names."""
        return tuple(feature.label for feature in self.features)

    @property
    def window_bars(self) -> int:
        """Return how many bars in a row make the first full window."""
        return self.lookback + STEPS - 1

    def history(self, ohlcv: Float64) -> Float64:
        """Return the features of every bar of a series that has `lookback` bars to look back on.

        Args:
            ohlcv: (n, 5) float64, all accepted bars of one series, oldest first.

        Returns:
            (max(n - lookback + 1, 0), 8) float64; row i belongs to bar i + lookback - 1.
        """
        if len(ohlcv) < self.lookback:
            return np.empty((0, WINDOW_SHAPE[1]))
        if self.whole is not None:
            return self.whole(ohlcv)
        # Each block is computed by itself, never by sums that run along the series: nothing that a
        # bar leaves behind can reach a later one.
        blocks = np.lib.stride_tricks.sliding_window_view(ohlcv, self.lookback, axis=0)
        return self.newest(blocks.transpose(0, 2, 1))  # (n - L + 1, 5, L) -> (n - L + 1, L, 5)


def _check_words(name: str, features: tuple[Feature, ...]) -> None:
    # Of what will travel: a reader would refuse the whole answer that carries it.
    try:
        msgspec.convert(msgspec.to_builtins(features), Features)
    except msgspec.ValidationError as e:
        raise ValueError(f"the features of {name}: {e}") from e
    unknown = {feature.reading.form for feature in features} - set(FORMS)
    if unknown:
        raise ValueError(f"a form of {name} must be {', '.join(FORMS)}, was {unknown.pop()!r}")
