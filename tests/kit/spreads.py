"""Distributions of confidences, for tests."""

import numpy as np

from shared.confidences import LEVELS, BuyPoint, ConfidenceSpread


def a_spread(
    least: float, most: float, *, base_rate: float = 0.33, buy_from: float = 0.9
) -> ConfidenceSpread:
    """Confidences that are spread evenly between two."""
    point = BuyPoint(strength=buy_from, buys=50, hits=25, chosen_buys=60, chosen_hits=33)
    return ConfidenceSpread(
        windows=1_000,
        base_rate=base_rate,
        quantiles=tuple(np.interp(LEVELS, (0, 1), (least, most)).tolist()),
        points=(point,),
        buy_from=buy_from,
    )
