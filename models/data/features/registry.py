"""The feature sets by the name that a card carries: ours, and those of installed packages.

A set of another package is tried on made bars before it is believed, and whatever it does wrong
later is a sentence that names it.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from models.data.features.feature_set import FeatureSet, Newest, fits_window
from models.data.features.price_volume import PRICE_VOLUME
from shared import plugins
from shared.contract import WINDOW_SHAPE, Float64
from shared.errors import PluginError

DEFAULT: Final = PRICE_VOLUME.name

_GROUP: Final = "tickerlens.features"
_OURS: Final = {PRICE_VOLUME.name: PRICE_VOLUME}
_TRIED_ROWS: Final = 10  # that a set makes of the made bars, two of them of quiet ones
_ROUNDED: Final = 1e-6


def names() -> tuple[str, ...]:
    """Return the names of all sets, without loading those of other packages."""
    return (*_OURS, *plugins.names_beside(_GROUP, _OURS))


def feature_set(name: str) -> FeatureSet:
    """Return the set of that name.

    Raises:
        PluginError: It is none of ours, and no package offers it, or what one offers does not do
            what a set must.
    """
    if name in _OURS:
        return _OURS[name]
    return _checked(name, plugins.load(_GROUP, name, FeatureSet))


def _checked(name: str, offered: FeatureSet) -> FeatureSet:
    if offered.name != name:
        raise PluginError(f"the plug-in {name!r} ({_GROUP}) calls itself {offered.name!r}")
    made = replace(offered, newest=_guarded(name, offered.newest))
    if offered.whole is not None:
        made = replace(made, whole=_guarded(name, offered.whole))
    _try(made)
    return made


def _guarded(name: str, function: Newest) -> Newest:
    # The same on bars that it cannot change, and with its failures told by its name.
    def guarded(bars: Float64) -> Float64:
        shown = bars.view()
        shown.flags.writeable = False
        with plugins.guarded(_GROUP, name):
            rows = np.asarray(function(shown), np.float64)
        if rows.shape[-1:] != WINDOW_SHAPE[1:]:
            wanted = f"the plug-in {name!r} ({_GROUP}) must give {WINDOW_SHAPE[1]} numbers a bar"
            raise PluginError(f"{wanted}, was {rows.shape}")
        return rows

    return guarded


def _try(made: FeatureSet) -> None:
    told = f"the plug-in {made.name!r} ({_GROUP})"
    ohlcv = _made_bars(made.lookback + _TRIED_ROWS - 1)
    alone = [made.newest(ohlcv[i : i + made.lookback]) for i in range(_TRIED_ROWS)]
    if {row.shape for row in alone} != {WINDOW_SHAPE[1:]}:
        raise PluginError(f"{told} must give {WINDOW_SHAPE[1]} numbers a bar")
    if not fits_window(np.array(alone)).all():
        raise PluginError(f"{told} must give finite numbers for every bar")
    batch = made.history(ohlcv)
    if len(batch) != _TRIED_ROWS or np.abs(batch - alone).max() > _ROUNDED:
        raise PluginError(f"{told} says something else of a history than of its bars one by one")


def _made_bars(count: int) -> Float64:
    # (count, 5): a walk in which every fifth bar has no range and no volume, as quiet bars do.
    random = np.random.default_rng(0)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.02, count)))
    wick = close[:, None] * np.exp(random.normal(0, 0.01, (count, 3)))
    prices = np.column_stack([wick[:, 0], wick.max(axis=1), wick.min(axis=1), close])
    prices[:, 1] = prices.max(axis=1)
    prices[:, 2] = prices.min(axis=1)
    volume = random.integers(1, 1000, count).astype(np.float64)
    quiet = np.arange(count) % 5 == 0
    prices[quiet], volume[quiet] = close[quiet, None], 0
    return np.column_stack([prices, volume])
