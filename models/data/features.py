"""Bars to features: one function serves training (a whole history) and serving (the newest bar).

The formulas and units are those of `shared.contract.FEATURES`. Means run over exactly their window,
never over cumulative sums, so that nothing a bar leaves behind can reach a later one.
"""

from typing import Final

import numpy as np

from shared.contract import FEATURES, LOOKBACK, Float64

_VOLUME_LIMIT: Final = 4.0
_SHORT: Final = 5
_RETURNS: Final = 10


def features(block: Float64) -> Float64:
    """Return the features of the newest bar of each block.

    Args:
        block: (..., 20, 5) float64, `LOOKBACK` consecutive accepted bars of one series, oldest
            first: open, high, low, close in currency, volume in units.

    Returns:
        (..., 8) float64 in the order and units of `FEATURES`; finite for bars that
        `models.data.bars.judge` accepts.
    """
    close, volume = block[..., 3], block[..., 4]  # (..., 20)
    newest, previous = block[..., -1, :], close[..., -2:-1]  # (..., 5), (..., 1)
    returns = np.log(close[..., -_RETURNS:] / close[..., -_RETURNS - 1 : -1])  # (..., 10)
    columns = [
        np.log(newest[..., :4] / previous),  # open gap, high, low, return
        _relative_volume(volume)[..., None],
        newest[..., 3:4] / close[..., -_SHORT:].mean(axis=-1, keepdims=True) - 1,
        newest[..., 3:4] / close.mean(axis=-1, keepdims=True) - 1,
        returns.std(axis=-1, keepdims=True),
    ]
    return np.concatenate(columns, axis=-1)


def feature_history(ohlcv: Float64) -> Float64:
    """Return the features of every bar of a series that has `LOOKBACK` bars to look back on.

    Args:
        ohlcv: (n, 5) float64, all accepted bars of one series, oldest first.

    Returns:
        (max(n - 19, 0), 8) float64; row i belongs to bar i + 19.
    """
    if len(ohlcv) < LOOKBACK:
        return np.empty((0, len(FEATURES)))
    blocks = np.lib.stride_tricks.sliding_window_view(ohlcv, LOOKBACK, axis=0)  # (n - 19, 5, 20)
    return features(blocks.transpose(0, 2, 1))


def _relative_volume(volume: Float64) -> Float64:
    # (..., 20) -> (...); a share of 0 has the logarithm -inf, which the limit makes -4.
    mean = volume.mean(axis=-1)
    share = volume[..., -1] / np.where(mean > 0, mean, 1.0)
    with np.errstate(divide="ignore"):
        logarithm = np.log(share).clip(-_VOLUME_LIMIT, _VOLUME_LIMIT)
    return np.where(mean > 0, logarithm, 0.0)
