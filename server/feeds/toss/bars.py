"""From the candles of Toss to bars: minutes are stamped by their end, days by their midnight."""

from collections.abc import Sequence

import numpy as np

from models.data.times import to_ms
from server.feeds.toss.answers import TossCandle
from shared.contract import Float64, Int64


def minute_bars(candles: Sequence[TossCandle]) -> tuple[Int64, Float64]:
    """Return bars in time order: (n,) int64 ends, ms since 1970 UTC, and (n, 5) float64.

    Minutes without a trade are left out: the vendor fills those before the closing auction with
    bars of no volume.

    Args:
        candles: In any order.
    """
    stamps, ohlcv = day_bars(candles)
    traded = ohlcv[:, 4] > 0
    return stamps[traded], ohlcv[traded]


def day_bars(candles: Sequence[TossCandle]) -> tuple[Int64, Float64]:
    """Return bars in time order: (n,) int64 stamps, ms since 1970 UTC, and (n, 5) float64.

    Args:
        candles: In any order; the vendor repeats the last one of a page on the next.
    """
    stamps = np.array([to_ms(c.timestamp) for c in candles], np.int64)
    ohlcv = np.array([_ohlcv(c) for c in candles], np.float64).reshape(-1, 5)
    stamps, first = np.unique(stamps, return_index=True)
    return stamps, ohlcv[first]


def _ohlcv(candle: TossCandle) -> tuple[float, float, float, float, float]:
    return (
        float(candle.open_price),
        float(candle.high_price),
        float(candle.low_price),
        float(candle.close_price),
        float(candle.volume),
    )
