"""Columns of many bars at once, and what runs along them."""

import numpy as np

from shared.contract import Bool, Float64, Int64


def columns_of(ohlcv: Float64) -> Float64:
    """Return (5, ...) float64 columns of (..., 5) bars, each in one piece.

    numpy goes through those five times as fast as it folds a short last axis.
    """
    return np.ascontiguousarray(np.moveaxis(ohlcv, -1, 0))


def price_range(columns: Float64) -> tuple[Float64, Float64]:
    """Return (...) float64, the greatest and the least price of each bar of (5, ...) columns."""
    opened, high, low, close = columns[:4]
    return (
        np.maximum(np.maximum(opened, close), np.maximum(high, low)),
        np.minimum(np.minimum(opened, close), np.minimum(high, low)),
    )


def newest_before(times: Int64, past_ms: Int64) -> Int64:
    """Return (n, t) int64, the newest time before each bar; bars that come late cannot raise it.

    Args:
        times: (n, t) int64.
        past_ms: (n,) int64, the newest time before the first bar of each ticker.
    """
    steps = np.concatenate([past_ms[:, None], times], axis=1)
    newest: Int64 = np.maximum.accumulate(steps, axis=1)[:, :-1]
    return newest


def last_closes(close: Float64, accepted: Bool, past_close: Float64) -> Float64:
    """Return (n, t) float64, the close of the last accepted bar before each bar.

    Args:
        close: (n, t) float64.
        accepted: (n, t) bool.
        past_close: (n,) float64, that before the first bar of each ticker.
    """
    closes = np.concatenate([past_close[:, None], close], axis=1)
    if accepted.all():
        return closes[:, :-1]
    steps = np.arange(1, closes.shape[1])
    newest = newest_before(np.where(accepted, steps, 0), np.zeros(len(closes), dtype=np.int64))
    return np.take_along_axis(closes, newest, axis=1)
