"""The set of our own bundles: the newest bar, its volume, two means and the volatility.

Every feature is a ratio or the logarithm of one, so that a 500-won and a 500,000-won stock look
alike. The formulas and units stand with the names.
"""

from typing import Final

import numpy as np

from models.data.features.feature_set import FeatureSet
from models.data.volatility import CLOSES, volatility
from shared.contract import FEATURES, LOOKBACK, Float64

_VOLUME_LIMIT: Final = 4.0
_SHORT: Final = 5


def _newest(block: Float64) -> Float64:
    # (..., 20, 5) -> (..., 8)
    close, volume = block[..., 3], block[..., 4]  # (..., 20)
    newest, previous = block[..., -1, :], close[..., -2:-1]  # (..., 5), (..., 1)
    columns = [
        np.log(newest[..., :4] / previous),  # open gap, high, low, return
        _relative_volume(volume)[..., None],
        newest[..., 3:4] / close[..., -_SHORT:].mean(axis=-1, keepdims=True) - 1,
        newest[..., 3:4] / close.mean(axis=-1, keepdims=True) - 1,
        volatility(close[..., -CLOSES:])[..., None],
    ]
    return np.concatenate(columns, axis=-1)


def _relative_volume(volume: Float64) -> Float64:
    # (..., 20) -> (...); a share of 0 has the logarithm -inf, which the limit makes -4.
    mean = volume.mean(axis=-1)
    share = volume[..., -1] / np.where(mean > 0, mean, 1.0)
    with np.errstate(divide="ignore"):
        logarithm = np.log(share).clip(-_VOLUME_LIMIT, _VOLUME_LIMIT)
    return np.where(mean > 0, logarithm, 0.0)


PRICE_VOLUME: Final = FeatureSet(
    name="price_volume", features=FEATURES, lookback=LOOKBACK, newest=_newest
)
