"""How far a ticker moved of late: what labels, reports and the feature of that name measure by.

It is taken from bars, so that a label in units of it needs no feature set that holds it.
"""

from typing import Final

import numpy as np

from shared.contract import Float64

RETURNS: Final = 10
CLOSES: Final = RETURNS + 1


def volatility(close: Float64) -> Float64:
    """Return the standard deviation (n denominator) of ten log returns.

    Args:
        close: (..., 11) float64, consecutive closes of one series in currency, oldest first.

    Returns:
        (...,) float64, of one bar.
    """
    deviation: Float64 = np.log(close[..., 1:] / close[..., :-1]).std(axis=-1)
    return deviation
