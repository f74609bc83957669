"""Resamples of days that keep days in a row together, because regimes last for weeks.

Politis and Romano, "The stationary bootstrap", Journal of the American Statistical Association 89
(1994): blocks of days in a row, whose lengths are geometric, begin anywhere and go on from the last
day at the first. Their mean length follows Politis and White, "Automatic block-length selection for
the dependent bootstrap", Econometric Reviews 23 (2004), corrected by Patton, Politis and White, 28
(2009). Both as `arch` has them.
"""

from typing import Final

import numpy as np
from arch.bootstrap import StationaryBootstrap, optimal_block_length

from shared.contract import Float64

# Of fewer days no memory can be told from chance, and below 10 the rule of 2004 has not even its
# lags; they are drawn one by one.
_LEAST_TO_TELL: Final = 30
_LEAST_BLOCKS: Final = 5  # in a resample, on average, or it would be the days themselves again
_VARIES: Final = 1e-12


def mean_length(daily: Float64) -> int:
    """Return the mean length of blocks, that several daily series ask for on average.

    All figures share their resamples, so that differences are paired. A block that is longer than
    the memory of a figure costs it accuracy, and may make its interval too narrow, so the longest
    of many uncertain lengths must not decide for all.

    Args:
        daily: (days, k) float64, in the order of time, what is measured of each day.
    """
    count = len(daily)
    varying = daily[:, np.ptp(daily, axis=0) > _VARIES]
    if count < _LEAST_TO_TELL or varying.shape[1] == 0:
        return 1
    # A series may repeat itself so that a variance is 0; what comes of that is no length.
    with np.errstate(divide="ignore", invalid="ignore"):
        lengths = optimal_block_length(varying)["stationary"].to_numpy(np.float64)
    told = lengths[np.isfinite(lengths)].clip(1, count / _LEAST_BLOCKS)
    return round(float(told.mean())) if len(told) else 1


def drawn(count: int, length: int, resamples: int, seed: int) -> Float64:
    """Return (resamples, count) float64, how often each resample holds each day.

    Args:
        count: Days, which each resample has as many of.
        length: Mean length of a block of days in a row.
        resamples: How many.
        seed: The same gives the same.
    """
    if length == 1:  # blocks of one day are the plain bootstrap, and one draw of all is enough
        random = np.random.default_rng(seed)
        return random.multinomial(count, np.full(count, 1 / count), resamples).astype(np.float64)
    blocks = StationaryBootstrap(length, np.arange(count), seed=seed)
    times = [np.bincount(days, minlength=count) for (days,), _ in blocks.bootstrap(resamples)]
    return np.array(times, np.float64)
