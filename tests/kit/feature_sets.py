"""A feature set that is not ours, for tests."""

from typing import Any

import numpy as np

from models.data.features.feature_set import FeatureSet
from shared.contract import Float64
from shared.features import Feature


def ages(block: Float64) -> Float64:
    """(..., L, 5) to (..., 8): the log returns to the newest close from one to eight bars ago."""
    close = block[..., 3]
    return np.log(close[..., -1:] / close[..., -9:-1])


def a_set(**changes: Any) -> FeatureSet:
    """A valid set of a look-back of nine bars; a test names only the fields it is about."""
    features = tuple(
        Feature(name=f"since_{i}", label=f"since {i}", unit="log return", formula=f"since {i} bars")
        for i in range(8, 0, -1)
    )
    fields: dict[str, Any] = {"name": "ages", "features": features, "lookback": 9, "newest": ages}
    return FeatureSet(**(fields | changes))
