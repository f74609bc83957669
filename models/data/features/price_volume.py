"""The set of our own bundles: the newest bar, its volume, two means and the volatility.

Every feature is a ratio or the logarithm of one, so that a 500-won and a 500,000-won stock look
alike. The formulas and units stand with the names.
"""

from typing import Final

import numpy as np

from models.data.features.feature_set import FeatureSet
from models.data.volatility import CLOSES, volatility
from shared.contract import Float64
from shared.features import Feature, Reading

_LOOKBACK: Final = 20
_SHORT: Final = 5
_VOLUME_LIMIT: Final = 4.0

_PREVIOUS: Final = "the previous close"
# t is the bar itself, and nothing after t is used.
_FEATURES: Final = (
    Feature(
        name="open_gap",
        label="open gap",
        unit="log return",
        formula="ln(open[t] / close[t-1])",
        reading=Reading(form="log_share", subject="open", reference=_PREVIOUS),
    ),
    Feature(
        name="high",
        label="high",
        unit="log return",
        formula="ln(high[t] / close[t-1])",
        reading=Reading(form="log_share", subject="high", reference=_PREVIOUS),
    ),
    Feature(
        name="low",
        label="low",
        unit="log return",
        formula="ln(low[t] / close[t-1])",
        reading=Reading(form="log_share", subject="low", reference=_PREVIOUS),
    ),
    Feature(
        name="return",
        label="return",
        unit="log return",
        formula="ln(close[t] / close[t-1])",
        reading=Reading(form="log_share", subject="close", reference=_PREVIOUS),
    ),
    Feature(
        name="volume",
        label="volume",
        unit="log ratio, within -4 and 4",
        formula="ln(volume[t] / mean(volume[t-19..t])); -4 where volume[t] is 0, 0 where all are 0",
        reading=Reading(form="log_times", reference="its 20-bar mean", least=-_VOLUME_LIMIT),
    ),
    Feature(
        name="vs_ma5",
        label="vs MA5",
        unit="ratio",
        formula="close[t] / mean(close[t-4..t]) - 1",
        reading=Reading(form="share", subject="close", reference="its 5-bar mean"),
    ),
    Feature(
        name="vs_ma20",
        label="vs MA20",
        unit="ratio",
        formula="close[t] / mean(close[t-19..t]) - 1",
        reading=Reading(form="share", subject="close", reference="its 20-bar mean"),
    ),
    Feature(
        name="volatility",
        label="volatility",
        unit="log return, standard deviation (n denominator)",
        formula="std(return[t-9..t])",
        reading=Reading(form="level", reference="a bar"),
    ),
)


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
    name="price_volume", features=_FEATURES, lookback=_LOOKBACK, newest=_newest
)
